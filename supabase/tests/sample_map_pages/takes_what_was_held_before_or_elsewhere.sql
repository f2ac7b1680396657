begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create function pg_temp.page(n integer, p_outcome text, p_vehicle uuid) returns void language plpgsql as $$
declare
  v_url text := 'https://cars.test/' || n;
begin
  insert into scrape_steps (vehicle_id, step_name, status, source, url, outcome_code, created_at)
  values (p_vehicle, 'extract_data', case when p_outcome = 'ok' then 'success' else 'failed' end, 'cars.test', v_url, p_outcome, now() - make_interval(mins => n));
  insert into page_snapshots (canonical_url, url, final_url, sha256, content_type, status, bytes, stored_bytes, storage_path, fetched_at, last_seen_at)
  values (v_url, v_url, v_url, repeat('a', 64), 'text/html', 200, 1, 1, 'x', '2026-02-01', now());
end
$$;
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.state(p_source text, p_at text, p_confidence numeric default 0.9) returns jsonb language sql as $$ select jsonb_build_object('source', p_source, 'page_at', p_at, 'confidence', p_confidence, 'method', 'x') $$;
create function pg_temp.sampled(p_cause text, p_fields text[] default '{}') returns integer language plpgsql as $$
begin
  delete from extraction_map_jobs;
  insert into extraction_map_jobs (source, hosts, cause, fields) values ('cars.test', '{cars.test}', p_cause, p_fields);
  perform claim_queue('extraction_map_jobs', 1);
  return (select sample_map_pages(id, lease_token) from extraction_map_jobs);
end
$$;
insert into vehicles (id, discovery_url, year, make, model, mileage, color, engine, field_state) values (pg_temp.id(1), 'https://cars.test/1', 1990, 'BMW', 'M3', 9000, 'Red', 'V8', jsonb_build_object(
  'year', pg_temp.state('cars.test', '2026-01-01'), 'make', pg_temp.state('cars.test', '2026-01-01'), 'model', pg_temp.state('else.test', '2026-03-01'),
  'mileage', pg_temp.state('cars.test', '2026-02-01'), 'color', pg_temp.state('else.test', '2026-01-01', 0.79), 'engine', pg_temp.state('else.test', '2026-01-01', 0.8), 'vin', '{"why": "absent_at_source"}'::jsonb));
insert into vehicles (id, discovery_url, year) values (pg_temp.id(2), 'https://cars.test/2', 1991);
select pg_temp.page(1, 'unreadable', pg_temp.id(1));
select pg_temp.page(2, 'unreadable', pg_temp.id(2));
select pg_temp.page(3, 'unreadable', null);
select pg_temp.page(4, 'ok', pg_temp.id(2));

select is(pg_temp.sampled('unreadable'), 1, 'of vehicles that hold three facts or more');
select is((select facts from extraction_map_pages), '{"vin": null, "make": "BMW", "year": 1990, "model": "M3", "engine": "V8"}',
  'held from a page before or another source with 0.8 or more; null for what its source does not state');
select ok((select 'trim' = any (not_held) and not 'color' = any (not_held) and not 'vin' = any (not_held) from extraction_map_pages), 'what is not held at all is told apart');
select is(pg_temp.sampled('new_source'), 2, 'a new source is learned from pages of which no vehicle is known, too');
select is(pg_temp.sampled('coverage', '{mileage}'), 0, 'for a field that fell, where that is known');
select is(pg_temp.sampled('coverage', '{engine}'), 1, 'those are taken that hold it');
update scrape_steps set status = 'success', outcome_code = 'ok' where url = 'https://cars.test/1';
select is(pg_temp.sampled('unreadable'), 0, 'a page that was read since is not unreadable');
update scrape_steps set created_at = now() - interval '4 days';
select is(pg_temp.sampled('manual'), 0, 'nor is one of four days ago taken');
select is(sample_map_pages((select id from extraction_map_jobs), gen_random_uuid()), null, 'a worker that lost its lease chooses nothing');

select * from finish();
rollback;
