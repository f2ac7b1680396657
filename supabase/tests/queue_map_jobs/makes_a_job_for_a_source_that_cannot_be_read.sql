begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

select sync_scrape_sources('[{"slug": "learn_test", "name": "Cars", "kind": "dealer", "hosts": ["cars.test"], "scraper_name": "learn_test_scraper", "scraper_version": "v1.0.0"}]');

-- A page of a vehicle that came, was kept, and ended so.
create function pg_temp.page(p_host text, n integer, p_outcome text, p_at timestamptz default now(), p_kept boolean default true) returns void language plpgsql as $$
declare
  v_url text := format('https://%s/%s', p_host, n);
  v_id uuid;
begin
  insert into vehicles (discovery_url) values (v_url) on conflict do nothing;
  select id into v_id from vehicles where discovery_url = v_url;
  insert into scrape_steps (vehicle_id, step_name, status, source, url, outcome_code, created_at)
  values (v_id, 'extract_data', case when p_outcome = 'ok' then 'success' else 'failed' end, p_host, v_url, p_outcome, p_at);
  if p_kept then
    insert into page_snapshots (canonical_url, url, final_url, sha256, content_type, status, bytes, stored_bytes, storage_path, fetched_at, last_seen_at)
    values (canonical_listing_url(v_url), v_url, v_url, encode(sha256(convert_to(v_url, 'UTF8')), 'hex'), 'text/html', 200, 1, 1, 'x', p_at, p_at) on conflict do nothing;
  end if;
end
$$;
create function pg_temp.end_jobs(p_ago interval) returns void language sql as $$
  update extraction_map_jobs set status = 'completed', step = 'done', processed_at = now() - p_ago where status = 'pending'
$$;

select pg_temp.page('cars.test', n, 'unreadable') from generate_series(1, 4) n;
select pg_temp.page('www2.cars.test', n, 'ok') from generate_series(1, 20) n;
select pg_temp.page('gone.test', n, 'unreadable', p_kept => false) from generate_series(1, 9) n;
select pg_temp.page('old.test', n, 'unreadable', now() - interval '25 hours') from generate_series(1, 9) n;
select pg_temp.page('wall.test', n, 'blocked') from generate_series(1, 9) n;
select is(private.queue_map_jobs(), 0, 'four pages, pages that were not kept, those of yesterday, and walls make no job');

select pg_temp.page('cars.test', 4, 'unreadable');
select is(private.queue_map_jobs(), 0, 'nor does the same page twice');
select pg_temp.page('www2.cars.test', 21, 'unreadable');
select is(private.queue_map_jobs(), 1, 'five pages of a day do');
select results_eq('select source, hosts, cause, step from extraction_map_jobs', $$values ('learn_test', '{cars.test,www2.cars.test}'::text[], 'unreadable', 'sample')$$,
  'one for the source, with all hosts that show it');
select is(private.queue_map_jobs(), 0, 'and no other while it is open');
select is(learn_extraction_map('cars.test'), (select id from extraction_map_jobs), 'also not by hand');

select pg_temp.end_jobs('19 minutes');
select is(private.queue_map_jobs(), 0, 'after it there is a pause');
update extraction_map_jobs set processed_at = now() - interval '21 minutes';
select is(private.queue_map_jobs(), 1, 'of 20 minutes');
select pg_temp.end_jobs('21 minutes');
select is(private.queue_map_jobs(), 0, 'and a longer one after the second');

update extraction_map_jobs set processed_at = now() - interval '2 hours';
insert into extraction_maps (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
values ('learn_test', '{cars.test}', 'template 1', 1, 'serving', 'unreadable', '{}', '{vin}', 20, 20, 0, now());
select is(private.queue_map_jobs(), 0, 'what could not be read before a map served says nothing against it');
select pg_temp.page('cars.test', n, 'unreadable', now() + interval '11 minutes') from generate_series(1, 5) n;
select is(private.queue_map_jobs(), 1, 'what cannot be read by it makes the next');

select is((select reading_source from private.reading_source('unknown.test')), 'unknown.test', 'a site without an adapter is its own source');

select * from finish();
rollback;
