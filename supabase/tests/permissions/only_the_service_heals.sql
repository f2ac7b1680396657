begin;
create extension if not exists pgtap with schema extensions;
select plan(24);

create temp table f (signature text);
insert into f values
  ('public.register_scraper_version(text, text, text[], integer, boolean, boolean, text)'),
  ('public.continue_scraper_version(uuid)'),
  ('public.preview_scraper_version(text, text, text[], boolean, text, uuid, integer)'),
  ('public.review_extraction(bigint, text, text)'),
  ('public.queue_vehicles_for_backfill(uuid[], text, integer, text)'),
  ('public.preview_queue(text, integer, uuid[], integer, boolean)'),
  ('public.invoke_queue_if_due(text)'),
  ('public.page_snapshots_before(text, uuid, integer)'),
  ('public.unneeded_snapshot_objects(integer)'),
  ('public.forget_snapshot_objects(text[])'),
  ('public.vehicles_of_scraper(text, text, uuid, integer)');
select ok(
  has_function_privilege('service_role', signature, 'execute')
    and not has_function_privilege('anon', signature, 'execute')
    and not has_function_privilege('authenticated', signature, 'execute'),
  signature || ' is for the service only')
from f order by signature;
select ok(
  not has_function_privilege('anon', 'private.forget_snapshots(integer)', 'execute')
    and not has_function_privilege('service_role', 'private.forget_snapshots(integer)', 'execute'),
  'private.forget_snapshots() can be executed by neither anon nor the service');

-- As the API acts for each.
select sync_scrape_sources('[{"slug": "a_test", "name": "A", "kind": "dealer", "hosts": ["a.test"], "scraper_name": "a_test_scraper", "scraper_version": "v1.0.0"}]');
insert into vehicles (discovery_url) values ('https://a.test/1');
-- pgTAP's own functions and tables are not for every role.
grant execute on all functions in schema extensions to service_role, authenticated, anon;
grant all on all tables in schema pg_temp to service_role, authenticated, anon;
grant all on all sequences in schema pg_temp to service_role, authenticated, anon;

set local role service_role;
select lives_ok($$select register_scraper_version('a_test_scraper', 'v1.0.0', '{vin}')$$, 'the service can call register_scraper_version()');
select lives_ok($$insert into scraper_versions (scraper_name, version, fields_affected) values ('a_test_scraper', 'v1.1.0', '{make}')$$, 'the service can insert into scraper_versions');
select is((select v.backfilled_count from scraper_versions v where version = 'v1.1.0'), 0::bigint, 'the service can read backfilled_count as a column of scraper_versions');
select lives_ok('select * from scraper_version_status, scrapers_ahead_of_registry', 'the service can read scraper_version_status and scrapers_ahead_of_registry');
select lives_ok('select * from snapshot_storage_by_source', 'the service can read snapshot_storage_by_source');

set local role authenticated;
set local request.jwt.claims = '{"app_metadata": {"role": "operator"}}';
select is((select count(*) from scraper_version_status), 2::bigint, 'an operator sees the versions in scraper_version_status');
select lives_ok('select v.backfilled_count from scraper_versions v', 'an operator can read backfilled_count as a column of scraper_versions');
select lives_ok('select * from scrapers_ahead_of_registry, snapshot_storage_by_source', 'an operator can read scrapers_ahead_of_registry and snapshot_storage_by_source');
select throws_ok($$insert into scraper_versions (scraper_name, version, fields_affected) values ('a_test_scraper', 'v1.2.0', '{make}')$$, '42501', null, 'an operator cannot insert into scraper_versions');
set local request.jwt.claims = '{}';
select is((select count(*) from scraper_version_status), 0::bigint, 'a signed-in user who is no operator sees no version in scraper_version_status');

set local role anon;
select throws_ok('select * from scraper_versions', '42501', null, 'anon cannot read scraper_versions');
select throws_ok('select * from scraper_version_status', '42501', null, 'anon cannot read scraper_version_status');

reset role;
select * from finish();
rollback;
