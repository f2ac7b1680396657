-- Each step of a scrape on record, and the steps that wait to be tried again.

create table public.scrape_steps (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid references public.vehicles (id) on delete cascade,
  step_name text not null check (step_name <> ''),
  status text not null check (status in ('pending', 'success', 'failed', 'skipped')),
  error_message text,
  metadata jsonb,
  created_at timestamptz default now(),
  completed_at timestamptz
);
comment on table public.scrape_steps is
  'One row a step and attempt: what was tried on a vehicle and how it ended. Kept 90 days.';
create index scrape_steps_by_vehicle on public.scrape_steps (vehicle_id, created_at desc);
create index scrape_steps_by_time on public.scrape_steps (created_at);

create table public.scrape_retry_queue (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid references public.vehicles (id) on delete cascade,
  step_name text not null check (step_name <> ''),
  retry_count integer not null default 0 check (retry_count >= 0),
  max_retries integer not null default 3 check (max_retries > 0),
  next_retry_at timestamptz,
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
  created_at timestamptz not null default now(),
  outcome_code text,
  error_message text,
  lease_token uuid,
  leased_until timestamptz,
  blocked_days integer not null default 0,
  last_blocked_on date,
  processed_at timestamptz,
  check ((status = 'processing') = (lease_token is not null)),
  check ((lease_token is null) = (leased_until is null))
);
comment on table public.scrape_retry_queue is
  'Failed steps that can still work: one open row a vehicle and step. A pending row without next_retry_at is due now.';
create unique index scrape_retry_queue_one_open on public.scrape_retry_queue (vehicle_id, step_name)
  where status in ('pending', 'processing');
create index scrape_retry_queue_due on public.scrape_retry_queue (created_at, id)
  where status = 'pending' and next_retry_at is null;
create index scrape_retry_queue_waiting on public.scrape_retry_queue (next_retry_at)
  where status = 'pending' and next_retry_at is not null;
create index scrape_retry_queue_leased on public.scrape_retry_queue (leased_until) where status = 'processing';
create index scrape_retry_queue_finished on public.scrape_retry_queue (status, processed_at)
  where status in ('completed', 'failed');

alter table public.scrape_steps enable row level security;
alter table public.scrape_retry_queue enable row level security;
create policy operators_read on public.scrape_steps
  for select to authenticated using ((select private.is_operator()));
create policy operators_read on public.scrape_retry_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.scrape_steps, public.scrape_retry_queue to authenticated;
grant all on public.scrape_steps, public.scrape_retry_queue to service_role;

select private.add_queue(
  'scrape_retry_queue', 'retry-failed-steps', 'completed', false, null,
  'retry_count', 'max_retries', 'next_retry_at');

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
  count(*) filter (where s.metadata ->> 'outcome' = 'unreadable') as unreadable,
  round(100.0 * count(*) filter (where s.metadata ->> 'outcome' = 'unreadable') / count(*), 1)
    as unreadable_percent,
  count(*) filter (where s.metadata ->> 'outcome' = 'unreadable') >= 5
    and count(*) filter (where s.metadata ->> 'outcome' = 'unreadable') >= 0.2 * count(*)
    as is_drifting,
  max(s.created_at) filter (where s.metadata ->> 'outcome' = 'unreadable') as last_unreadable_at,
  (array_agg(v.discovery_url order by s.created_at desc) filter (where s.metadata ->> 'outcome' = 'unreadable'))[1]
    as example_url,
  (array_agg(s.error_message order by s.created_at desc) filter (where s.metadata ->> 'outcome' = 'unreadable'))[1]
    as example_reason
from public.scrape_steps s
join public.vehicles v on v.id = s.vehicle_id
where s.step_name = 'extract_data'
  and s.created_at > now() - interval '7 days'
  and (s.status = 'success' or s.metadata ->> 'outcome' = 'unreadable')
group by v.source_host
order by unreadable desc;
comment on view public.source_drift is
  'Per site, last seven days: pages that came and could not be read. Many of them mean that the site changed its markup and its adapter is behind.';
grant select on public.source_drift to authenticated, service_role;
