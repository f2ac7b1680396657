create view public.outside_worker_status with (security_invoker = true) as
select
  w.name,
  case when w.seen_at > now() - interval '1 minute' then 'here' else 'gone' end as state,
  w.places,
  w.functions,
  w.started_at,
  w.seen_at,
  case when w.seen_at <= now() - interval '1 minute' then
    'it did not say that it ends: its leases have run out and others do its work' end as why
from public.outside_workers w
order by w.seen_at <= now() - interval '1 minute', w.name, w.started_at;
comment on view public.outside_worker_status is
  'The processes that run workers outside the edge runtime: here, or gone without a word (killed, or cut off from the database) in the last day.';
grant select on public.outside_worker_status to authenticated, service_role;
