begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.apply(p_queue text, p_token text) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'outcome', 'ok', 'source_url', 'https://a.example/1', 'method', 's',
    'extraction_hash', 'h', 'images', '["https://i.example/1.jpg"]'::jsonb, 'steps', '["extract_data"]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb,
    'request', jsonb_build_object('queue', p_queue, 'id', pg_temp.id(1), 'lease_token', p_token)))) -> 0
$$;
create temp table slow_pass as select c ->> 'lease_token' as token from jsonb_array_elements(claim_micro_scrape(1, array[pg_temp.id(1)])) c;
update micro_scrape_state set lease_expires_at = now() - interval '1 second';
create temp table quick_pass as select c ->> 'lease_token' as token from jsonb_array_elements(claim_micro_scrape(1, array[pg_temp.id(1)])) c;
create temp table state_before as select s.*::text as row from micro_scrape_state s;

select is(pg_temp.apply('micro_scrape_state', (select token from slow_pass)) ->> 'outcome', 'stale_lease', 'a pass that lost its lease is told stale_lease when it writes');
select is(release_micro_scrape(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'lease_token', (select token from slow_pass)))), 0, 'a pass that lost its lease cannot hand its vehicle back');
select is(heartbeat_micro_scrape(array[(select token::uuid from slow_pass)]), 0, 'a pass that lost its lease cannot extend it');
select results_eq('select s.*::text from micro_scrape_state s', 'select row from state_before', 'a pass that lost its lease leaves the vehicle''s state as it was');
update private.leased_tables set lease = '1 minute' where table_name = 'micro_scrape_state';
select is(heartbeat_micro_scrape(array[(select token::uuid from quick_pass)]), 1, 'the pass that holds a lease can extend it');
select is((select lease_expires_at from micro_scrape_state), now() + interval '1 minute', 'a lease is extended for as long as its table says');
select is(pg_temp.apply('micro_scrape_state', (select token from quick_pass)) ->> 'outcome', 'ok', 'a reading by the pass that holds the lease is applied');
select is(pg_temp.apply('micro_scrape_state', (select token from quick_pass)) ->> 'outcome', 'stale_lease', 'a reading that a pass sends a second time is told stale_lease');

select * from finish();
rollback;
