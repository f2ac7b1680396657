begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

insert into vehicles (id, discovery_url, vin, year, field_state) values
  ('00000000-0000-4000-8000-000000000001', 'https://else.test/1', '1GCDC14H0FS135831', 1985, '{"vin": {"confidence": 0.95, "source": "else.test"}, "year": {"confidence": 0.9, "source": "else.test"}}'),
  ('00000000-0000-4000-8000-000000000002', 'https://else.test/2', '1GCDC14H0FS135832', 1986, '{"vin": {"confidence": 0.95, "source": "else.test"}, "year": {"confidence": 0.9, "source": "else.test"}}');
select learn_extraction_map('new.test');
select count(claim_queue('extraction_map_jobs', 1));
insert into extraction_map_pages (job_id, number, snapshot_id, url) select id, n, gen_random_uuid(), 'https://new.test/' || n from extraction_map_jobs, generate_series(0, 2) n;
create function pg_temp.checkpoint(p_token uuid) returns boolean language sql as $$
  select checkpoint_map_job(id, p_token, 'learn', '{"next": 3}', '[
    {"number": 0, "page_index": {}, "vins": ["1GCDC14H0FS135831", "1GCDC14H0FS135839"]},
    {"number": 1, "page_index": {}, "vins": ["1GCDC14H0FS135831", "1GCDC14H0FS135832"]},
    {"number": 2, "left_out": "a wall", "vins": []}]') from extraction_map_jobs
$$;

select is(pg_temp.checkpoint(gen_random_uuid()), false, 'a worker that lost its lease writes nothing');
select is((select count(*) from extraction_map_pages where page_index is not null), 0::bigint, 'of any page');
select is(pg_temp.checkpoint((select lease_token from extraction_map_jobs)), true, 'a step is written down');
select results_eq('select number, right(vehicle_id::text, 1), facts, left_out from extraction_map_pages order by number',
  $$values (0, '1', '{"vin": "1GCDC14H0FS135831", "year": 1985}'::jsonb, null), (1, null, '{}', null), (2, null, '{}', 'a wall')$$,
  'a page that shows the VIN of one vehicle is its page; of two nobody knows');
select results_eq('select step, state, steps_done, attempts from extraction_map_jobs', $$values ('learn', '{"next": 3}'::jsonb, 1, 1)$$, 'with the next step');

select * from finish();
rollback;
