begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(1);
insert into vehicle_listings (vehicle_id, listing_url, kind, status) values
  (pg_temp.id(1), 'https://busy.example/1', 'dealer', 'for_sale'), (pg_temp.id(1), 'https://busy.example/2', 'dealer', 'for_sale'), (pg_temp.id(1), 'https://quiet.example/1', 'dealer', 'for_sale'),
  (pg_temp.id(1), 'https://quiet.example/2', 'dealer', 'for_sale');
update listing_checks set requeue_at = now() - case right(listing_url, 1) when '1' then interval '10 minutes' else interval '3 days' end;
update listing_checks set requeue_at = now() + interval '1 hour' where listing_url = 'https://quiet.example/2';
insert into import_queue (listing_url) values ('https://www.busy.example/new');
delete from worker_invocations;

select is(private.promote_due_listing_checks(100), 2, 'what is due becomes due, but for a host with new listings');
select results_eq('select listing_url, status, next_attempt_at from listing_checks order by listing_url', $$values
  ('https://busy.example/1', 'pending', now() + interval '30 minutes'), ('https://busy.example/2', 'pending', null), ('https://quiet.example/1', 'pending', null), ('https://quiet.example/2', 'complete', null)$$,
  'its looks wait half an hour; not those that are two days late');
select is_empty('select * from worker_invocations', 'a promotion invokes no worker: who promotes claims, or does so');
select results_eq($$select r ->> 'listing_url' from jsonb_array_elements(claim_queue('listing_checks', 20)) r$$, $$values ('https://busy.example/2'), ('https://quiet.example/1')$$, 'what is due longest is claimed first');
update listing_checks set next_attempt_at = now() - interval '1 second', requeue_at = now() - interval '6 hours' where listing_url = 'https://busy.example/1';
select is(private.promote_due_listing_checks(100), 0, 'while the host has new listings it waits on');
select is((select next_attempt_at from listing_checks where listing_url = 'https://busy.example/1'), now() + interval '6 hours', 'for twice as long as it has');
update listing_checks set next_attempt_at = now() - interval '1 second', requeue_at = now() - interval '40 hours' where listing_url = 'https://busy.example/1';
select private.promote_due_listing_checks(100);
select is((select next_attempt_at from listing_checks where listing_url = 'https://busy.example/1'), now() + interval '8 hours', 'until it is two days late');
update import_queue set status = 'complete';
update listing_checks set next_attempt_at = now() - interval '1 second' where listing_url = 'https://busy.example/1';
select is(private.promote_due_listing_checks(100), 1, 'when nothing is new there it is due');
update listing_checks set status = 'pending' where listing_url = 'https://quiet.example/2';
select is((select count(*) from worker_invocations where function_name = 'check-listings'), 1::bigint, 'what a person makes due invokes the worker');

delete from listing_checks where listing_url <> 'https://quiet.example/2';
update listing_checks set requeue_at = now() - interval '1 minute', created_at = now() - interval '9 days';
select results_eq($$select state, since from pipeline_status where part = 'listing_checks'$$, $$values ('working', now() - interval '1 minute')$$, 'a look that is due for a minute is not stuck, however long its row has been there');

select * from finish();
rollback;
