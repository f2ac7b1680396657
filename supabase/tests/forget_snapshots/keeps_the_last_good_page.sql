begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

create function pg_temp.page(p_listing text, n integer, p_age interval, p_good boolean default true, p_content integer default null) returns uuid language sql as $$
  insert into page_snapshots (id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, content_type, bytes, stored_bytes, storage_path, is_good)
  select ('00000000-0000-4000-8000-' || lpad(to_hex(abs(hashtext(p_listing)) % 65536), 4, '0') || lpad(n::text, 8, '0'))::uuid,
    'https://' || p_listing, 'https://' || p_listing, 'https://' || p_listing, c.hash,
    now() - p_age, now() - p_age, 200, 'text/html', 100, 10, left(c.hash, 2) || '/' || c.hash || '.gz', p_good
  from (select lpad(md5(p_listing || coalesce(p_content, n)), 64, '0') as hash) c
  returning id
$$;
create function pg_temp.kept(p_listing text) returns text language sql as $$
  select string_agg(right(id::text, 1), '' order by right(id::text, 1)) from page_snapshots where canonical_url = 'https://' || p_listing
$$;

-- Seven of the last weeks: five are kept.
select pg_temp.page('a.example/1', n, n * interval '7 days') from generate_series(1, 7) n;
-- One good page, years old; walls since.
select pg_temp.page('a.example/2', 1, '3 years');
select pg_temp.page('a.example/2', n, n * interval '1 hour', false) from generate_series(2, 8) n;
-- Old ones beside a newer one; a value that is held was read from one of them.
select pg_temp.page('a.example/3', n, n * interval '200 days') from generate_series(1, 4) n;
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000003', 'https://www.a.example/3/');
select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000003', 'outcome', 'ok', 'source_url', 'https://a.example/3',
  'method', 'x', 'snapshot_id', (select id from page_snapshots where canonical_url = 'https://a.example/3' and right(id::text, 1) = '3'),
  'facts', '{"make": {"value": "Saab", "confidence": 0.9}}'::jsonb)));
-- The same content at two listings: one object.
select pg_temp.page('a.example/4', 1, '1 day');
select pg_temp.page('a.example/4', 2, '300 days');
update page_snapshots set sha256 = (select sha256 from page_snapshots where canonical_url = 'https://a.example/1' and right(id::text, 1) = '1'),
  storage_path = (select storage_path from page_snapshots where canonical_url = 'https://a.example/1' and right(id::text, 1) = '1')
where canonical_url = 'https://a.example/4' and right(id::text, 1) = '2';

select is(private.forget_snapshots(9), 2, 'the first portion forgets only the pages of listings that it reaches whole');
select is(pg_temp.kept('a.example/1'), '12345', 'the newest five pages of a listing are kept');
select is(private.forget_snapshots(9), 2, 'the next portion begins where the first one stopped');
select is(pg_temp.kept('a.example/2'), '123456', 'the last good page of a listing is kept, however old, beside the newest five');
select is(private.forget_snapshots(), 3, 'the last portion forgets the pages of the remaining listings');
select is(pg_temp.kept('a.example/3'), '13', 'a page older than the policy is kept while a held value was read from it');
select is(pg_temp.kept('a.example/4'), '1', 'a page older than the policy is forgotten beside a newer one');
select is((select count(*) from private.unneeded_snapshot_objects), 6::bigint, 'a stored object that another listing''s page needs is not given up');
select is(private.forget_snapshots(), 0, 'a round ends with a portion that forgets nothing');
select is(private.forget_snapshots(), 0, 'the round after a finished one forgets nothing more');

select * from finish();
rollback;
