create table public.scrape_steps (
  id uuid not null default gen_random_uuid(),
  vehicle_id uuid references public.vehicles (id) on delete cascade,
  step_name text not null check (step_name <> ''),
  status text not null check (status in ('pending', 'success', 'failed', 'skipped')),
  error_message text,
  metadata jsonb,
  created_at timestamptz not null default now(),
  completed_at timestamptz,
  source text,
  url text,
  outcome_code text,
  duration_ms integer check (duration_ms >= 0),
  primary key (id, created_at)
) partition by range (created_at);
comment on table public.scrape_steps is
  'One row a step and attempt: what was tried on a vehicle and how it ended. Partitioned by month; what is older than 90 days goes with its month.';
comment on column public.scrape_steps.vehicle_id is
  'Null for a listing that became no vehicle: url says which.';
comment on column public.scrape_steps.source is 'Host of the page.';
comment on column public.scrape_steps.metadata is
  'What else is known of the attempt. retried_by: the queue that tries this step again by itself.';

create index scrape_steps_by_vehicle on public.scrape_steps (vehicle_id, created_at desc);

-- Each holds what a view below asks of the many, so that only the few it shows are read from the table.
create index scrape_steps_by_time on public.scrape_steps (created_at)
  include (step_name, source, status, outcome_code, duration_ms);
create index scrape_steps_failed on public.scrape_steps (created_at)
  include (id, vehicle_id, step_name, outcome_code) where status = 'failed';
create index scrape_steps_worked on public.scrape_steps (vehicle_id, step_name, created_at)
  where status = 'success';

alter table public.scrape_steps enable row level security;
create policy operators_read on public.scrape_steps
  for select to authenticated using ((select private.is_operator()));
grant select on public.scrape_steps to authenticated;
grant all on public.scrape_steps to service_role;
