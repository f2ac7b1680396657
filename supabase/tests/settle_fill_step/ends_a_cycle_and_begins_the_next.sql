begin;
create extension if not exists pgtap with schema extensions;
select plan(10);
create function pg_temp.claim() returns jsonb language sql as $$select claim_fill_step('manual')$$;
set local vehicles.writer = 'import';
-- The cycle of the slot before, of which only the last step is left.
insert into fill_cycles (cycle_id, slot, target, started_at)
select private.fill_cycle_id(s), s, 2, s from (select private.fill_slot(now()) - interval '2 hours' as s) x;
insert into fill_cycle_steps (cycle_id, step, status, rounds, next_attempt_at)
select cycle_id, step, case when step = 'schedule_next' then 'pending' else 'complete' end, 1, slot + due_after from fill_cycles, private.fill_steps();
insert into vehicles (discovery_url, created_at, year, make, model, field_state)
select 'https://a.test/' || n, slot + n * interval '1 minute', 2004, 'Audi', 'A4',
  jsonb_build_object('year', jsonb_build_object('confidence', 0.9, 'method', m), 'make', '{"confidence": 0.9, "method": "a"}'::jsonb, 'model', '{"confidence": 0.9, "method": "a"}'::jsonb)
from fill_cycles, (values (1, 'a'), (2, 'a'), (3, 'manual')) v(n, m);
insert into vehicles (discovery_url, created_at) select 'https://a.test/empty', slot from fill_cycles;
insert into vehicles (discovery_url, created_at, year, make, model, field_state)
select 'https://a.test/late', slot + interval '2 hours', 2004, 'Audi', 'A4', '{"year": {"confidence": 0.9, "method": "a"}, "make": {"confidence": 0.9, "method": "a"}, "model": {"confidence": 0.9, "method": "a"}}' from fill_cycles;
insert into import_queue (listing_url, created_at) select 'https://a.test/q' || n, slot + n * interval '1 hour' from fill_cycles, generate_series(0, 2) n;

create temp table claimed as select pg_temp.claim() as c;
select is((select c ->> 'step' from claimed), 'schedule_next', 'the last step is worked by who comes');
create temp table settled as select settle_fill_step((select (c ->> 'lease_token')::uuid from claimed), '{}') as s;
select is((select s ->> 'next_cycle' from settled), private.fill_cycle_id(private.fill_slot(now())), 'it begins the next cycle');
select results_eq($$select status, vehicles_added, vehicles_queued, on_target from fill_cycles where triggered_by = 'manual'$$, $$values ('completed', 2, 2, true)$$, 'and ends its own: what landed in the slot, from a page, counts');
select is((select verdict from fill_cycles where triggered_by = 'manual'), null, 'on target there is no verdict');
select ok((select bool_and(status = 'complete') from fill_cycle_steps where cycle_id = private.fill_cycle_id(private.fill_slot(now()) - interval '2 hours')), 'all its steps are complete');
select results_eq($$select status, triggered_by from fill_cycles where slot = private.fill_slot(now())$$, $$values ('running', 'schedule_next')$$, 'the next one runs');

-- The same, and nobody comes: the watch closes it.
delete from fill_cycles where slot = private.fill_slot(now());
update fill_cycles set status = 'running', completed_at = null, on_target = null where triggered_by = 'manual';
update fill_cycle_steps set status = 'pending' where step = 'monitor_quality';
update fill_cycle_steps set status = 'processing', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '30 seconds' where step = 'discover_sources';
select private.watch_fill_cycle();
select results_eq($$select status, vehicles_added, on_target from fill_cycles where slot < private.fill_slot(now())$$, $$values ('completed', 2, true)$$, 'it is closed with what is known');
select results_eq($$select status from fill_cycle_steps where step = 'monitor_quality' order by created_at limit 1$$, $$values ('complete')$$, 'a step that was done before counts as done');
select is((select lease_token from fill_cycle_steps where step = 'discover_sources' and cycle_id = private.fill_cycle_id(private.fill_slot(now()) - interval '2 hours')), null, 'a worker that is still at a step has lost it');
select is((select count(*) from fill_cycles where status = 'running' and slot = private.fill_slot(now())), 1::bigint, 'and the next one begins');

select * from finish();
rollback;
