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
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  processed_at timestamptz
);
comment on table public.scrape_retry_queue is
  'Filled by scrape_steps. Failed steps that can still work: one open row a vehicle and step. A pending row without next_retry_at is due now.';

create unique index scrape_retry_queue_one_open on public.scrape_retry_queue (vehicle_id, step_name)
  where status in ('pending', 'processing');
create index scrape_retry_queue_by_step on public.scrape_retry_queue (vehicle_id, step_name, created_at);

alter table public.scrape_retry_queue enable row level security;
create policy operators_read on public.scrape_retry_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.scrape_retry_queue to authenticated;
grant all on public.scrape_retry_queue to service_role;
