begin;
create extension if not exists pgtap with schema extensions;
select plan(24);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(1), pg_temp.id(1), 'r');
create function pg_temp.die() returns void language sql as $$
  update backfill_queue set lease_expires_at = now() - interval '1 second' where status = 'processing';
  update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';
$$;

-- A queue row.
select is(jsonb_array_length(claim_queue('backfill_queue', 1)), 1, 'a worker takes a row');
select is(jsonb_array_length(claim_queue('backfill_queue', 1)), 0, 'nobody else can');
select pg_temp.die();
select is((claim_queue('backfill_queue', 1) -> 0 ->> 'attempts')::integer, 2, 'a worker that died is replaced by the next claim; its attempt counts');
select pg_temp.die();
delete from worker_invocations;
select private.invoke_due_queues();
select results_eq('select status, attempts, outcome_code, lease_token, processed_at from backfill_queue',
  $$values ('pending', 2, 'timeout', null::uuid, null::timestamptz)$$, 'or by the watch of every 20 seconds');
select is((select count(*) from worker_invocations where function_name = 'process-backfill-queue'), 1::bigint, 'which is invoked');
select is((claim_queue('backfill_queue', 1) -> 0 ->> 'attempts')::integer, 3, 'the last attempt');
select pg_temp.die();
select is(claim_queue('backfill_queue', 1), '[]', 'a worker that dies at the last attempt leaves nothing to claim');
select results_eq('select status, attempts, outcome_code, error_message, lease_token, processed_at from backfill_queue',
  $$values ('failed', 3, 'timeout', 'the worker stopped without reporting', null::uuid, now())$$, 'the row is failed, and says why');
select is(redrive_queue('backfill_queue'), 1, 'and can be redriven');

-- A vehicle.
create function pg_temp.state() returns text language sql as $$
  select concat_ws(' ', state, failures, coalesce(lease_token::text, 'free'), due_at > now()) from micro_scrape_state
$$;
select is(jsonb_array_length(claim_micro_scrape(1)), 1, 'a run takes a vehicle');
select pg_temp.die();
select is(jsonb_array_length(preview_micro_scrape(1)), 1, 'when it died the next run will take it');
select is(jsonb_array_length(claim_micro_scrape(1)), 1, 'and does, at once');
select pg_temp.die();
select private.invoke_micro_scrape();
select is(pg_temp.state(), 'waiting 2 free t', 'the second time it waits a little, so that its neighbours get away from it');
select is(claim_micro_scrape(1), '[]', 'and is left alone');
do $$
begin
  for n in 3 .. 5 loop
    update micro_scrape_state set due_at = now();
    perform claim_micro_scrape(1);
    perform pg_temp.die();
    perform private.rescue_micro_scrape_state(10);
  end loop;
end
$$;
select is(pg_temp.state(), 'failed 5 free t', 'a page that killed five workers is failed');
select results_eq('select last_outcome, last_error from micro_scrape_state', $$values ('timeout', 'the worker stopped without reporting')$$, 'and says why');
select is((select why from vehicles_not_improving), 'the worker stopped without reporting', 'in the view too');
select is(reopen_micro_scrape(array[pg_temp.id(1)]), 1, 'a person can reopen it');
select is(pg_temp.state(), 'due 0 free f', 'as if nothing had been');
select claim_micro_scrape(1);
update vehicles set year = 1990, make = 'BMW', model = 'M3', vin = 'WBSBA91070AE84214', sale_price = 1, description = 'd', mileage = 1, color = 'c', engine = 'e', transmission = 't';
select is((select state from micro_scrape_state), 'leased', 'a vehicle that a person completes while a run holds it stays the run''s');
select pg_temp.die();
select private.rescue_micro_scrape_state(10);
select is((select state from micro_scrape_state), 'complete', 'and is complete when the run dies');

-- Runs whose worker died.
insert into micro_scrape_runs (id, started_at) values (pg_temp.id(1), now() - interval '6 minutes'), (pg_temp.id(2), now() - interval '4 minutes');
insert into micro_scrape_runs (id, started_at, completed_at, status) values (pg_temp.id(3), now() - interval '91 days', now() - interval '91 days', 'completed');
select private.invoke_micro_scrape();
select results_eq('select right(id::text, 1), status, completed_at, runtime_ms from micro_scrape_runs order by id',
  $$values ('1', 'timed_out', now(), 360000), ('2', 'running', null::timestamptz, null::integer)$$, 'a run of five minutes is over; runs are kept 90 days');
select throws_ok($$update micro_scrape_runs set status = 'completed'$$, '23514', null, 'a run ends at a time');
select throws_ok($$insert into micro_scrape_runs (actions_executed, actions_succeeded, actions_failed) values (2, 2, 1)$$, '23514', null, 'and no more actions end than began');

select * from finish();
rollback;
