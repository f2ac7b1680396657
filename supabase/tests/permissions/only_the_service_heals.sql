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
  ('public.preview_queue(text, integer, uuid[], integer)'),
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
  'forgetting pages is for cron only');

-- As the API acts for each.
select sync_scrape_sources('[{"slug": "a_test", "name": "A", "kind": "dealer", "hosts": ["a.test"], "scraper_name": "a_test_scraper", "scraper_version": "v1.0.0"}]');
insert into vehicles (discovery_url) values ('https://a.test/1');
-- pgTAP's own functions and tables are not for every role.
grant execute on all functions in schema extensions to service_role, authenticated, anon;
grant all on all tables in schema pg_temp to service_role, authenticated, anon;
grant all on all sequences in schema pg_temp to service_role, authenticated, anon;

set local role service_role;
select lives_ok($$select register_scraper_version('a_test_scraper', 'v1.0.0', '{vin}')$$, 'the service registers');
select lives_ok($$insert into scraper_versions (scraper_name, version, fields_affected) values ('a_test_scraper', 'v1.1.0', '{make}')$$, 'also by an insert');
select is((select v.backfilled_count from scraper_versions v where version = 'v1.1.0'), 0::bigint, 'and sees what became of it, as a column too');
select lives_ok('select * from scraper_version_status, scrapers_ahead_of_registry', 'in the views');
select lives_ok('select * from snapshot_storage_by_source', 'and what is kept');

set local role authenticated;
set local request.jwt.claims = '{"app_metadata": {"role": "operator"}}';
select is((select count(*) from scraper_version_status), 2::bigint, 'an operator sees how far versions are');
select lives_ok('select v.backfilled_count from scraper_versions v', 'with their counts');
select lives_ok('select * from scrapers_ahead_of_registry, snapshot_storage_by_source', 'and the rest');
select throws_ok($$insert into scraper_versions (scraper_name, version, fields_affected) values ('a_test_scraper', 'v1.2.0', '{make}')$$, '42501', null, 'and registers none');
set local request.jwt.claims = '{}';
select is((select count(*) from scraper_version_status), 0::bigint, 'who is none sees nothing');

set local role anon;
select throws_ok('select * from scraper_versions', '42501', null, 'anybody else is refused');
select throws_ok('select * from scraper_version_status', '42501', null, 'in the views too');

reset role;
select * from finish();
rollback;
