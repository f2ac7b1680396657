begin;
create extension if not exists pgtap with schema extensions;
select plan(36);

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

-- What it must not take.
select throws_ok($$select register_scraper_version('ksl_test_scraper', '3.2', '{vin}')$$, '22023', 'not a semantic version: "3.2"', 'a version has three numbers');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1-beta', '{vin}')$$, '22023', null, 'and nothing after them');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vni}')$$, '22023', 'unknown field: "vni"', 'an unknown field is named');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{}')$$, '22023', null, 'a version without fields is refused');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 0)$$, '22023', 'priority must be from 1 (first) to 10 (last), not 0', 'priority 0 is refused');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 11)$$, '22023', null, 'and 11');
select throws_ok($$select register_scraper_version('kls_scraper', 'v3.2.1', '{vin}')$$, '22023', 'unknown scraper: "kls_scraper"', 'an unknown scraper is an error, not every vehicle');
select is((select count(*) from scraper_versions) + (select count(*) from backfill_queue), 0::bigint, 'nothing came of any of it');

-- What it would do, and what it does.
select is(preview_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}') -> 'why', '{"missing:vin": 2, "unsure:vin": 1, "conflict:vin": 1}', 'a preview says how many and why');
select is(pg_temp.queued(), null, 'and queues none');
create temp table r as select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 1) as r;
select is(pg_temp.queued(), '1347', 'queued are those that lack the field, hold it unsurely, or in conflict; on all hosts of the scraper and no others');
select is((select r ->> 'queued' from r), '4', 'the answer counts them');
select is((select r -> 'registered' from r), 'true', 'and says that it is new');
select matches((select r ->> 'warning' from r), 'deployed as v3.1.0', 'a deployed scraper that is older is warned of');
select results_eq('select distinct reason, priority, triggered_by, fields_wanted from backfill_queue',
  $$values ('scraper_improved', 1, 'scraper_versions', '{vin}'::text[])$$, 'each row says who asked for what');
select is((select source_url from backfill_queue where vehicle_id = '00000000-0000-4000-8000-000000000001'), 'https://cars.test/1', 'with its listing');

-- Twice, and by a bare insert.
select is(register_scraper_version('ksl_test_scraper', '3.2.1', '{mileage}', 9) - 'registered', (select r - 'registered' from r), 'registering twice changes nothing');
select is(pg_temp.queued(), '1347', 'and queues nothing');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.0', '{vin}')$$, '22023', null, 'an older version than the newest is refused');
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required, backfill_priority)
values ('else_test_scraper', 'v1.9.0', '{vin}', true, 3);
select is(pg_temp.queued(), '13478', 'an insert of the row suffices');
select lives_ok($$insert into scraper_versions (scraper_name, version, fields_affected) values ('else_test_scraper', 'v1.10.0', '{vin}')$$, 'v1.10.0 comes after v1.9.0');
select results_eq($$select version, queued_count, pending, moved_on from scraper_version_status where scraper_name = 'else_test_scraper' order by version$$,
  $$values ('v1.10.0', 1, 1::bigint, 0::bigint), ('v1.9.0', 1, 0, 1)$$, 'what waits for an older version is read once, for the newer one');
select is((select count(*) from backfill_queue where vehicle_id = '00000000-0000-4000-8000-000000000008'), 1::bigint, 'there is one row');
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required) values ('general_scraper', 'v2.0.0', '{vin}', false);
select is(pg_temp.queued(), '13478', 'a version that needs no backfill queues none');
select register_scraper_version('general_scraper', 'v2.0.1', '{vin}');
select is(pg_temp.queued(), '134789', 'the scraper of any host takes those that no other reads');

-- A value that an older version read wrong.
update backfill_queue set status = 'processing', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '1 minute', attempts = 1
where vehicle_id = '00000000-0000-4000-8000-000000000001';
select register_scraper_version('ksl_test_scraper', 'v3.3.0', '{vin}', 1, true, true);
select is((select string_agg(right(b.vehicle_id::text, 1), '' order by b.vehicle_id) from backfill_queue b join scraper_versions v on v.id = b.scraper_version_id where v.version = 'v3.3.0'),
  '13457', 'to read again also takes what an older version read, and no person''s word; what a worker holds gets a second row');

-- Counts stay true.
select claim_queue('backfill_queue', 100, array(select vehicle_id from backfill_queue)); -- by name: also what another worker has leased
create temp table c as select * from backfill_queue where status = 'processing' and scraper_version_id = (select id from scraper_versions where version = 'v3.3.0');
select apply_extractions(jsonb_agg(jsonb_build_object('vehicle_id', vehicle_id, 'outcome', 'not_modified', 'source_url', source_url, 'method', 'ksl_test_scraper',
  'scraper_version', 'v3.3.0', 'request', jsonb_build_object('queue', 'backfill_queue', 'id', id, 'lease_token', lease_token),
  'facts', case when right(vehicle_id::text, 1) = '1' then '{"vin": {"value": "1GCDC14HXFS135831", "confidence": 0.9}}' else '{}' end::jsonb))) from c;
select results_eq($$select changes_detected, fields_updated, status from backfill_queue where id = (select id from c where right(vehicle_id::text, 1) = '1')$$,
  $$values ('{"vin": {"old": null, "new": "1GCDC14HXFS135831"}}'::jsonb, '{vin}'::text[], 'completed')$$, 'what changed stands in the row, as old and new');
select results_eq($$select changes_detected, fields_updated from backfill_queue where id = (select id from c where right(vehicle_id::text, 1) = '3')$$,
  $$values ('{}'::jsonb, '{}'::text[])$$, 'and {} where nothing did');
select results_eq($$select queued_count, completed, backfilled_count, pending + processing + failed + moved_on from scraper_version_status where version = 'v3.3.0'$$,
  $$values (5, 5::bigint, 1::bigint, 0::bigint)$$, 'the counts are true');
update backfill_queue set processed_at = now() - interval '40 days' where status = 'completed';
select private.prune_queues();
select is((select count(*) from backfill_queue b join scraper_versions v on v.id = b.scraper_version_id where v.version = 'v3.3.0'), 0::bigint, 'finished rows are forgotten after their time');
select results_eq($$select s.completed, s.backfilled_count, v.backfilled_count, s.moved_on from scraper_version_status s join scraper_versions v using (id) where s.version = 'v3.3.0'$$,
  $$values (5::bigint, 1::bigint, 1::bigint, 0::bigint)$$, 'and their counts are not');

-- Portions.
insert into vehicles (discovery_url) select 'https://cars.test/many/' || n from generate_series(1, 25) n;
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required) values ('ksl_test_scraper', 'v3.4.0', '{engine}', false);
update scraper_versions set scan_finished_at = null, backfill_required = true where version = 'v3.4.0';
select is((select array_agg(private.queue_for_version((select id from scraper_versions where version = 'v3.4.0'), 10)) from generate_series(1, 5)),
  '{10,10,10,3,null}', 'portions follow one another, across hosts, until all are seen');
select results_eq($$select queued_count, scanned_count, scan_finished_at is not null from scraper_versions where version = 'v3.4.0'$$,
  $$values (33, 33::bigint, true)$$, 'each vehicle was seen and queued once');
update scraper_versions set scan_finished_at = null, scan_host = '', scan_after = null where version = 'v3.4.0';
select private.queue_for_new_versions();
select results_eq($$select queued_count, scan_finished_at is not null from scraper_versions where version = 'v3.4.0'$$,
  $$values (33, true)$$, 'cron goes on where it stopped; what is queued is not queued again');

select results_eq($$select scraper_name, deployed_version, registered_version from scrapers_ahead_of_registry where scraper_name like '%test_scraper'$$,
  $$select null::text, null::text, null::text limit 0$$, 'no scraper is ahead of its row');
select sync_scrape_sources('[{"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.10.0"}]');
select results_eq($$select scraper_name, deployed_version, registered_version from scrapers_ahead_of_registry where scraper_name like '%test_scraper'$$,
  $$values ('ksl_test_scraper', 'v3.10.0', 'v3.4.0')$$, 'until it is deployed newer');

select * from finish();
rollback;
