begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.page(p_listing text, n integer, p_age interval, p_good boolean default true, p_content integer default null) returns uuid language sql as $$
  insert into page_snapshots (id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, content_type, bytes, stored_bytes, storage_path, is_good)
  select ('00000000-0000-4000-8000-' || lpad(to_hex(abs(hashtext(p_listing)) % 65536), 4, '0') || lpad(n::text, 8, '0'))::uuid,
    'https://' || p_listing, 'https://' || p_listing, 'https://' || p_listing, c.hash,
    now() - p_age, now() - p_age, 200, 'text/html', 100, 10, left(c.hash, 2) || '/' || c.hash || '.gz', p_good
  from (select lpad(md5(p_listing || coalesce(p_content, n)), 64, '0') as hash) c
  returning id
$$;
select pg_temp.page('a.example/1', n, n * interval '7 days') from generate_series(1, 7) n;
select pg_temp.page('a.example/2', n, n * interval '1 hour') from generate_series(1, 9) n;
select private.forget_snapshots();

select is(jsonb_array_length(unneeded_snapshot_objects(3)), 3, 'the objects to remove come in portions');
select pg_temp.page('a.example/1', 7, '0 days');
select is(jsonb_array_length(unneeded_snapshot_objects(100)), 5, 'an object whose content was kept again meanwhile is not removed');
select is(forget_snapshot_objects(array(select jsonb_array_elements_text(unneeded_snapshot_objects(100)))), 5, 'the objects that were removed are forgotten');

select * from finish();
rollback;
