-- Each step of a scrape on record, and the steps that wait to be tried again.

create function private.queue_failed_steps() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if exists (select from added where status = 'failed' and vehicle_id is not null) then
    insert into public.scrape_retry_queue (vehicle_id, step_name, next_retry_at, outcome_code, error_message)
    select distinct on (a.vehicle_id, a.step_name)
      a.vehicle_id, a.step_name,
      now() + private.retry_wait(a.source, a.outcome_code, 1),
      a.outcome_code, a.error_message
    from added a
    where a.status = 'failed'
      and a.vehicle_id is not null
      and private.can_heal(a.outcome_code)
      and not coalesce(a.metadata ? 'retried_by', false) -- what its own queue tries again is not queued twice
    order by a.vehicle_id, a.step_name, a.created_at desc
    on conflict (vehicle_id, step_name) where status in ('pending', 'processing') do nothing;
  end if;

  -- What has worked meanwhile, whoever did it, needs no retry.
  update public.scrape_retry_queue
  set status = 'completed', outcome_code = 'ok', error_message = null, next_retry_at = null,
      processed_at = now()
  where id in (
    select r.id
    from added a
    join public.scrape_retry_queue r on r.vehicle_id = a.vehicle_id and r.step_name = a.step_name
    where a.status = 'success'
      and r.status = 'pending'
    for update of r skip locked
  );
  return null;
end
$$;
comment on function private.queue_failed_steps() is
  'A step that failed in a way that can heal waits in scrape_retry_queue; one that works takes its row out.';

create trigger queue_failed_steps
  after insert on public.scrape_steps
  referencing new table as added
  for each statement execute function private.queue_failed_steps();
grant execute on function private.queue_failed_steps() to service_role;

create function public.retry_failed_steps(p_limit integer default 50) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_rescued integer := private.rescue('scrape_retry_queue', greatest(p_limit, 2000));
begin
  perform private.promote_due('scrape_retry_queue', greatest(p_limit, 2000));
  perform private.invoke_worker('retry-failed-steps', jsonb_build_object('background', true, 'batch_size', least(p_limit, 100)));
  return (
    select jsonb_build_object(
      'due', count(*) filter (where status = 'pending' and next_retry_at is null),
      'waiting', count(*) filter (where status = 'pending' and next_retry_at is not null),
      'processing', count(*) filter (where status = 'processing'),
      'rescued', v_rescued,
      'next_retry_at', min(next_retry_at) filter (where status = 'pending'))
    from public.scrape_retry_queue
    where status in ('pending', 'processing')
  );
end
$$;
comment on function public.retry_failed_steps(integer) is
  'Invokes the worker retry-failed-steps, which works off scrape_retry_queue: only the steps that failed. Gives what it finds there.';
grant execute on function public.retry_failed_steps(integer) to service_role;

create view public.scrape_failure_analysis with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.make,
  v.model,
  v.year,
  v.discovery_url,
  case
    when v.vin is null then 'missing_vin'
    when v.sale_price is null then 'missing_price'
    when count(vi.id) = 0 and v.origin_metadata -> 'image_urls' is not null then 'missing_images'
    when count(vi.id) = 0 and v.origin_metadata -> 'image_urls' is null then 'missing_image_urls'
    else 'complete'
  end as failure_type,
  v.origin_metadata ->> 'image_count' as stored_image_count,
  count(vi.id) as actual_image_count,
  v.created_at
from public.vehicles v
left join public.vehicle_images vi on v.id = vi.vehicle_id
where v.origin_metadata ->> 'source' = 'bringatrailer.com'
group by v.id, v.make, v.model, v.year, v.discovery_url, v.vin, v.sale_price, v.origin_metadata, v.created_at
having
  v.vin is null
  or v.sale_price is null
  or (count(vi.id) = 0 and v.origin_metadata -> 'image_urls' is not null)
order by v.created_at desc;
comment on view public.scrape_failure_analysis is
  'Vehicles imported from Bring a Trailer whose scrape was partial, and what is missing.';
grant select on public.scrape_failure_analysis to authenticated, service_role;

create view public.source_drift with (security_invoker = true) as
select
  v.source_host,
  count(*) as pages_read,
  count(*) filter (where s.outcome_code = 'unreadable') as unreadable,
  round(100.0 * count(*) filter (where s.outcome_code = 'unreadable') / count(*), 1)
    as unreadable_percent,
  count(*) filter (where s.outcome_code = 'unreadable') >= 5
    and count(*) filter (where s.outcome_code = 'unreadable') >= 0.2 * count(*)
    as is_drifting,
  max(s.created_at) filter (where s.outcome_code = 'unreadable') as last_unreadable_at,
  (array_agg(v.discovery_url order by s.created_at desc) filter (where s.outcome_code = 'unreadable'))[1]
    as example_url,
  (array_agg(s.error_message order by s.created_at desc) filter (where s.outcome_code = 'unreadable'))[1]
    as example_reason
from public.scrape_steps s
join public.vehicles v on v.id = s.vehicle_id
where s.step_name = 'extract_data'
  and s.created_at > now() - interval '7 days'
  and (s.status = 'success' or s.outcome_code = 'unreadable')
group by v.source_host
order by unreadable desc;
comment on view public.source_drift is
  'Per site, last seven days: pages that came and could not be read. Many of them mean that the site changed its markup and its adapter is behind.';
grant select on public.source_drift to authenticated, service_role;
