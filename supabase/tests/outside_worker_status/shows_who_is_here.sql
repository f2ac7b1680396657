begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

delete from outside_workers;
insert into outside_workers (id, name, functions, places, seen_at) values
  (gen_random_uuid(), 'killed', '{backfill-images}', 4, now() - interval '2 minutes'),
  (gen_random_uuid(), 'pod-1', '{backfill-images}', 8, now() - interval '20 seconds');
select results_eq(
  'select name, state, places, why is null from outside_worker_status',
  $$values ('pod-1', 'here', 8, true), ('killed', 'gone', 4, false)$$,
  'who was seen within a minute is here; who was not stands last, with why');

update outside_workers set seen_at = now() - interval '25 hours' where name = 'killed';
select private.prune_history();
select results_eq('select name from outside_workers', $$values ('pod-1')$$, 'who is gone for a day is forgotten');

select * from finish();
rollback;
