begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.report(p_snapshots jsonb, p_seen jsonb default '[]') returns jsonb
language sql as $$
  select public.record_fetches(gen_random_uuid(), jsonb_build_object(
    'attempts', '[]'::jsonb, 'answers', '[]'::jsonb, 'robots', '[]'::jsonb, 'released', '[]'::jsonb,
    'snapshots', p_snapshots, 'seen', p_seen
  ))
$$;
create function pg_temp.kept(p_content text, p_at timestamptz, p_etag text default null) returns jsonb
language sql as $$
  select jsonb_build_array(jsonb_build_object(
    'id', md5(p_content)::uuid, 'canonical_url', 'https://cars.example/1', 'url', 'https://www.cars.example/1/',
    'final_url', 'https://cars.example/1', 'sha256', encode(sha256(p_content::bytea), 'hex'),
    'fetched_at', p_at, 'status', 200, 'etag', p_etag, 'last_modified', null,
    'content_type', 'text/html', 'bytes', 10, 'stored_bytes', 5, 'storage_path', 'ab/' || p_content
  ))
$$;
select pg_temp.report(pg_temp.kept('one', now() - interval '3 days', '"1"'));

select is((select count(*) from public.page_snapshots), 1::bigint, 'a page that was fetched is kept as a snapshot');
select pg_temp.report(pg_temp.kept('one', now() - interval '2 days', '"1b"'));
select is((select count(*) from public.page_snapshots), 1::bigint, 'the same content again adds no snapshot');
select results_eq(
  $$ select fetched_at = now() - interval '3 days', last_seen_at = now() - interval '2 days', etag
     from public.page_snapshots $$,
  $$ values (true, true, '"1b"') $$,
  'the same content again updates last_seen_at and the etag of its snapshot'
);
select pg_temp.report(pg_temp.kept('two', now() - interval '1 day'));
select is((select count(*) from public.page_snapshots), 2::bigint, 'other content is another snapshot');

select * from finish();
rollback;
