begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(1), pg_temp.id(1), 'r');
create function pg_temp.die() returns void language sql as $$
  update backfill_queue set lease_expires_at = now() - interval '1 second' where status = 'processing';
  update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';
$$;

-- A queue row.
select is(jsonb_array_length(claim_queue('backfill_queue', 1)), 1, 'a worker claims the one due row of a queue');
select is(jsonb_array_length(claim_queue('backfill_queue', 1)), 0, 'a row that is leased is claimed by nobody else');
select pg_temp.die();
select is((claim_queue('backfill_queue', 1) -> 0 ->> 'attempts')::integer, 2, 'a row whose lease has run out is claimed again, and the dead worker''s attempt counts');
select pg_temp.die();
delete from worker_invocations;
select private.invoke_due_queues();
select results_eq('select status, attempts, outcome_code, lease_token, processed_at from backfill_queue',
  $$values ('pending', 2, 'timeout', null::uuid, null::timestamptz)$$, 'invoke_due_queues() puts the row of a dead worker back to pending');
select is((select count(*) from worker_invocations where function_name = 'process-backfill-queue'), 1::bigint, 'invoke_due_queues() invokes the worker of a queue whose dead worker left a row');
select is((claim_queue('backfill_queue', 1) -> 0 ->> 'attempts')::integer, 3, 'the row of a worker that died again is claimed for its last attempt');
select pg_temp.die();
select is(claim_queue('backfill_queue', 1), '[]', 'a row whose worker died at the last attempt is not claimed any more');
select results_eq('select status, attempts, outcome_code, error_message, lease_token, processed_at from backfill_queue',
  $$values ('failed', 3, 'timeout', 'the worker stopped without reporting', null::uuid, now())$$, 'a row whose worker died at the last attempt is failed, and says that the worker stopped');
select is(redrive_queue('backfill_queue'), 1, 'a row that failed because its workers died can be redriven');

select * from finish();
rollback;
