begin;
create extension if not exists pgtap with schema extensions;
select plan(24);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://www.bringatrailer.com/listing/a/?utm_source=x');
create function pg_temp.urls() returns text[] language sql as $$
  select array[discovery_url, listing_url, bat_auction_url, canonical_url, source_host] from vehicles where id = '00000000-0000-4000-8000-000000000001'
$$;

select throws_ok($$insert into vehicles (discovery_url) values ('http://bringatrailer.com/listing/a#top')$$, '23505', null, 'another spelling is no second vehicle');
select throws_ok($$insert into vehicles (listing_url) values ('http://bringatrailer.com/listing/a')$$, '23505', null, 'nor under another column');
select throws_ok($$insert into vehicles (bat_auction_url) values ('http://bringatrailer.com/listing/a')$$, '23505', null, 'nor under the third');
select lives_ok($$insert into vehicles (discovery_url) values ('https://bringatrailer.com/listing/b'), ('https://cars.example/listing/a')$$, 'another listing is another');
select lives_ok($$insert into vehicles (make) values ('BMW'), ('BMW')$$, 'vehicles without a listing may be many');
select lives_ok($$insert into vehicles (discovery_url) values ('not a url'), ('not a url')$$, 'and what is no URL is no listing');

-- The three columns are kept in sync.
select is(pg_temp.urls(), array['https://www.bringatrailer.com/listing/a/?utm_source=x', 'https://www.bringatrailer.com/listing/a/?utm_source=x',
  'https://www.bringatrailer.com/listing/a/?utm_source=x', 'https://bringatrailer.com/listing/a', 'bringatrailer.com'], 'one URL fills all three, kept as it was given');
update vehicles set listing_url = 'https://bringatrailer.com/listing/c' where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array['https://bringatrailer.com/listing/c', 'https://bringatrailer.com/listing/c', 'https://bringatrailer.com/listing/c',
  'https://bringatrailer.com/listing/c', 'bringatrailer.com'], 'listing_url moves all');
update vehicles set discovery_url = 'https://bringatrailer.com/listing/d' where id = '00000000-0000-4000-8000-000000000001';
select is((pg_temp.urls())[2], 'https://bringatrailer.com/listing/d', 'discovery_url moves all');
update vehicles set bat_auction_url = 'https://bringatrailer.com/listing/e' where id = '00000000-0000-4000-8000-000000000001';
select is((pg_temp.urls())[1], 'https://bringatrailer.com/listing/e', 'bat_auction_url moves all');
update vehicles set discovery_url = 'https://cars.example/1' where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array['https://cars.example/1', 'https://cars.example/1', null, 'https://cars.example/1', 'cars.example'], 'on another site there is no auction of Bring a Trailer');
update vehicles set bat_auction_url = 'https://bringatrailer.com/listing/f' where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array['https://cars.example/1', 'https://cars.example/1', 'https://bringatrailer.com/listing/f', 'https://cars.example/1', 'cars.example'],
  'unless it was sold there too');
update vehicles set discovery_url = null where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.urls(), array[null, null, 'https://bringatrailer.com/listing/f', null, null], 'a listing can be taken away');
update vehicles set discovery_url = '  ' where id = '00000000-0000-4000-8000-000000000001';
select is((pg_temp.urls())[1], null, 'and blank is none');
select throws_ok($$update vehicles set discovery_url = 'https://www.cars.example/listing/a/' where id = '00000000-0000-4000-8000-000000000001'$$, '23505', null,
  'nor can two be moved onto one');

-- What stands where it came from.
select results_eq($$select distinct origin_metadata ->> 'source' from vehicles where discovery_url like 'https://%' order by 1$$,
  $$values ('bringatrailer.com'), ('cars.example')$$, 'the source is noted with the listing');
insert into vehicles (discovery_url, origin_metadata) values ('https://cars.example/2', '{"source": "a friend", "note": 7}');
select is((select origin_metadata from vehicles where discovery_url = 'https://cars.example/2'), '{"source": "a friend", "note": 7}', 'where the import did not say it');

-- A vehicle on another listing is looked at anew.
update micro_scrape_state set state = 'exhausted', no_gain_passes = 6, failures = 2 where vehicle_id = (select id from vehicles where discovery_url = 'https://cars.example/2');
update vehicles set listing_ended_at = now() where discovery_url = 'https://cars.example/2';
update vehicles set discovery_url = 'https://www.cars.example/2/' where discovery_url = 'https://cars.example/2';
select is((select state from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where discovery_url = 'https://www.cars.example/2/'), 'exhausted',
  'another spelling is no other listing');
update vehicles set discovery_url = 'https://cars.example/3' where discovery_url = 'https://www.cars.example/2/';
select results_eq($$select s.state, s.no_gain_passes::integer, s.failures::integer, v.listing_ended_at from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where discovery_url = 'https://cars.example/3'$$,
  $$values ('due', 0, 0, null::timestamptz)$$, 'a vehicle that moved is looked at anew');

-- Workers that read the listing which it leaves.
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000002', 'https://bringatrailer.com/listing/left');
insert into scrape_retry_queue (vehicle_id, step_name) values ('00000000-0000-4000-8000-000000000002', 'extract_vin');
create temp table taken as select c from jsonb_array_elements(claim_queue('bat_extraction_queue', 1, array['00000000-0000-4000-8000-000000000002']::uuid[])) c;
update scrape_retry_queue set status = 'processing', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '30 seconds', retry_count = 1;
update vehicles set discovery_url = 'https://bringatrailer.com/listing/new' where id = '00000000-0000-4000-8000-000000000002';
select results_eq($$select status, bat_url, attempts, lease_token from bat_extraction_queue where vehicle_id = '00000000-0000-4000-8000-000000000002'$$,
  $$values ('pending', 'https://bringatrailer.com/listing/new', 0, null::uuid)$$, 'its row waits to have the new one read');
select results_eq('select status, lease_token from scrape_retry_queue', $$values ('pending', null::uuid)$$, 'so does a step that was tried again');
create temp table told as select apply_extractions(jsonb_build_array(jsonb_build_object(
  'vehicle_id', c -> 'vehicle_id', 'source_url', 'https://bringatrailer.com/listing/left/', 'outcome', 'ok', 'facts', '{"make": {"value": "Fiat", "confidence": 0.9}}'::jsonb,
  'request', jsonb_build_object('queue', 'bat_extraction_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token')))) -> 0 ->> 'status' as status from taken;
select is((select status from told), 'stale_lease', 'who comes with the page of the old one is told');
select is((select make from vehicles where id = '00000000-0000-4000-8000-000000000002'), null, 'and writes nothing');
update vehicles set discovery_url = 'https://cars.example/9' where id = '00000000-0000-4000-8000-000000000002';
select is((select count(*) from bat_extraction_queue where vehicle_id = '00000000-0000-4000-8000-000000000002'), 0::bigint, 'off the site it is read there no more');

select * from finish();
rollback;
