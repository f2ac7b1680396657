begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

create function pg_temp.page(p_listing text, n integer, p_age interval, p_good boolean default true, p_content integer default null) returns uuid language sql as $$
  insert into page_snapshots (id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, content_type, bytes, stored_bytes, storage_path, is_good)
  select ('00000000-0000-4000-8000-' || lpad(to_hex(abs(hashtext(p_listing)) % 65536), 4, '0') || lpad(n::text, 8, '0'))::uuid,
    'https://' || p_listing, 'https://' || p_listing, 'https://' || p_listing, c.hash,
    now() - p_age, now() - p_age, 200, 'text/html', 100, 10, left(c.hash, 2) || '/' || c.hash || '.gz', p_good
  from (select lpad(md5(p_listing || coalesce(p_content, n)), 64, '0') as hash) c
  returning id
$$;
select pg_temp.page('a.example/1', n, n * interval '7 days') from generate_series(1, 7) n;
-- One good page, years old; walls since.
select pg_temp.page('a.example/2', 1, '3 years');
select pg_temp.page('a.example/2', n, n * interval '1 hour', false) from generate_series(2, 8) n;
-- Old ones beside a newer one; a value that is held was read from one of them.
select pg_temp.page('a.example/3', n, n * interval '200 days') from generate_series(1, 4) n;
select pg_temp.page('a.example/4', 1, '1 day');
select pg_temp.page('a.example/4', 2, '300 days');
update page_snapshots set sha256 = (select sha256 from page_snapshots where canonical_url = 'https://a.example/1' and right(id::text, 1) = '1'),
  storage_path = (select storage_path from page_snapshots where canonical_url = 'https://a.example/1' and right(id::text, 1) = '1')
where canonical_url = 'https://a.example/4' and right(id::text, 1) = '2';

select results_eq($$select host, listings, pages, objects, stored_bytes from snapshot_storage_by_source$$,
  $$values ('a.example', 4::bigint, 21::bigint, 20::bigint, 200::bigint)$$, 'snapshot_storage_by_source counts listings, pages, objects and bytes of a site, each content once');

select * from finish();
rollback;
