-- Gap filling: which vehicle is looked at next, when it is left alone, and what each run did.

create table public.micro_scrape_runs (
  id uuid primary key default gen_random_uuid(),
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  status text not null default 'running' check (status in ('running', 'completed', 'failed', 'timed_out')),
  triggered_by text not null default 'manual',
  vehicles_analyzed integer not null default 0 check (vehicles_analyzed >= 0),
  vehicles_improved integer not null default 0 check (vehicles_improved >= 0),
  vehicles_marked_complete integer not null default 0 check (vehicles_marked_complete >= 0),
  vehicles_exhausted integer not null default 0 check (vehicles_exhausted >= 0),
  actions_executed integer not null default 0 check (actions_executed >= 0),
  actions_succeeded integer not null default 0 check (actions_succeeded >= 0),
  actions_failed integer not null default 0 check (actions_failed >= 0),
  runtime_ms integer check (runtime_ms >= 0),
  error_message text,
  metadata jsonb not null default '{}',
  check ((status = 'running') = (completed_at is null)),
  check (actions_succeeded + actions_failed <= actions_executed)
);
comment on table public.micro_scrape_runs is
  'One row a run of micro-scrape-bandaid, also when it failed or its worker died. An action that ran and found nothing neither succeeded nor failed. Kept 90 days.';

create index micro_scrape_runs_by_start on public.micro_scrape_runs (started_at desc);
create index micro_scrape_runs_running on public.micro_scrape_runs (started_at) where status = 'running';

alter table public.micro_scrape_runs enable row level security;
create policy operators_read on public.micro_scrape_runs
  for select to authenticated using ((select private.is_operator()));

create table public.micro_scrape_state (
  vehicle_id uuid primary key references public.vehicles (id) on delete cascade,
  score numeric(4, 1) not null default 0,
  state text not null default 'due'
    check (state in ('due', 'waiting', 'leased', 'complete', 'exhausted', 'ended', 'failed')),
  due_at timestamptz not null default now(),
  no_gain_passes smallint not null default 0 check (no_gain_passes >= 0),
  failures smallint not null default 0 check (failures >= 0),
  blocked_days smallint not null default 0 check (blocked_days >= 0),
  last_blocked_on date,
  like private.lease including all,
  last_checked_at timestamptz,
  last_outcome text,
  last_error text,
  extraction_hash text,
  last_scraper text,
  last_scraper_version text,
  vehicle_created_at timestamptz not null
) with (
  fillfactor = 80,
  -- Who was claimed leaves a dead entry at the head of the claim's index: cleared away soon, not after 20 %.
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_analyze_scale_factor = 0.02
);
comment on table public.micro_scrape_state is
  'One narrow row a vehicle with a source URL: its score, whether it is due, waiting for due_at, leased by a run, complete, exhausted (the source does not state what is missing), ended (listing removed) or failed.';

-- The claim reads due rows in their order; who waits stands in another index and costs it nothing.
create index micro_scrape_state_due on public.micro_scrape_state (score, vehicle_created_at desc, vehicle_id)
  where state = 'due';
create index micro_scrape_state_waiting on public.micro_scrape_state (due_at) where state = 'waiting';
create index micro_scrape_state_open on public.micro_scrape_state (score, vehicle_created_at desc, vehicle_id)
  where state in ('due', 'waiting', 'leased');
create index micro_scrape_state_exhausted on public.micro_scrape_state (last_scraper, last_scraper_version)
  where state = 'exhausted';
create index micro_scrape_state_stopped on public.micro_scrape_state (state, last_checked_at desc)
  where state in ('exhausted', 'ended', 'failed');

alter table public.micro_scrape_state enable row level security;
create policy operators_read on public.micro_scrape_state
  for select to authenticated using ((select private.is_operator()));
grant select on public.micro_scrape_runs, public.micro_scrape_state to authenticated;
grant all on public.micro_scrape_runs, public.micro_scrape_state to service_role;
