-- A vehicle on another listing, and the workers that read the one it leaves.
begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into vehicles (discovery_url) values ('https://cars.example/2');
update micro_scrape_state set state = 'exhausted', no_gain_passes = 6, failures = 2 where vehicle_id = (select id from vehicles where discovery_url = 'https://cars.example/2');
update vehicles set listing_ended_at = now() where discovery_url = 'https://cars.example/2';
update vehicles set discovery_url = 'https://www.cars.example/2/' where discovery_url = 'https://cars.example/2';

select is((select state from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where discovery_url = 'https://www.cars.example/2/'), 'exhausted',
  'another spelling of its listing leaves a resting vehicle at rest');
update vehicles set discovery_url = 'https://cars.example/3' where discovery_url = 'https://www.cars.example/2/';
select results_eq($$select s.state, s.no_gain_passes::integer, s.failures::integer, v.listing_ended_at from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where discovery_url = 'https://cars.example/3'$$,
  $$values ('due', 0, 0, null::timestamptz)$$, 'a vehicle that moves to another listing is due, with nothing counted and not ended');

-- Workers that read the listing which it leaves.
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000002', 'https://bringatrailer.com/listing/left');
insert into scrape_retry_queue (vehicle_id, step_name) values ('00000000-0000-4000-8000-000000000002', 'extract_vin');
create temp table taken as select c from jsonb_array_elements(claim_queue('bat_extraction_queue', 1, array['00000000-0000-4000-8000-000000000002']::uuid[])) c;
update scrape_retry_queue set status = 'processing', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '30 seconds', retry_count = 1;
update vehicles set discovery_url = 'https://bringatrailer.com/listing/new' where id = '00000000-0000-4000-8000-000000000002';
select results_eq($$select status, bat_url, attempts, lease_token from bat_extraction_queue where vehicle_id = '00000000-0000-4000-8000-000000000002'$$,
  $$values ('pending', 'https://bringatrailer.com/listing/new', 0, null::uuid)$$, 'a vehicle that moves has its row in bat_extraction_queue put back to pending for the new listing');
select results_eq('select status, lease_token from scrape_retry_queue', $$values ('pending', null::uuid)$$, 'a vehicle that moves has its leased retry put back to pending');
create temp table told as select apply_extractions(jsonb_build_array(jsonb_build_object(
  'vehicle_id', c -> 'vehicle_id', 'source_url', 'https://bringatrailer.com/listing/left/', 'outcome', 'ok', 'facts', '{"make": {"value": "Fiat", "confidence": 0.9}}'::jsonb,
  'request', jsonb_build_object('queue', 'bat_extraction_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token')))) -> 0 ->> 'outcome' as status from taken;
select is((select status from told), 'stale_lease', 'a reading of the listing that its vehicle left is told stale_lease');
select is((select make from vehicles where id = '00000000-0000-4000-8000-000000000002'), null, 'a reading of the listing that its vehicle left writes nothing');
update vehicles set discovery_url = 'https://cars.example/9' where id = '00000000-0000-4000-8000-000000000002';
select is((select count(*) from bat_extraction_queue where vehicle_id = '00000000-0000-4000-8000-000000000002'), 0::bigint, 'a vehicle that moves off Bring a Trailer has no row in bat_extraction_queue');

select * from finish();
rollback;
