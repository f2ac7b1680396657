begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

select sync_scrape_sources('[
  {"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test", "m.cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.3.0"},
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

select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 1);
update backfill_queue set status = 'processing', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '1 minute', attempts = 1
where vehicle_id = '00000000-0000-4000-8000-000000000001';
select register_scraper_version('ksl_test_scraper', 'v3.3.0', '{vin}', 1, true, true);
select claim_queue('backfill_queue', 100, array(select vehicle_id from backfill_queue)); -- by name: also what another worker has leased
create temp table c as select * from backfill_queue where status = 'processing' and scraper_version_id = (select id from scraper_versions where version = 'v3.3.0');
select apply_extractions(jsonb_agg(jsonb_build_object('vehicle_id', vehicle_id, 'outcome', 'not_modified', 'source_url', source_url, 'method', 'ksl_test_scraper',
  'scraper_version', 'v3.3.0', 'request', jsonb_build_object('queue', 'backfill_queue', 'id', id, 'lease_token', lease_token),
  'facts', case when right(vehicle_id::text, 1) = '1' then '{"vin": {"value": "1GCDC14HXFS135831", "confidence": 0.9}}' else '{}' end::jsonb))) from c;

select results_eq($$select changes_detected, fields_updated, status from backfill_queue where id = (select id from c where right(vehicle_id::text, 1) = '1')$$,
  $$values ('{"vin": {"old": null, "new": "1GCDC14HXFS135831"}}'::jsonb, '{vin}'::text[], 'completed')$$, 'a completed row holds what changed, as old and new');
select results_eq($$select changes_detected, fields_updated from backfill_queue where id = (select id from c where right(vehicle_id::text, 1) = '3')$$,
  $$values ('{}'::jsonb, '{}'::text[])$$, 'a completed row of a reading that changed nothing holds {}');
select results_eq($$select queued_count, completed, backfilled_count, pending + processing + failed + moved_on from scraper_version_status where version = 'v3.3.0'$$,
  $$values (5, 5::bigint, 1::bigint, 0::bigint)$$, 'scraper_version_status counts queued, completed and backfilled rows');
update backfill_queue set processed_at = now() - interval '40 days' where status = 'completed';
select private.prune_queues();
select is((select count(*) from backfill_queue b join scraper_versions v on v.id = b.scraper_version_id where v.version = 'v3.3.0'), 0::bigint, 'completed rows are forgotten after 40 days');
select results_eq($$select s.completed, s.backfilled_count, v.backfilled_count, s.moved_on from scraper_version_status s join scraper_versions v using (id) where s.version = 'v3.3.0'$$,
  $$values (5::bigint, 1::bigint, 1::bigint, 0::bigint)$$, 'scraper_version_status keeps its counts when the completed rows are forgotten');

select * from finish();
rollback;
