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
