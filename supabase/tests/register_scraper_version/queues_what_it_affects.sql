begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

select sync_scrape_sources('[
  {"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test", "m.cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.1.0"},
  {"slug": "else_test", "name": "Else", "kind": "dealer", "hosts": ["else.test"], "scraper_name": "else_test_scraper", "scraper_version": "v1.0.0"},
  {"slug": "general", "name": "General", "kind": "general", "hosts": [], "scraper_name": "general_scraper", "scraper_version": "v1.0.0"}
]');

insert into vehicles (id, discovery_url, vin, field_state) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.test/1', null, '{}'),
  ('00000000-0000-4000-8000-000000000002', 'https://cars.test/2', '1GCDC14H0FS135832', '{}'),
  ('00000000-0000-4000-8000-000000000003', 'https://cars.test/3', '1GCDC14H0FS135833', '{"vin": {"confidence": 0.55, "method": "ksl_test_scraper"}}'),
  ('00000000-0000-4000-8000-000000000004', 'https://cars.test/4', '1GCDC14H0FS135834', '{"vin": {"confidence": 0.9, "conflict": {"value": "1GCDC14H0FS135839", "confidence": 0.8}}}'),
  ('00000000-0000-4000-8000-000000000005', 'https://cars.test/5', '1GCDC14H0FS135835', '{"vin": {"confidence": 0.9, "method": "ksl_test_scraper", "version": "v3.1.0"}}'),
  ('00000000-0000-4000-8000-000000000006', 'https://cars.test/6', '1GCDC14H0FS135836', '{"vin": {"confidence": 1, "method": "manual", "version": "v3.1.0"}}'),
  ('00000000-0000-4000-8000-000000000007', 'https://www.sub.cars.test/7', null, '{}'),
  ('00000000-0000-4000-8000-000000000008', 'https://else.test/8', null, '{}'),
  ('00000000-0000-4000-8000-000000000009', 'https://notcars.test/9', null, '{}'),
  ('00000000-0000-4000-8000-00000000000a', null, null, '{}'),
  ('00000000-0000-4000-8000-00000000000b', 'https://cars.test/b', '1GCDC14H0FS13583B', '{"vin": {"confidence": 0.9, "conflict": {"value": "1GCDC14H0FS135839"}, "rejected": ["1gcdc14h0fs135839"]}}');

create function pg_temp.queued() returns text language sql as $$
  select string_agg(right(vehicle_id::text, 1), '' order by vehicle_id) from backfill_queue where status = 'pending'
$$;

-- What it would do, and what it does.
select is(preview_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}') -> 'why', '{"missing:vin": 2, "unsure:vin": 1, "conflict:vin": 1}', 'a preview counts the vehicles that lack the field, hold it unsurely or in conflict');
select is(pg_temp.queued(), null, 'a preview queues no vehicle');
create temp table r as select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 1) as r;
select is(pg_temp.queued(), '1347', 'a version queues the vehicles on its scraper''s hosts that lack the field, hold it unsurely or in conflict');
select is((select r ->> 'queued' from r), '4', 'the answer says how many vehicles were queued');
select is((select r -> 'registered' from r), 'true', 'the answer says that the version is new');
select matches((select r ->> 'warning' from r), 'deployed as v3.1.0', 'the answer warns that the deployed scraper is older than the version');
select results_eq('select distinct reason, priority, triggered_by, fields_wanted from backfill_queue',
  $$values ('scraper_improved', 1, 'scraper_versions', '{vin}'::text[])$$, 'each queued row holds reason, priority, who asked and the fields wanted');
select is((select source_url from backfill_queue where vehicle_id = '00000000-0000-4000-8000-000000000001'), 'https://cars.test/1', 'each queued row holds the listing of its vehicle');

select * from finish();
rollback;
