-- How the steps of the scrapes stand: which of them fail, where, why, who tries them again, and what to type.

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
    percentile_cont(array[0.5, 0.95]::double precision[]) within group (order by s.duration_ms) as ms,
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

grant select on public.step_success_rates, public.retry_queue_status to authenticated, service_role;

grant execute on function
  private.redrive_words(text, uuid),
  private.redo_words(text, uuid, text)
to authenticated, service_role;
