begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

create function pg_temp.car(p_url text, p_facts jsonb default '{}', p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('source_url', p_url, 'outcome', 'ok', 'method', 'general_scraper', 'scraper_version', 'v1.0.0',
    'page_at', '2026-11-01T10:00:00Z', 'extraction_hash', 'h', 'absent', '["engine"]'::jsonb,
    'images', jsonb_build_array('https://i.example/' || md5(p_url) || '.jpg'),
    'facts', '{"year": {"value": 2001, "confidence": 0.95, "evidence": "e"}, "make": {"value": "Ferrari", "confidence": 0.95, "evidence": "e"},
      "model": {"value": "360", "confidence": 0.95, "evidence": "e"}, "mileage": {"value": 12000, "confidence": 0.9, "evidence": "e"},
      "asking_price": {"value": 90000, "confidence": 0.9, "evidence": "e"}, "currency": {"value": "USD", "confidence": 0.9, "evidence": "e"},
      "sale_status": {"value": "for_sale", "confidence": 0.9, "evidence": "e"},
      "description": {"value": "A car as good as new.", "confidence": 0.9, "evidence": "e", "method": "site_text"}}'::jsonb || p_facts,
    'steps', '["extract_data", "extract_vin", "extract_images"]'::jsonb) || p_more
$$;
create function pg_temp.as_written(p_like text) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object(
    'vehicle', to_jsonb(v) - array['id', 'discovery_url', 'listing_url', 'canonical_url', 'source_host', 'field_state', 'origin_metadata'],
    'states', (select jsonb_object_agg(f.key, f.value - array['listing', 'source']) from jsonb_each(v.field_state) f),
    'mark', v.origin_metadata - array['image_urls', 'source'],
    'readings', (
      select jsonb_agg(to_jsonb(m) - array['id', 'vehicle_id', 'source_url'] order by m.field_name)
      from extraction_metadata m where m.vehicle_id = v.id),
    'listing', (
      select to_jsonb(l) - array['id', 'vehicle_id', 'listing_url', 'canonical_url', 'source_host']
      from vehicle_listings l where l.vehicle_id = v.id and v.field_state -> 'make' ->> 'listing' = l.id::text),
    'events', (
      select jsonb_agg(to_jsonb(e) - array['id', 'listing_id'])
      from listing_events e join vehicle_listings l on l.id = e.listing_id where l.vehicle_id = v.id),
    'check', (select to_jsonb(c) - array['id', 'listing_id', 'vehicle_id', 'listing_url', 'source_host'] from listing_checks c where c.vehicle_id = v.id),
    'steps', (
      select jsonb_agg(to_jsonb(s) - array['id', 'vehicle_id', 'url', 'source'] order by s.step_name)
      from scrape_steps s where s.vehicle_id = v.id),
    'images', (
      select jsonb_agg(to_jsonb(d) - array['id', 'vehicle_id', 'url', 'next_attempt_at'])
      from image_downloads d where d.vehicle_id = v.id),
    'score', (select to_jsonb(q) - array['vehicle_id'] from vehicle_quality_scores q where q.vehicle_id = v.id),
    'pass', (select to_jsonb(m) - array['vehicle_id'] from micro_scrape_state m where m.vehicle_id = v.id))
    order by v.discovery_url)
  from vehicles v
  where v.discovery_url like p_like
$$;

-- Together, and beside one that cannot be written, where each is written by itself.
create temp table together as
select import_listings(jsonb_build_array(
  pg_temp.car('https://one.example/cars/1'),
  pg_temp.car('https://one.example/cars/2', '{"mileage": {"value": 50, "confidence": 0.4, "evidence": "e"}}'))) as r;
create temp table apart as
select import_listings(jsonb_build_array(
  pg_temp.car('https://two.example/cars/1'),
  pg_temp.car('https://two.example/cars/0', '{"mileage": {"value": -1, "confidence": 0.9, "evidence": "e"}}'),
  pg_temp.car('https://two.example/cars/2', '{"mileage": {"value": 50, "confidence": 0.4, "evidence": "e"}}'))) as r;

select is((select jsonb_path_query_array(r, '$[*].created') from together), '[true, true]', 'new listings of a batch become vehicles');
select is(
  (select jsonb_path_query_array(r, '$[*].outcome') from apart), '["ok", "server_error", "ok"]',
  'of a batch with one that cannot be written the others are, and the results stand in the order of the items');
select is((select count(*) from vehicles where discovery_url like 'https://two.%'), 2::bigint, 'what cannot be written makes no vehicle');
select matches((select r -> 1 ->> 'error' from apart), 'mileage', 'the one that cannot be written says why');
select is(
  pg_temp.as_written('https://one.%'), pg_temp.as_written('https://two.%'), 'vehicles written together hold what those written one by one hold');
select is(
  (select (r -> 0) - array['vehicle_id', 'index'] from together), (select (r -> 0) - array['vehicle_id', 'index'] from apart),
  'the result of an item is the same, whether it was written with others or by itself');
select is((select jsonb_path_query_array(r, '$[*].index') from apart), '[0, 1, 2]', 'each result names the place of its item');

-- One car twice in a batch.
create temp table twice as
select import_listings(jsonb_build_array(
  pg_temp.car('https://three.example/cars/1'), pg_temp.car('http://WWW.three.example/cars/1/?utm_source=x'))) as r;
select is((select count(*) from vehicles where discovery_url like '%three.example%'), 1::bigint, 'two spellings of one listing in a batch are one vehicle');
create temp table shared as
select import_listings(jsonb_build_array(
  pg_temp.car('https://four.example/cars/1', '{"vin": {"value": "ZFFYU51A810123454", "confidence": 0.98, "evidence": "e"}}'),
  pg_temp.car('https://five.example/cars/9', '{"vin": {"value": "ZFFYU51A810123454", "confidence": 0.98, "evidence": "e"}}'))) as r;
select is((select count(*) from vehicles where vin = 'ZFFYU51A810123454'), 1::bigint, 'one VIN twice in a batch is one vehicle');
select is((select jsonb_path_query_array(r, '$[*].joined') from shared) @> '[true]', true, 'the other listing joins it');

create temp table spelt as
select import_listings(jsonb_build_array(
  pg_temp.car('https://seven.example/cars/1', '{"vin": {"value": "ZFFYU-51A8-10123454", "confidence": 0.98, "evidence": "e"}}'))) as r;
select is((select r -> 0 ->> 'joined' from spelt), 'true', 'a VIN that is spelt in another way joins the car that is here');

-- Who holds the lease writes; who lost it does not, and keeps nobody from writing.
insert into import_queue (id, listing_url, status, lease_token, lease_expires_at, attempts)
values
  ('11111111-1111-4111-8111-111111111111', 'https://six.example/cars/1', 'processing', '22222222-2222-4222-8222-222222222222', now() + interval '1 minute', 1),
  ('33333333-3333-4333-8333-333333333333', 'https://six.example/cars/2', 'processing', '44444444-4444-4444-8444-444444444444', now() + interval '1 minute', 1);
create temp table leased as
select import_listings(jsonb_build_array(
  pg_temp.car('https://six.example/cars/1', '{}',
    '{"request": {"queue": "import_queue", "id": "11111111-1111-4111-8111-111111111111", "lease_token": "22222222-2222-4222-8222-222222222222"}}'),
  pg_temp.car('https://six.example/cars/2', '{}',
    '{"request": {"queue": "import_queue", "id": "33333333-3333-4333-8333-333333333333", "lease_token": "55555555-5555-4555-8555-555555555555"}}'))) as r;
select is((select jsonb_path_query_array(r, '$[*].outcome') from leased), '["ok", "stale_lease"]', 'a reading whose lease was lost is not written');
select results_eq(
  $$ select status, vehicle_id is not null from import_queue where listing_url like 'https://six.%' order by listing_url $$,
  $$ values ('complete', true), ('processing', false) $$,
  'the row that asked for it is complete and names its vehicle; that of the other is as it was');
select is((select count(*) from vehicles where discovery_url like 'https://six.%'), 1::bigint, 'what was not written made no vehicle');

insert into import_queue (id, listing_url, status, lease_token, lease_expires_at, attempts)
values ('66666666-6666-4666-8666-666666666666', 'https://eight.example/cars/1', 'processing', '77777777-7777-4777-8777-777777777777', now() + interval '1 minute', 1);
create temp table twice_asked as
select import_listings(jsonb_build_array(
  pg_temp.car('https://eight.example/cars/1', '{}',
    '{"request": {"queue": "import_queue", "id": "66666666-6666-4666-8666-666666666666", "lease_token": "77777777-7777-4777-8777-777777777777"}}'),
  pg_temp.car('https://eight.example/cars/2', '{}',
    '{"request": {"queue": "import_queue", "id": "66666666-6666-4666-8666-666666666666", "lease_token": "77777777-7777-4777-8777-777777777777"}}'))) as r;
select is((select jsonb_path_query_array(r, '$[*].outcome') from twice_asked), '["ok", "stale_lease"]', 'one lease is good for one reading');

-- As the workers call it: together in truth, and not one after the other because a right is missing.
create temp table updated as select pg_stat_get_xact_tuples_updated('vehicles'::regclass) as before;
set local role service_role;
do $$
begin
  perform import_listings(jsonb_build_array(
    jsonb_build_object('source_url', 'https://nine.example/cars/1', 'outcome', 'ok', 'facts', '{"year": {"value": 1999, "confidence": 0.9}}'::jsonb),
    jsonb_build_object('source_url', 'https://nine.example/cars/2', 'outcome', 'ok', 'facts', '{"year": {"value": 1998, "confidence": 0.9}}'::jsonb)));
end
$$;
reset role;
select is((select count(*) from vehicles where discovery_url like 'https://nine.%'), 2::bigint, 'a worker imports new listings');
select is(
  pg_stat_get_xact_tuples_updated('vehicles'::regclass), (select before from updated),
  'vehicles that a worker imports are written once each, facts and all');

select * from finish();
rollback;
