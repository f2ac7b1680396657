begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(1), pg_temp.id(1), 'r');

-- Two leases of the same row: the first worker was too slow.
create temp table slow as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
update backfill_queue set lease_expires_at = now() - interval '1 second';
create temp table quick as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;

select isnt((select token from slow), (select token from quick), 'a row that is claimed again has a new lease token');
create temp table before as select b.*::text as row from backfill_queue b;

create function pg_temp.item(p_token text, p_outcome text) returns jsonb language sql as $$
  select jsonb_build_array(jsonb_build_object('id', pg_temp.id(1), 'lease_token', p_token, 'outcome', p_outcome))
$$;
select is(settle_queue('backfill_queue', pg_temp.item((select token from slow), 'ok')) -> 0 -> 'status', 'null', 'a worker that lost its lease cannot complete the row');
select is(settle_queue('backfill_queue', pg_temp.item((select token from slow), 'timeout')) -> 0 -> 'status', 'null', 'a worker that lost its lease cannot fail the row');
select is(release_queue('backfill_queue', pg_temp.item((select token from slow), null)), 0, 'a worker that lost its lease cannot hand the row back');
select is(heartbeat_queue('backfill_queue', array[(select token::uuid from slow)]), 0, 'a worker that lost its lease cannot extend it');
create function pg_temp.apply(p_queue text, p_token text) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'outcome', 'ok', 'source_url', 'https://a.example/1', 'method', 's',
    'extraction_hash', 'h', 'images', '["https://i.example/1.jpg"]'::jsonb, 'steps', '["extract_data"]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb,
    'request', jsonb_build_object('queue', p_queue, 'id', pg_temp.id(1), 'lease_token', p_token)))) -> 0
$$;
select is(pg_temp.apply('backfill_queue', (select token from slow)) ->> 'outcome', 'stale_lease', 'a worker that lost its lease is told stale_lease when it writes');
select results_eq('select b.*::text from backfill_queue b', 'select row from before', 'a worker that lost its lease leaves the row as it was');
select is((select make from vehicles), null, 'a worker that lost its lease writes no fact');
select is((select count(*) from extraction_metadata) + (select count(*) from image_downloads) + (select count(*) from scrape_steps), 0::bigint, 'a worker that lost its lease writes no provenance, image or step');

-- The one that holds it can.
select is(heartbeat_queue('backfill_queue', array[(select token::uuid from quick)]), 1, 'the holder of a lease can extend it');
select is(pg_temp.apply('backfill_queue', (select token from quick)) ->> 'state', 'completed', 'a reading by the holder of a lease completes the row');
select is((select make from vehicles), 'BMW', 'a reading by the holder of a lease is written with the settling of the row');
select is(pg_temp.apply('backfill_queue', (select token from quick)) ->> 'outcome', 'stale_lease', 'a reading that the holder sends a second time is told stale_lease');
select is((select count(*) from scrape_steps), 1::bigint, 'a reading that the holder sends a second time leaves no second step');

select * from finish();
rollback;
