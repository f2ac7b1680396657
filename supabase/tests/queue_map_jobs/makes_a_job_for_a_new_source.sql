begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.pages(p_host text) returns void language sql as $$
  insert into scrape_steps (step_name, status, source, url, outcome_code) select 'extract_data', 'failed', p_host, format('https://%s/%s', p_host, n), 'unreadable' from generate_series(1, 5) n;
  insert into page_snapshots (canonical_url, url, final_url, sha256, content_type, status, bytes, stored_bytes, storage_path)
  select u, u, u, encode(sha256(convert_to(u, 'UTF8')), 'hex'), 'text/html', 200, 1, 1, 'x' from (select canonical_listing_url(format('https://%s/%s', p_host, n)) as u from generate_series(1, 5) n) u;
$$;
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, found_by, lifecycle) values
  ('new_test', 'New', 'dealer', '{new.test}', 'general_scraper', 'v1.0.0', 'page_link', 'probation'), ('left_test', 'Left', 'dealer', '{left.test}', 'general_scraper', 'v1.0.0', 'page_link', 'retired');

select pg_temp.pages('unknown.test');
select pg_temp.pages('left.test');
select is(private.queue_map_jobs(), 0, 'pages of no vehicle make no job for a host that is no source, or one that is retired');
select pg_temp.pages('new.test');
select is(private.queue_map_jobs(), 1, 'they do for one that is wanted');
select results_eq('select source, cause from extraction_map_jobs', $$values ('new.test', 'new_source')$$, 'as a new source, under its host');
update extraction_map_jobs set status = 'completed', processed_at = now() - interval '5 hours', created_at = now() - interval '5 hours';
select is(private.queue_map_jobs(), 0, 'and once a day');
update extraction_map_jobs set created_at = now() - interval '25 hours';
select is(private.queue_map_jobs(), 1, 'and then again');

select * from finish();
rollback;
