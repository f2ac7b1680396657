create view public.recent_step_failures with (security_invoker = true) as
select
  f.created_at as failed_at,
  f.step_name,
  f.source,
  f.vehicle_id,
  nullif(concat_ws(' ', v.year, v.make, v.model), '') as vehicle,
  coalesce(f.url, v.discovery_url) as url,
  f.outcome_code,
  f.error_message as error,
  f.duration_ms,
  now_is.state,
  case when now_is.state = 'is tried again' then coalesce(retry.queue, f.metadata ->> 'retried_by') end as retried_by,
  case when now_is.state = 'is tried again' and retry.is_open then coalesce(retry.due_at, now()) end as next_retry_at,
  case now_is.state
    when 'given up' then private.redrive_words(retry.queue, retry.id)
    when 'not tried again' then private.redo_words(f.step_name, f.vehicle_id, f.url)
  end as what_to_type
from (
  select *
  from public.scrape_steps
  where status = 'failed'
  order by created_at desc
  limit 500
) f
left join public.vehicles v on v.id = f.vehicle_id
-- What waits to try it again, or has stopped trying: the step's own retry, or the import of what is no vehicle yet.
left join lateral (
  (
    select
      'scrape_retry_queue' as queue, r.id, r.status in ('pending', 'processing') as is_open,
      r.status = 'failed' as has_failed, r.next_retry_at as due_at
    from public.scrape_retry_queue r
    where r.vehicle_id = f.vehicle_id
      and r.step_name = f.step_name
      and r.status in ('pending', 'processing', 'failed')
    order by r.status = 'failed', r.created_at desc
    limit 1
  )
  union all
  select 'import_queue' as queue, i.id, i.status in ('pending', 'processing'), i.status = 'failed', i.next_attempt_at
  from public.import_queue i
  where f.vehicle_id is null
    and i.canonical_url = public.canonical_listing_url(f.url)
) retry on true
cross join lateral (
  select case
    when exists (
      select from public.scrape_steps s
      where s.vehicle_id = f.vehicle_id
        and s.step_name = f.step_name
        and s.created_at > f.created_at
        and s.status = 'success') then 'worked since'
    when f.vehicle_id is null and not retry.is_open and not retry.has_failed then 'worked since'
    when private.is_final(f.outcome_code) then 'final'
    when retry.is_open then 'is tried again'
    when retry.has_failed then 'given up'
    when f.metadata ? 'retried_by' then 'is tried again'
    else 'not tried again'
  end as state
) now_is
order by f.created_at desc;
comment on view public.recent_step_failures is
  'The newest 500 steps that failed: of which vehicle and listing, why, what became of it since (worked since, is tried again, given up, not tried again, final), who tries it again and when, and what to type where nobody does.';

grant select on public.recent_step_failures to authenticated, service_role;
