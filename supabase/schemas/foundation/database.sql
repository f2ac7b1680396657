-- What every later file stands on: extensions, who may see what, and the call that invokes a worker.

create extension if not exists pg_cron with schema pg_catalog;
create extension if not exists pg_net with schema extensions;

-- Supabase hands every new object in public to anon and authenticated. Here each grant is named.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke execute on functions from anon, authenticated;
alter default privileges revoke execute on functions from public;

create schema if not exists private;
comment on schema private is
  'Inner workings: not exposed by the API. Names here may change between releases.';
grant usage on schema private to authenticated, service_role;

create function private.is_operator() returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(auth.jwt() -> 'app_metadata' ->> 'role', '') = 'operator'
$$;
comment on function private.is_operator() is
  'Whether the signed-in user operates this database. app_metadata is writable by the service only. Policies ask it as (select private.is_operator()): once a statement, not once a row.';
grant execute on function private.is_operator() to authenticated, service_role;
