begin;
create extension if not exists pgtap with schema extensions;
select plan(22);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(1), pg_temp.id(1), 'r');

-- Two leases of the same row: the first worker was too slow.
create temp table slow as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
update backfill_queue set lease_expires_at = now() - interval '1 second';
create temp table quick as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
select isnt((select token from slow), (select token from quick), 'a row that is claimed again has a fresh token');
create temp table before as select b.*::text as row from backfill_queue b;

create function pg_temp.item(p_token text, p_outcome text) returns jsonb language sql as $$
  select jsonb_build_array(jsonb_build_object('id', pg_temp.id(1), 'lease_token', p_token, 'outcome', p_outcome))
$$;
select is(settle_queue('backfill_queue', pg_temp.item((select token from slow), 'ok')) -> 0 -> 'status', 'null', 'a worker that lost its lease cannot complete');
select is(settle_queue('backfill_queue', pg_temp.item((select token from slow), 'timeout')) -> 0 -> 'status', 'null', 'nor fail');
select is(release_queue('backfill_queue', pg_temp.item((select token from slow), null)), 0, 'nor hand back');
select is(heartbeat_queue('backfill_queue', array[(select token::uuid from slow)]), 0, 'nor stay');
create function pg_temp.apply(p_queue text, p_token text) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'outcome', 'ok', 'source_url', 'https://a.example/1', 'method', 's',
    'extraction_hash', 'h', 'images', '["https://i.example/1.jpg"]'::jsonb, 'steps', '[{"step_name": "extract_data", "status": "success"}]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb,
    'request', jsonb_build_object('queue', p_queue, 'id', pg_temp.id(1), 'lease_token', p_token)))) -> 0
$$;
select is(pg_temp.apply('backfill_queue', (select token from slow)) ->> 'status', 'stale_lease', 'nor write a fact');
select results_eq('select b.*::text from backfill_queue b', 'select row from before', 'the row is untouched');
select is((select make from vehicles), null, 'and the vehicle');
select is((select count(*) from extraction_metadata) + (select count(*) from image_downloads) + (select count(*) from scrape_steps), 0::bigint, 'and all that hangs on it');

-- The one that holds it can.
select is(heartbeat_queue('backfill_queue', array[(select token::uuid from quick)]), 1, 'the holder can extend its lease');
select is(pg_temp.apply('backfill_queue', (select token from quick)) ->> 'state', 'completed', 'and write, which settles the row');
select is((select make from vehicles), 'BMW', 'in the same transaction');
select is(pg_temp.apply('backfill_queue', (select token from quick)) ->> 'status', 'stale_lease', 'once: the same batch sent again writes nothing twice');
select is((select count(*) from scrape_steps), 1::bigint, 'not even a step');

-- The same for a vehicle's own lease.
create temp table slow_pass as select c ->> 'lease_token' as token from jsonb_array_elements(claim_micro_scrape(1, array[pg_temp.id(1)])) c;
update micro_scrape_state set lease_expires_at = now() - interval '1 second';
create temp table quick_pass as select c ->> 'lease_token' as token from jsonb_array_elements(claim_micro_scrape(1, array[pg_temp.id(1)])) c;
create temp table state_before as select s.*::text as row from micro_scrape_state s;
select is(pg_temp.apply('micro_scrape_state', (select token from slow_pass)) ->> 'status', 'stale_lease', 'a slow pass over a vehicle writes nothing');
select is(release_micro_scrape(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'lease_token', (select token from slow_pass)))), 0, 'hands back nothing');
select is(heartbeat_micro_scrape(array[(select token::uuid from slow_pass)]), 0, 'extends nothing');
select results_eq('select s.*::text from micro_scrape_state s', 'select row from state_before', 'and leaves the state as it is');
update private.leased_tables set lease = '1 minute' where table_name = 'micro_scrape_state';
select is(heartbeat_micro_scrape(array[(select token::uuid from quick_pass)]), 1, 'the holder can stay');
select is((select lease_expires_at from micro_scrape_state), now() + interval '1 minute', 'for as long as its table says');
select is(pg_temp.apply('micro_scrape_state', (select token from quick_pass)) ->> 'status', 'applied', 'and write');
select is(pg_temp.apply('micro_scrape_state', (select token from quick_pass)) ->> 'status', 'stale_lease', 'once');

select * from finish();
rollback;
