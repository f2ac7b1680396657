begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

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
create function pg_temp.newest() returns text
language sql as $$
  select n.value -> 'snapshot' ->> 'storage_path'
  from jsonb_array_elements(public.newest_page_snapshots(array['http://cars.example/1?utm_source=x'])) as n
$$;

select pg_temp.report(pg_temp.kept('one', now() - interval '3 days')), pg_temp.report(pg_temp.kept('two', now() - interval '1 day'));

select is(pg_temp.newest(), 'ab/two', 'the newest snapshot is found by any spelling of its URL');
select pg_temp.report(pg_temp.kept('one', now() - interval '1 hour'));
select is(pg_temp.newest(), 'ab/one', 'a snapshot whose content comes back is the newest again');
select pg_temp.report('[]', jsonb_build_array(jsonb_build_object('id', md5('two')::uuid, 'age_ms', 10)));
select is(pg_temp.newest(), 'ab/two', 'a snapshot that the site calls not modified is the newest again');
update public.page_snapshots set is_good = false where storage_path = 'ab/two';
select is(pg_temp.newest(), 'ab/one', 'a snapshot that is marked as not good is passed over');
select is(
  public.newest_page_snapshots(array['file:///etc/passwd']) -> 0 ->> 'canonical_url', null,
  'a URL that is not http or https has no snapshot'
);

select * from finish();
rollback;
