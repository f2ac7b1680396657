begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.deploy(p_version text) returns void language sql as $$
  select sync_scrape_sources(jsonb_build_array(jsonb_build_object(
    'slug', 'ksl_test', 'name', 'KSL', 'kind', 'classified', 'hosts', jsonb_build_array('cars.test'),
    'scraper_name', 'ksl_test_scraper', 'scraper_version', p_version)))
$$;
create function pg_temp.register(p_fields text[] default '{vin}') returns jsonb language sql as $$
  select register_scraper_version('ksl_test_scraper', 'v2.0.0', p_fields, 1)
$$;
-- Claims what is due and has a reader of this version read it.
create function pg_temp.read_with(p_version text) returns bigint language sql as $$
  select count(*) from jsonb_array_elements(apply_extractions((
    select coalesce(jsonb_agg(jsonb_build_object(
      'vehicle_id', q ->> 'vehicle_id', 'source_url', q ->> 'source_url', 'outcome', 'ok', 'facts', '{}'::jsonb,
      'method', 'ksl_test_scraper', 'scraper_version', p_version,
      'request', jsonb_build_object('queue', 'backfill_queue', 'id', q ->> 'id', 'lease_token', q ->> 'lease_token'))), '[]')
    from jsonb_array_elements(claim_queue('backfill_queue', 10)) q))) r
$$;
create function pg_temp.rows_are() returns table (status text, waits boolean, attempts integer, read_by text) language sql as $$
  select status, coalesce(next_attempt_at = 'infinity', false), attempts, read_by_version from backfill_queue order by vehicle_id
$$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://cars.test/1');

-- Registered before it is deployed.
select pg_temp.deploy('v1.0.0');
select matches(pg_temp.register() ->> 'warning', 'deployed as v1.0.0, older than v2.0.0', 'registering says that the version is not deployed');
select results_eq('select * from pg_temp.rows_are()', $$values ('pending', true, 0, null::text)$$, 'its vehicles are queued and wait');
select is((select error_message from backfill_queue), 'waits for ksl_test_scraper v2.0.0: v1.0.0 is deployed; supabase functions deploy', 'a row that waits says for what, and what to type');
select is(claim_queue('backfill_queue', 10), '[]'::jsonb, 'no worker claims what waits');
select results_eq('select pending, waits_for_deployment, deployed_version from scraper_version_status where scraper_name = ''ksl_test_scraper''',
  $$values (1::bigint, 1::bigint, 'v1.0.0')$$, 'scraper_version_status counts what waits');

select results_eq($$select state, why like 'for versions that are registered and not deployed%', what_to_type from pipeline_status where part = 'backfill_queue'$$,
  $$values ('waiting', true, 'supabase functions deploy')$$, 'pipeline_status says that it waits for a deployment, and what to type');

-- A person asks for the vehicle: the reader that is there reads it, and the row goes on waiting.
select queue_vehicles_for_backfill(array[pg_temp.id(1)]);
select pg_temp.read_with('v1.0.0');
select results_eq('select * from pg_temp.rows_are()', $$values ('pending', true, 0, 'v1.0.0')$$, 'a row that an older reader read is not done, and it cost no attempt');

-- Deployed.
select pg_temp.deploy('v2.0.0');
select results_eq('select status, waits, read_by from pg_temp.rows_are()', $$values ('pending', false, 'v1.0.0')$$, 'when the version is deployed its rows are due');
select is(jsonb_array_length(preview_queue('backfill_queue', 10)), 1, 'and can be claimed');
select pg_temp.read_with('v2.0.0');
select results_eq('select status, read_by from pg_temp.rows_are()', $$values ('completed', 'v2.0.0')$$, 'the reader that was meant ends the row');
select is((pg_temp.register() -> 'queued_again')::integer, 0, 'registering again queues nothing that the meant reader has ended');

-- What an older release had ended.
update backfill_queue set read_by_version = 'v1.0.0';
select is((pg_temp.register() -> 'queued_again')::integer, 1, 'registering again queues again what an older reader has ended');
select results_eq('select status, waits, attempts from pg_temp.rows_are()', $$values ('pending', false, 0)$$, 'with fresh attempts, due now');
select throws_ok($$select pg_temp.register('{vni}')$$, '22023', 'unknown field: "vni"', 'a typo in the fields is an error for a registered version, too');

select * from finish();
rollback;
