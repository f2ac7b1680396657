begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

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

create temp table r as select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 1) as r;

select is(register_scraper_version('ksl_test_scraper', '3.2.1', '{mileage}', 9) - 'registered', (select r - 'registered' from r), 'a version that is registered a second time changes nothing');
select is(pg_temp.queued(), '1347', 'a version that is registered a second time queues nothing');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.0', '{vin}')$$, '22023', null, 'a version older than the newest one is refused');
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required, backfill_priority)
values ('else_test_scraper', 'v1.9.0', '{vin}', true, 3);
select is(pg_temp.queued(), '13478', 'an insert into scraper_versions queues as the call does');
select lives_ok($$insert into scraper_versions (scraper_name, version, fields_affected) values ('else_test_scraper', 'v1.10.0', '{vin}')$$, 'v1.10.0 is taken as newer than v1.9.0');
select results_eq($$select version, queued_count, pending, moved_on from scraper_version_status where scraper_name = 'else_test_scraper' order by version$$,
  $$values ('v1.10.0', 1, 1::bigint, 0::bigint), ('v1.9.0', 1, 0, 1)$$, 'a row that waits for an older version moves on to the newer one');
select is((select count(*) from backfill_queue where vehicle_id = '00000000-0000-4000-8000-000000000008'), 1::bigint, 'a vehicle that two versions affect has one row');
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required) values ('general_scraper', 'v2.0.0', '{vin}', false);
select is(pg_temp.queued(), '13478', 'a version that needs no backfill queues nothing');
select register_scraper_version('general_scraper', 'v2.0.1', '{vin}');
select is(pg_temp.queued(), '134789', 'a version of the general scraper queues the vehicles that no other scraper reads');

select * from finish();
rollback;
