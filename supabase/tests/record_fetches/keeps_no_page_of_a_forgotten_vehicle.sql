begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.record(p_urls text[], p_content text) returns void language sql as $$
  select public.record_fetches(gen_random_uuid(), jsonb_build_object('attempts', '[]'::jsonb, 'answers', '[]'::jsonb, 'robots', '[]'::jsonb, 'released', '[]'::jsonb, 'seen', '[]'::jsonb,
    'snapshots', (select jsonb_agg(jsonb_build_object('id', md5(u || p_content)::uuid, 'canonical_url', u, 'url', u, 'final_url', u, 'sha256', repeat(p_content, 64), 'fetched_at', now() - interval '1 minute', 'status', 200, 'etag', null,
      'last_modified', null, 'content_type', 'text/html', 'bytes', 10, 'stored_bytes', 5, 'storage_path', repeat(p_content, 2) || '/' || repeat(p_content, 64) || '.gz')) from unnest(p_urls) u)))
$$;
create function pg_temp.unneeded() returns setof text language sql as $$
  select left(o ->> 'storage_path', 2) from jsonb_array_elements(preview_unneeded_objects()) o order by 1
$$;
insert into vehicles (discovery_url) values ('https://a.example/1'), ('https://a.example/2');
delete from vehicles where discovery_url = 'https://a.example/1';

select pg_temp.record(array['https://a.example/1', 'https://a.example/2'], 'a');
select pg_temp.record(array['https://a.example/1'], 'b');
select results_eq('select canonical_url from page_snapshots', array['https://a.example/2'], 'a page that was fetched before its vehicle was forgotten leaves no row');
select results_eq('select pg_temp.unneeded()', array['bb'], 'its file is to be removed, unless another page shares it');

-- Written by a session that could not see yet that the vehicle was forgotten.
insert into page_snapshots (canonical_url, url, final_url, sha256, status, content_type, bytes, stored_bytes, storage_path)
values ('https://a.example/1', 'https://a.example/1', 'https://a.example/1', repeat('c', 64), 200, 'text/html', 100, 10, 'cc/' || repeat('c', 64) || '.gz');
select private.forget_snapshots();
select results_eq('select canonical_url from page_snapshots', array['https://a.example/2'], 'a page that was recorded at that moment is forgotten within ten minutes');
select results_eq('select pg_temp.unneeded()', array['bb', 'cc'], 'and its file is to be removed');

insert into vehicles (discovery_url) values ('https://a.example/1');
select pg_temp.record(array['https://a.example/1'], 'b');
select is((select count(*) from page_snapshots where canonical_url = 'https://a.example/1'), 1::bigint, 'the pages of a vehicle that was brought back are kept');

select * from finish();
rollback;
