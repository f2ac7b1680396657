begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://a.example/' || n from generate_series(1, 4) n;
create temp table c as select c ->> 'lease_token' as token, c ->> 'vehicle_id' as id from jsonb_array_elements(claim_micro_scrape(1)) c;
create temp table f as select apply_extractions(jsonb_build_array(jsonb_build_object(
  'vehicle_id', id, 'outcome', 'ok', 'source_url', 'https://a.example/1', 'facts', '{"year": {"value": 1492, "confidence": 1}}'::jsonb,
  'request', jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', token)))) -> 0 as r from c;

select is((select r ->> 'state' from f), 'waiting', 'a vehicle whose reading cannot be written waits for its next pass');
select results_eq('select state, failures::integer, lease_token, due_at > now() from micro_scrape_state where vehicle_id = (select id::uuid from c)',
  $$values ('waiting', 1, null::uuid, true)$$, 'a reading that cannot be written counts as a failure, and its lease is given back');
select matches((select last_error from micro_scrape_state where vehicle_id = (select id::uuid from c)), 'year', 'a reading that cannot be written leaves its reason in last_error');

select * from finish();
rollback;
