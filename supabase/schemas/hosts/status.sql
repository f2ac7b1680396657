-- How each host stands, for people.

create function private.why_host_waits(h public.source_hosts) returns text
language sql stable
set search_path = ''
return case
  when h.breaker = 'half_open' then 'one request is trying whether it serves again; ' || h.opened_because
  when h.breaker = 'open' then h.opened_because
  when h.retry_after > now() then 'it asked to wait (Retry-After)'
  when h.robots_error is not null and h.robots_fresh_until > now() and h.robots_body is null
    then 'robots.txt cannot be read: ' || h.robots_error
  else 'may be asked'
end;
comment on function private.why_host_waits(public.source_hosts) is 'Why a host is not asked now, or that it may be.';

create function private.host_waits_until(h public.source_hosts) returns timestamptz
language sql stable
set search_path = ''
return case
  when h.breaker = 'half_open' then h.probe_until
  when h.breaker = 'open' then greatest(h.retry_at, h.retry_after)
  when h.retry_after > now() then h.retry_after
  when h.robots_error is not null and h.robots_fresh_until > now() and h.robots_body is null
    then h.robots_fresh_until
end;
comment on function private.host_waits_until(public.source_hosts) is 'When a host that is not asked now is asked again; null when it may be.';

create function private.pace_words(h public.source_hosts) returns text
language sql stable
set search_path = ''
return case private.pace_set_by(h)
  when 'its answers slowed it down' then 'slowed down: ' || coalesce(h.paced_because, 'by its answers')
  else private.pace_set_by(h)
end;
comment on function private.pace_words(public.source_hosts) is 'What the pace of a host comes from, in words.';
grant execute on function
  private.why_host_waits(public.source_hosts),
  private.host_waits_until(public.source_hosts),
  private.pace_words(public.source_hosts)
to authenticated, service_role;

create view public.source_host_status with (security_invoker = true) as
select
  h.host,
  h.interval_ms,
  h.breaker,
  private.why_host_waits(h) as why,
  private.host_waits_until(h) as until,
  h.last_outcome,
  h.last_message,
  h.last_answered_at,
  day.attempts as attempts_24h,
  day.served as served_24h,
  case
    when h.robots_fetched_at is null then 'not read yet'
    when h.robots_error is not null then 'unreachable: ' || h.robots_error
    when h.robots_status between 200 and 299 then 'read'
    else 'none (' || h.robots_status || ')'
  end as robots,
  h.robots_fetched_at,
  private.pace_words(h) as interval_because,
  case when h.budget_until > now() then h.new_pages_budget - h.new_pages_used end as new_pages_left
from public.source_hosts h
cross join lateral (
  select
    count(*) as attempts,
    count(*) filter (where outcome in ('ok', 'not_modified', 'gone')) as served
  from public.scraping_health a
  where a.host = h.host
    and a.created_at > now() - interval '1 day'
) as day;
comment on view public.source_host_status is
  'How each host stands: how fast it is asked, whether it may be asked, why not and until when, what it answered last, what its pace comes from, and how many pages of new listings its budget leaves.';
grant select on public.source_host_status to authenticated, service_role;
