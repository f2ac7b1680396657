begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://cars.test/1'), ('00000000-0000-4000-8000-000000000002', 'https://else.test/2');
insert into import_queue (listing_url, status, outcome_code, next_attempt_at, attempts) values
  ('https://cars.test/11', 'failed', 'unreadable', null, 3), ('https://cars.test/12', 'pending', 'unreadable', now() + interval '1 hour', 1),
  ('https://cars.test/13', 'failed', 'gone', null, 1), ('https://else.test/14', 'failed', 'unreadable', null, 3);

-- A job that has learned maps in shadow, each of these fields.
create function pg_temp.learned(p_fields text[], p_confidence numeric default 0.9, p_replaces jsonb default '[]') returns uuid language plpgsql as $$
declare
  v_job uuid := learn_extraction_map('cars.test');
begin
  perform claim_queue('extraction_map_jobs', 1);
  perform write_extraction_maps(v_job, (select lease_token from extraction_map_jobs where id = v_job), jsonb_build_array(jsonb_build_object(
    'template', 'template 1', 'confidence', p_confidence, 'rules', jsonb_build_object('replaces', p_replaces), 'fields', p_fields,
    'support', 40, 'held_out', 40, 'errors', 0, 'learned_from', '{}'::uuid[])));
  return v_job;
end
$$;
create function pg_temp.settle(p_job uuid, p_comparisons jsonb, p_adapter_reads integer) returns text language sql as $$
  select settle_map_comparisons(id, lease_token, p_comparisons, 40, p_adapter_reads) from extraction_map_jobs where id = p_job
$$;
-- So many pages on which the adapter reads the same, and so many on which it reads something else.
create function pg_temp.compared(p_job uuid, p_field text, p_agree integer, p_disagree integer default 0) returns jsonb language sql as $$
  select jsonb_agg(jsonb_build_object('map_id', j.state -> 'map_ids' ->> 0, 'snapshot_id', format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0')), 'field_name', p_field,
    'map_value', 'a', 'other_value', case when n <= p_agree then 'a' else 'b' end, 'agrees', n <= p_agree))
  from extraction_map_jobs j, generate_series(1, p_agree + p_disagree) n where j.id = p_job
$$;

create temp table job as select pg_temp.learned('{vin,color}', 0.74) as id;
select is((select status from extraction_maps), 'draft', 'a map of which no rule is sure is a draft');
select is(pg_temp.settle((select id from job), '[]', 0), '0 of 1 maps serve; 1 drafts: too few pages to be sure', 'and does not serve');
select results_eq('select status, step from extraction_map_jobs', $$values ('completed', 'done')$$, 'its job is done');

update job set id = pg_temp.learned('{vin,color}');
select is((select status from extraction_maps where version = 2), 'shadow', 'one that is sure is in shadow');
select is(settle_map_comparisons((select id from job), gen_random_uuid(), '[]', 40, 0), null, 'a worker that lost its lease decides nothing');
select is(pg_temp.settle((select id from job), '[]', 0), '1 of 1 maps serve', 'where nothing else reads the pages it serves at once');
select results_eq('select source_url, scraper_version_id from backfill_queue', $$select 'https://cars.test/1', scraper_version_id from extraction_maps where version = 2$$,
  'vehicles of its source that lack its fields are read again from snapshots, and no others');
select results_eq('select status, attempts, next_attempt_at is null from import_queue order by listing_url',
  $$values ('pending', 0, true), ('pending', 0, true), ('failed', 1, true), ('failed', 3, true)$$, 'its listings that could not be read are due, with fresh attempts');
select is((select retired_because from extraction_maps where version = 1), 'replaced by version 2', 'the draft of before is retired');

update job set id = pg_temp.learned('{vin,color}');
select is(pg_temp.settle((select id from job), pg_temp.compared((select id from job), 'vin', 19), 40), 'in shadow', 'where the adapter reads too, 19 pages are too few');
select results_eq('select status, step, next_attempt_at > now() from extraction_map_jobs where status <> ''completed''', $$values ('pending', 'sample', true)$$, 'and its job waits for more');
update extraction_map_jobs set next_attempt_at = null where status = 'pending';
select count(claim_queue('extraction_map_jobs', 1));
select is(pg_temp.settle((select id from job), pg_temp.compared((select id from job), 'vin', 20), 40), '1 of 1 maps serve', '20 are enough');
select is((select status from extraction_maps where version = 2), 'serving', 'one whose pages it does not read stays');

update job set id = pg_temp.learned('{vin,color}', p_replaces => (select jsonb_agg(id) from extraction_maps where version = 2));
select is(pg_temp.settle((select id from job), pg_temp.compared((select id from job), 'vin', 30) || pg_temp.compared((select id from job), 'color', 30, 1), 40),
  '1 of 1 maps serve', 'a field that is contradicted once');
select is((select fields from extraction_maps where version = 4), '{vin}', 'is taken out');
select results_eq('select version, status from extraction_maps order by version', $$values (1, 'retired'), (2, 'retired'), (3, 'serving'), (4, 'serving')$$, 'and one whose pages it reads is retired');

update job set id = pg_temp.learned('{vin}');
select pg_temp.settle((select id from job), pg_temp.compared((select id from job), 'vin', 30, 1), 40);
select is((select retired_because from extraction_maps where version = 5), 'contradicted: vin', 'a map of which nothing is left is retired');

select * from finish();
rollback;
