-- How the steps of the scrapes stand: which of them fail, where, why, who tries them again, and what to type.

-- Each holds what a view below asks of the many, so that only the few it shows are read from the table.
drop index public.scrape_steps_by_time;
create index scrape_steps_by_time on public.scrape_steps (created_at)
  include (step_name, source, status, outcome_code, duration_ms);
create index scrape_steps_failed on public.scrape_steps (created_at)
  include (id, vehicle_id, step_name, outcome_code) where status = 'failed';
create index scrape_steps_worked on public.scrape_steps (vehicle_id, step_name, created_at)
  where status = 'success';
create index scrape_retry_queue_by_step on public.scrape_retry_queue (vehicle_id, step_name, created_at);

-- What to type -----------------------------------------------------------------------------------

create function private.redrive_words(p_queue text, p_id uuid) returns text
language sql immutable parallel safe
return format('select redrive_queue(%L, array[%L]::uuid[]);', p_queue, p_id);
comment on function private.redrive_words(text, uuid) is 'What puts one failed row of a queue back.';

create function private.redo_words(p_step text, p_vehicle_id uuid, p_url text) returns text
language sql immutable parallel safe
return case
  when p_vehicle_id is null and p_url is not null
    then format('select enqueue_listings(%L);', jsonb_build_array(jsonb_build_object('url', p_url)))
  when p_vehicle_id is null then null
  when p_step = 'backfill_images' then format('select retry_image_downloads(array[%L]::uuid[]);', p_vehicle_id)
  else format(
    'node scripts/invoke.js %s --body ''{"vehicle_id": "%s"}''',
    case p_step
      when 'extract_vin' then 'extract-vin-from-vehicle'
      when 'extract_images' then 'extract-images'
      when 'extract_comments' then 'extract-auction-comments'
      when 'generate_description' then 'generate-vehicle-description'
      else 'scrape-vehicle'
    end,
    p_vehicle_id)
end;
comment on function private.redo_words(text, uuid, text) is
  'What does this step of this vehicle again, now and alone.';

-- Rates ------------------------------------------------------------------------------------------

create view public.step_success_rates with (security_invoker = true) as
select
  c.step_name,
  c.source,
  c.succeeded_1d,
  c.failed_1d,
  round(100.0 * c.succeeded_1d / nullif(c.succeeded_1d + c.failed_1d, 0), 1) as success_rate_1d,
  c.succeeded_7d,
  c.failed_7d,
  round(100.0 * c.succeeded_7d / nullif(c.succeeded_7d + c.failed_7d, 0), 1) as success_rate_7d,
  c.nothing_there_7d,
  c.skipped_7d,
  round(t.ms[1])::integer as median_ms_1d,
  round(t.ms[2])::integer as p95_ms_1d,
  coalesce(t.timed, 0) as timed_1d,
  c.last_success_at,
  c.last_failure_at
from (
  select
    s.step_name,
    s.source,
    count(*) filter (where s.status = 'success' and s.created_at > now() - interval '1 day') as succeeded_1d,
    count(*) filter (
      where s.status = 'failed' and not private.is_final(s.outcome_code)
        and s.created_at > now() - interval '1 day') as failed_1d,
    count(*) filter (where s.status = 'success') as succeeded_7d,
    count(*) filter (where s.status = 'failed' and not private.is_final(s.outcome_code)) as failed_7d,
    count(*) filter (where s.status = 'failed' and private.is_final(s.outcome_code)) as nothing_there_7d,
    count(*) filter (where s.status = 'skipped') as skipped_7d,
    max(s.created_at) filter (where s.status = 'success') as last_success_at,
    max(s.created_at) filter (where s.status = 'failed' and not private.is_final(s.outcome_code)) as last_failure_at
  from public.scrape_steps s
  where s.created_at > now() - interval '7 days'
  group by s.step_name, s.source
) c
left join (
  select
    s.step_name,
    s.source,
    percentile_cont(array[0.5, 0.95]) within group (order by s.duration_ms) as ms,
    count(*) as timed
  from public.scrape_steps s
  where s.created_at > now() - interval '1 day'
    and s.duration_ms is not null
  group by s.step_name, s.source
) t on t.step_name = c.step_name and t.source is not distinct from c.source
order by success_rate_7d nulls last, c.failed_7d desc, c.step_name, c.source;
comment on view public.step_success_rates is
  'For each step and site, of the last day and the last seven: how many attempts worked and failed, the rate of success in percent, and how long one took. A rate is null where nothing was tried, a time where none was taken. Listings that are gone or are no vehicle count as neither (nothing_there), nor does a step that had nothing to do (skipped).';

create view public.retry_queue_status with (security_invoker = true) as
select
  r.step_name,
  count(*) filter (where r.status = 'pending' and r.next_retry_at is null) as due,
  count(*) filter (where r.status = 'pending' and r.next_retry_at is not null) as waiting,
  count(*) filter (where r.status = 'processing') as processing,
  count(*) filter (where r.status = 'failed') as failed,
  count(*) filter (where r.status = 'completed') as completed_last_day,
  count(*) filter (where r.status = 'failed' and r.processed_at > now() - interval '1 day') as failed_last_day,
  round(
    100.0 * count(*) filter (where r.status = 'completed')
      / nullif(count(*) filter (where r.status = 'completed' or (r.status = 'failed' and r.processed_at > now() - interval '1 day')), 0),
    1) as success_rate_last_day,
  min(r.next_retry_at) filter (where r.status = 'pending') as next_retry_at,
  min(r.created_at) filter (where r.status in ('pending', 'processing')) as oldest_open_at,
  (array_agg(r.error_message order by r.processed_at desc nulls last) filter (where r.status = 'failed'))[1] as last_error
from (
  -- Three parts, each with an index of its own.
  select step_name, status, created_at, next_retry_at, processed_at, error_message
  from public.scrape_retry_queue
  where status in ('pending', 'processing')
  union all
  select step_name, status, created_at, next_retry_at, processed_at, error_message
  from public.scrape_retry_queue
  where status = 'failed'
  union all
  select step_name, status, created_at, next_retry_at, processed_at, null
  from public.scrape_retry_queue
  where status = 'completed' and processed_at > now() - interval '1 day'
) r
group by r.step_name
order by r.step_name;
comment on view public.retry_queue_status is
  'scrape_retry_queue by step: due now, waiting until next_retry_at, in a worker''s hands, failed for good (dead_letters has each), and what the last day came to. The rate is null where no retry ended.';

-- Failures ---------------------------------------------------------------------------------------

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
  select 'import_queue', i.id, i.status in ('pending', 'processing'), i.status = 'failed', i.next_attempt_at
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

create view public.vehicles_with_partial_failures with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  v.source_host as source,
  f.failed_steps,
  w.worked_steps,
  f.failures,
  f.last_failed_at,
  (v.origin_metadata ->> 'image_count')::integer as image_urls,
  (select count(*) from public.vehicle_images i where i.vehicle_id = v.id) as images_stored,
  f.retried_steps,
  f.next_retry_at,
  f.what_to_type
from (
  select
    l.vehicle_id,
    array_agg(l.step_name order by l.step_name) as failed_steps,
    jsonb_object_agg(l.step_name, concat_ws(': ', l.outcome_code, l.error_message)) as failures,
    max(l.created_at) as last_failed_at,
    coalesce(
      array_agg(l.step_name order by l.step_name)
        filter (where r.id is not null or l.metadata ? 'retried_by'), '{}') as retried_steps,
    min(r.next_retry_at) as next_retry_at,
    string_agg(private.redo_words(l.step_name, l.vehicle_id, l.url), e'\n' order by l.step_name)
      filter (where r.id is null and not coalesce(l.metadata ? 'retried_by', false)) as what_to_type
  from (
    select distinct on (s.vehicle_id, s.step_name) s.id, s.vehicle_id, s.step_name, s.outcome_code, s.created_at
    from public.scrape_steps s
    where s.status = 'failed'
      and s.vehicle_id is not null
      and s.created_at > now() - interval '30 days'
    order by s.vehicle_id, s.step_name, s.created_at desc
  ) last
  join public.scrape_steps l on l.id = last.id
  left join public.scrape_retry_queue r
    on r.vehicle_id = l.vehicle_id and r.step_name = l.step_name and r.status in ('pending', 'processing')
  where not private.is_final(last.outcome_code)
    and not exists (
      select from public.scrape_steps s
      where s.vehicle_id = last.vehicle_id
        and s.step_name = last.step_name
        and s.created_at > last.created_at
        and s.status = 'success')
  group by l.vehicle_id
) f
join public.vehicles v on v.id = f.vehicle_id
cross join lateral (
  select array_agg(distinct s.step_name order by s.step_name) as worked_steps
  from public.scrape_steps s
  where s.vehicle_id = f.vehicle_id
    and s.status = 'success'
    and s.step_name <> all (f.failed_steps)
) w
where w.worked_steps is not null
order by f.last_failed_at desc;
comment on view public.vehicles_with_partial_failures is
  'Vehicles of which one step failed in the last 30 days and has not worked since, while another has: which, why, which of them are tried again by themselves, and what to type for the rest.';

grant select on
  public.step_success_rates,
  public.retry_queue_status,
  public.recent_step_failures,
  public.vehicles_with_partial_failures
to authenticated, service_role;
grant execute on function
  private.redrive_words(text, uuid),
  private.redo_words(text, uuid, text)
to authenticated, service_role;
