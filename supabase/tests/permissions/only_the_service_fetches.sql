begin;
create extension if not exists pgtap with schema extensions;
select plan(20);

insert into public.source_hosts (host) values ('cars.example');
insert into public.scraping_health (source, url, outcome, ms) values ('s', 'u', 'ok', 1);
insert into public.page_snapshots (
  canonical_url, url, final_url, sha256, status, content_type, bytes, stored_bytes, storage_path
) values ('https://a.b/', 'https://a.b/', 'https://a.b/', repeat('0', 64), 200, 'text/html', 1, 1, 'x');

select ok(relrowsecurity, relname || ' has row level security')
from pg_class
where oid in ('public.source_hosts'::regclass, 'public.scraping_health'::regclass, 'public.page_snapshots'::regclass)
order by relname;

select ok(not has_table_privilege('anon', t, 'select'), 'anon cannot read ' || t)
from unnest(array['source_hosts', 'scraping_health', 'page_snapshots', 'source_host_status']) as t;
select ok(not has_table_privilege('authenticated', t, 'insert, update, delete'), 'authenticated cannot write ' || t)
from unnest(array['source_hosts', 'scraping_health', 'page_snapshots']) as t;

select ok(not has_function_privilege(r, f, 'execute'), r || ' cannot call ' || f)
from unnest(array['anon', 'authenticated']) as r,
  unnest(array[
    'public.prepare_fetches(uuid, jsonb, integer, text[], text)',
    'public.reserve_host_slots(uuid, jsonb, integer)',
    'public.record_fetches(uuid, jsonb)',
    'public.newest_page_snapshots(text[])'
  ]) as f;

-- pgTAP's own functions are not for every role: what a role sees is counted as that role, judged after.
create function pg_temp.seen_by(p_claims text) returns text
language plpgsql as $$
declare
  v_seen text;
begin
  perform set_config('request.jwt.claims', p_claims, true);
  set local role authenticated;
  v_seen := (select count(*) from public.source_host_status) || ' hosts, '
    || (select count(*) from public.scraping_health) || ' attempts, '
    || (select count(*) from public.page_snapshots) || ' pages';
  reset role;
  return v_seen;
end
$$;
select is(
  pg_temp.seen_by('{"role": "authenticated"}'), '0 hosts, 0 attempts, 0 pages',
  'a signed-in user who is no operator sees no hosts, attempts and pages'
);
select is(
  pg_temp.seen_by('{"role": "authenticated", "app_metadata": {"role": "operator"}}'),
  '1 hosts, 1 attempts, 1 pages', 'an operator sees hosts, attempts and pages'
);

select * from finish();
rollback;
