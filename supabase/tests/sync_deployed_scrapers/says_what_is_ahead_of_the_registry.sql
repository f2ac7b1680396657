begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.synced(p_version text) returns jsonb language sql as $$
  select sync_deployed_scrapers(jsonb_build_array(jsonb_build_object(
    'slug', 'a_test', 'name', 'A', 'kind', 'dealer', 'hosts', '["a.test"]'::jsonb,
    'scraper_name', 'a_test_scraper', 'scraper_version', p_version)))
$$;
create function pg_temp.ahead(p_synced jsonb) returns jsonb language sql as $$
  select jsonb_agg(a - 'meaning') from jsonb_array_elements(p_synced -> 'ahead') a where a ->> 'scraper_name' = 'a_test_scraper'
$$;

select is(pg_temp.synced('v1.0.0') -> 'changed', '1'::jsonb, 'what differs is written, and how many rows is said');
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required) values ('a_test_scraper', 'v1.0.0', '{vin}', false);
select is(pg_temp.ahead(pg_temp.synced('v1.0.0')), null, 'a scraper that is registered as it is deployed is not ahead');
select is(
  pg_temp.ahead(pg_temp.synced('v1.1.0')),
  '[{"scraper_name": "a_test_scraper", "deployed_version": "v1.1.0", "registered_version": "v1.0.0"}]',
  'one that is deployed newer is, in the call that says so');
select ok(
  has_function_privilege('service_role', f, 'execute') and not has_function_privilege('anon', f, 'execute')
    and not has_function_privilege('authenticated', f, 'execute'),
  'only the service says what is deployed')
from (values ('public.sync_deployed_scrapers(jsonb)')) as t(f);

select * from finish();
rollback;
