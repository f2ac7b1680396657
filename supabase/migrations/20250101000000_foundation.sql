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

-- Invoking workers -------------------------------------------------------------------------------

create table public.worker_invocations (
  id bigint generated always as identity primary key,
  function_name text not null check (function_name ~ '^[a-z0-9-]+$'),
  invoked_at timestamptz not null default now(),
  request_id bigint,
  answered_at timestamptz,
  status_code integer,
  error text,
  check (request_id is not null or error is not null)
);
comment on table public.worker_invocations is
  'One row a call with which the database invoked an edge function, with the HTTP status it got. Kept three days.';
create index worker_invocations_by_function on public.worker_invocations (function_name, invoked_at desc);
create index worker_invocations_unanswered on public.worker_invocations (request_id) where answered_at is null;

alter table public.worker_invocations enable row level security;
create policy operators_read on public.worker_invocations
  for select to authenticated using ((select private.is_operator()));
grant select on public.worker_invocations to authenticated;
grant all on public.worker_invocations to service_role;

create function private.secret(p_name text) returns text
language sql stable security definer -- Vault is readable by its owner only
set search_path = ''
as $$
  select decrypted_secret from vault.decrypted_secrets where name = p_name
$$;
revoke execute on function private.secret(text) from public;

create function private.invoke_worker(p_function text, p_body jsonb default '{"background": true}', p_quiet interval default '2 seconds')
returns void
language plpgsql
security definer -- reads Vault and calls pg_net for whoever inserted work
set search_path = ''
as $$
declare
  v_url text;
  v_key text;
  v_request bigint;
begin
  -- Debounced without waiting: who does not get the lock knows that another one is calling.
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('invoke:' || p_function, 0)) then
    return;
  end if;
  if exists (
    select from public.worker_invocations
    where function_name = p_function
      and invoked_at > pg_catalog.now() - p_quiet
  ) then
    return;
  end if;

  v_url := private.secret('project_url');
  v_key := private.secret('service_role_key');
  if v_url is null or v_key is null then
    insert into public.worker_invocations (function_name, answered_at, error)
    values (p_function, pg_catalog.now(), 'Vault has no secret "project_url" or "service_role_key": see README, first deploy');
    return;
  end if;

  v_request := net.http_post(
    url := pg_catalog.rtrim(v_url, '/') || '/functions/v1/' || p_function,
    body := p_body,
    headers := pg_catalog.jsonb_build_object(
      'Content-Type', 'application/json',
      'apikey', v_key,
      'Authorization', 'Bearer ' || v_key
    ),
    timeout_milliseconds := 5000
  );
  insert into public.worker_invocations (function_name, request_id) values (p_function, v_request);
exception when others then
  -- The queue is the truth and cron the safety net: a call that breaks must not fail an insert of work.
  raise warning 'could not invoke %: %', p_function, sqlerrm;
end
$$;
comment on function private.invoke_worker(text, jsonb, interval) is
  'Invokes an edge function through pg_net, at most once per p_quiet. Never fails and never waits for a lock.';
revoke execute on function private.invoke_worker(text, jsonb, interval) from public;
grant execute on function private.invoke_worker(text, jsonb, interval) to service_role;

create function private.collect_invocation_answers() returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations r
  set answered_at = a.created,
      status_code = a.status_code,
      error = case when a.timed_out then 'no answer within five seconds' else a.error_msg end
  from net._http_response a
  where a.id = r.request_id
    and r.answered_at is null
    and a.created >= r.invoked_at; -- pg_net counts from one again after a crash
$$;
comment on function private.collect_invocation_answers() is
  'Copies what the invoked functions answered before pg_net forgets it (after six hours).';
revoke execute on function private.collect_invocation_answers() from public;

create view public.worker_invocation_status with (security_invoker = true) as
select
  called.function_name,
  called.last_invoked_at,
  answer.status_code as last_status,
  case
    when answer.status_code between 200 and 299 then 'ok'
    when answer.status_code = 404 then 'not deployed: supabase functions deploy ' || called.function_name
    when answer.status_code in (401, 403) then 'the key in Vault (service_role_key) is refused'
    when answer.status_code is not null then 'answered ' || answer.status_code
    when answer.error is not null then answer.error
    else 'no answer yet'
  end as meaning,
  answer.answered_at as last_answered_at
from (
  select function_name, max(invoked_at) as last_invoked_at
  from public.worker_invocations
  group by function_name
) called
-- Its last answer, not its last call: while work is due there is always one that is not answered yet.
left join lateral (
  select r.status_code, r.error, r.answered_at
  from public.worker_invocations r
  where r.function_name = called.function_name
    and r.answered_at is not null
  order by r.invoked_at desc, r.id desc
  limit 1
) answer on true
order by called.function_name;
comment on view public.worker_invocation_status is
  'For each edge function that the database invokes: when it was last called and what it last answered.';
grant select on public.worker_invocation_status to authenticated, service_role;
