begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

create function pg_temp.reading(p_url text, p_facts jsonb default '{}', p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', (select id from vehicles where discovery_url = p_url), 'source_url', p_url,
    'outcome', 'ok', 'method', 'general_scraper', 'scraper_version', 'v1.0.0',
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
  where v.discovery_url ~ p_like
$$;


insert into vehicles (discovery_url)
select 'https://' || host || '.example/cars/' || n from unnest(array['one', 'two', 'three', 'four']) host, generate_series(0, 2) n;

-- Together, and beside one that cannot be written, where each is written by itself.
create temp table together as
select apply_extractions(jsonb_build_array(
  pg_temp.reading('https://one.example/cars/1'),
  pg_temp.reading('https://one.example/cars/2', '{"mileage": {"value": 50, "confidence": 0.4, "evidence": "e"}}'))) as r;
create temp table apart as
select apply_extractions(jsonb_build_array(
  pg_temp.reading('https://two.example/cars/1'),
  pg_temp.reading('https://two.example/cars/0', '{"mileage": {"value": -1, "confidence": 0.9, "evidence": "e"}}'),
  pg_temp.reading('https://two.example/cars/2', '{"mileage": {"value": 50, "confidence": 0.4, "evidence": "e"}}'))) as r;
select is((select jsonb_path_query_array(r, '$[*].outcome') from together), '["ok", "ok"]', 'the readings of a batch are applied');
select is(
  (select jsonb_path_query_array(r, '$[*].outcome') from apart), '["ok", "server_error", "ok"]',
  'of a batch with one that cannot be written the others are, and the results stand in the order of the items');
select matches((select r -> 1 ->> 'error' from apart), 'mileage', 'the one that cannot be written says why');
select is(
  pg_temp.as_written('https://one.example/cars/[12]'), pg_temp.as_written('https://two.example/cars/[12]'),
  'vehicles written together hold what those written one by one hold');
select is(
  (select (r -> 0) - array['vehicle_id', 'index'] from together), (select (r -> 0) - array['vehicle_id', 'index'] from apart),
  'the result of an item is the same, whether it was written with others or by itself');
select is((select jsonb_path_query_array(r, '$[*].index') from apart), '[0, 1, 2]', 'each result names the place of its item');

-- Read again, with one value that is new and one that is another.
create function pg_temp.again(p_host text) returns jsonb language sql as $$
  select jsonb_build_array(
    pg_temp.reading('https://' || p_host || '.example/cars/1', '{"engine": {"value": "V8", "confidence": 0.9, "evidence": "e"},
      "mileage": {"value": 13000, "confidence": 0.9, "evidence": "e"}}', '{"page_at": "2026-11-02T10:00:00Z", "extraction_hash": "i"}'),
    pg_temp.reading('https://' || p_host || '.example/cars/2', '{"mileage": {"value": 50, "confidence": 0.4, "evidence": "e"}}',
      '{"page_at": "2026-11-02T10:00:00Z", "outcome": "not_modified"}'))
$$;
create temp table together_again as select apply_extractions(pg_temp.again('one')) as r;
create temp table apart_again as
select apply_extractions(pg_temp.again('two') || pg_temp.reading(
  'https://two.example/cars/0', '{"mileage": {"value": -1, "confidence": 0.9, "evidence": "e"}}')) as r;
select is(
  (select jsonb_path_query_array(r, '$[*].fields_updated') from together_again), '[["engine", "mileage"], []]',
  'what a reading changes is told, and one that says nothing new changes nothing');
select is(
  pg_temp.as_written('https://one.example/cars/[12]'), pg_temp.as_written('https://two.example/cars/[12]'),
  'so do those that were read again');

-- Who holds the lease writes; who lost it does not, and keeps nobody from writing.
update micro_scrape_state set state = 'leased', lease_token = '22222222-2222-4222-8222-222222222222', lease_expires_at = now() + interval '1 minute'
where vehicle_id in (select id from vehicles where discovery_url like 'https://three.example/cars/%');
create temp table leased as
select apply_extractions(jsonb_build_array(
  pg_temp.reading('https://three.example/cars/0', '{}', '{"request": {"queue": "micro_scrape_state", "lease_token": "22222222-2222-4222-8222-222222222222"}}'),
  pg_temp.reading('https://three.example/cars/1', '{}', '{"request": {"queue": "micro_scrape_state", "lease_token": "33333333-3333-4333-8333-333333333333"}}'),
  pg_temp.reading('https://three.example/cars/2', '{}', '{"request": {"queue": "micro_scrape_state", "lease_token": "22222222-2222-4222-8222-222222222222"}}'))) as r;
select is((select jsonb_path_query_array(r, '$[*].outcome') from leased), '["ok", "stale_lease", "ok"]', 'a reading whose lease was lost is not written');
select results_eq(
  $$ select v.make, s.state, s.lease_token is null from vehicles v join micro_scrape_state s on s.vehicle_id = v.id
    where v.discovery_url like 'https://three.%' order by v.discovery_url $$,
  $$ values ('Ferrari', 'waiting', true), (null, 'leased', false), ('Ferrari', 'waiting', true) $$,
  'the passes of the others are over; that one is as it was');

-- One vehicle twice, and another car at an address.
create temp table twice as
select apply_extractions(jsonb_build_array(
  pg_temp.reading('https://four.example/cars/0', '{"color": {"value": "Red", "confidence": 0.6, "evidence": "e"}}'),
  pg_temp.reading('https://four.example/cars/0', '{"color": {"value": "Blue", "confidence": 0.9, "evidence": "e"}}'))) as r;
select is((select color from vehicles where discovery_url = 'https://four.example/cars/0'), 'Blue', 'of two readings of one vehicle both are applied, one after the other');
select is((select r -> 1 -> 'changes' -> 'color' ->> 'old' from twice), 'Red', 'and the second meets what the first has written');

-- As the workers call it: together in truth, and not one after the other because a right is missing.
create temp table items as
select jsonb_build_array(pg_temp.reading('https://four.example/cars/1'), pg_temp.reading('https://four.example/cars/2')) as i;
grant select on items to service_role;
create temp table updated as select pg_stat_get_xact_tuples_updated('vehicles'::regclass) as before;
set local role service_role;
do $$
begin
  perform apply_extractions(i) from items;
end
$$;
reset role;
select is((select count(*) from vehicles where discovery_url ~ 'four.example/cars/[12]' and make = 'Ferrari'), 2::bigint, 'a worker applies readings');
select is(
  pg_stat_get_xact_tuples_updated('vehicles'::regclass) - (select before from updated), 2::bigint,
  'vehicles that a worker reads are written once each, facts and image URLs and all');

select * from finish();
rollback;
