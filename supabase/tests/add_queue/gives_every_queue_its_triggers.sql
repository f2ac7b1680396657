begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

select is_empty($$
  select q.table_name from private.queues q
  where not exists (select from pg_trigger t where t.tgrelid = ('public.' || q.table_name)::regclass and t.tgname = 'invoke_worker' and t.tgenabled = 'O')
    or not exists (select from pg_trigger t where t.tgrelid = ('public.' || q.table_name)::regclass and t.tgname = 'reset_row_put_back_to_pending' and t.tgenabled = 'O')$$,
  'every queue has the trigger that invokes its worker and the one that resets what is put back');

select * from finish();
rollback;
