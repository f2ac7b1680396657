-- The agent that fills the database: what an operator wants of it, its cycles of two hours, and what it decided.

create table public.fill_policy (
  only_row boolean primary key default true check (only_row),
  is_enabled boolean not null default true,
  target integer not null default 2000 check (target between 1 and 1000000),
  quality_floor numeric(4, 3) not null default 0.9 check (quality_floor > 0 and quality_floor <= 1),

  workers_floor integer not null default 1 check (workers_floor >= 1),
  workers_ceiling integer not null default 4 check (workers_ceiling <= 50),
  batch_size_floor integer not null default 10 check (batch_size_floor >= 1),
  batch_size_ceiling integer not null default 20 check (batch_size_ceiling <= 100),
  requests_floor integer not null default 1000 check (requests_floor >= 0),
  requests_ceiling integer not null default 50000 check (requests_ceiling <= 10000000),
  exploration_share numeric(4, 3) not null default 0.1 check (exploration_share between 0 and 1),

  feed_interval_floor interval not null default '5 minutes'
    check (feed_interval_floor between interval '1 minute' and interval '1 day'),
  host_interval_ceiling_ms integer not null default 60000 check (host_interval_ceiling_ms between 1000 and 3600000),
  galleries text not null default 'all' check (galleries in ('none', 'cover', 'all')),

  approve_sources text not null default 'automatic' check (approve_sources in ('automatic', 'by_hand')),
  new_sources_ceiling integer not null default 5 check (new_sources_ceiling between 0 and 1000),
  updated_at timestamptz not null default now(),

  constraint workers_floor_under_ceiling check (workers_floor <= workers_ceiling),
  constraint batch_size_floor_under_ceiling check (batch_size_floor <= batch_size_ceiling),
  constraint requests_floor_under_ceiling check (requests_floor <= requests_ceiling)
);
comment on table public.fill_policy is
  'One row, an operator''s: what is wanted of database-fill-agent, and between which bounds it may move. The agent never writes here.';
comment on column public.fill_policy.is_enabled is 'Off: no cycle begins, and the one that runs ends at its next step.';
comment on column public.fill_policy.target is 'Vehicles that are to come in during a cycle of two hours.';
comment on column public.fill_policy.requests_floor is 'Requests a cycle that are shared out between the sources, at least.';
comment on column public.fill_policy.exploration_share is
  'Of the requests of a cycle, the part for sources of which little is known.';
comment on column public.fill_policy.feed_interval_floor is 'No feed is checked more often by the agent''s doing.';
comment on column public.fill_policy.host_interval_ceiling_ms is 'The agent slows no host down to less than one request in this time.';
comment on column public.fill_policy.galleries is
  'Pictures that are downloaded: none, the cover of each vehicle, or all. Addresses are kept in any case.';
comment on column public.fill_policy.approve_sources is
  'automatic: a source that passes its probe is taken in; by_hand: it waits for approve_source().';
comment on column public.fill_policy.new_sources_ceiling is 'Sources that are probed in a cycle, at most.';

alter table public.fill_policy enable row level security;
create policy operators_read on public.fill_policy
  for select to authenticated using ((select private.is_operator()));
grant select on public.fill_policy to authenticated;
grant all on public.fill_policy to service_role;

create trigger touch_updated_at
  before update on public.fill_policy
  for each row execute function private.touch_updated_at();

create table public.fill_cycles (
  id uuid primary key default gen_random_uuid(),
  cycle_id text not null unique check (cycle_id <> ''),
  slot timestamptz not null unique,
  status text not null default 'running' check (status in ('running', 'completed', 'missed')),
  triggered_by text not null default 'manual' check (triggered_by <> ''),
  target integer not null check (target > 0),
  started_at timestamptz not null default now(),
  completed_at timestamptz,
  vehicles_added integer check (vehicles_added >= 0),
  vehicles_queued integer check (vehicles_queued >= 0),
  sources_active integer check (sources_active >= 0),
  sources_discovered integer check (sources_discovered >= 0),
  data_quality_score numeric(5, 4) check (data_quality_score between 0 and 1),
  on_target boolean,
  verdict text check (verdict in ('supply_limited', 'pace_limited', 'capacity_limited', 'blocked', 'faulty')),
  next_actions text[] not null default '{}',
  errors text[] not null default '{}',
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),

  constraint a_slot_is_two_hours check (
    extract(epoch from slot)::bigint % 7200 = 0 and extract(epoch from slot) = floor(extract(epoch from slot))
  ),
  constraint an_end_has_a_time check ((status = 'running') = (completed_at is null)),
  constraint a_verdict_is_of_a_miss check (verdict is null or not on_target)
);
comment on table public.fill_cycles is
  'One row a slot of two hours of database-fill-agent: what came in, whether that was enough, and if not, why (verdict). missed: nobody ran it. What was not measured is null.';
comment on column public.fill_cycles.slot is 'When the two hours begin: one cycle a slot, however often it is started.';
comment on column public.fill_cycles.vehicles_added is
  'Vehicles that came into being in the slot and hold year, make and model from a page.';
comment on column public.fill_cycles.vehicles_queued is 'Rows of import_queue made in the slot.';
comment on column public.fill_cycles.verdict is 'Why the target was missed; null while it runs and when it was met.';
comment on column public.fill_cycles.metadata is 'The metrics behind the verdict, and what the cycle began with.';

create unique index fill_cycles_one_running on public.fill_cycles ((true)) where status = 'running';

alter table public.fill_cycles enable row level security;
create policy operators_read on public.fill_cycles
  for select to authenticated using ((select private.is_operator()));
grant select on public.fill_cycles to authenticated;
grant all on public.fill_cycles to service_role;

create table public.fill_cycle_steps (
  id uuid primary key default gen_random_uuid(),
  cycle_id text not null references public.fill_cycles (cycle_id) on delete cascade,
  step text not null check (step in (
    'assess_state', 'process_queue', 'check_target', 'activate_sources', 'discover_sources', 'monitor_quality',
    'schedule_next'
  )),
  status text not null default 'pending' check (status in ('pending', 'processing', 'complete', 'failed')),
  cursor jsonb,
  rounds integer not null default 0 check (rounds >= 0),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz,
  result jsonb check (jsonb_typeof(result) = 'object'),
  error_message text,
  like private.lease including all,
  started_at timestamptz,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  unique (cycle_id, step)
);
comment on table public.fill_cycle_steps is
  'One row a step of a cycle, with its lease: a step whose worker died is taken up where its cursor stands.';
comment on column public.fill_cycle_steps.rounds is 'How often it was done in this cycle: check_target comes round every ten minutes.';
comment on column public.fill_cycle_steps.cursor is 'How far it has come; null at its beginning.';

alter table public.fill_cycle_steps enable row level security;
create policy operators_read on public.fill_cycle_steps
  for select to authenticated using ((select private.is_operator()));
grant select on public.fill_cycle_steps to authenticated;
grant all on public.fill_cycle_steps to service_role;

create table public.fill_decisions (
  id bigint generated always as identity primary key,
  cycle_id text references public.fill_cycles (cycle_id) on delete cascade,
  lever text not null check (lever in (
    'workers', 'batch_size', 'requests', 'budget', 'feed_interval', 'feed_pages', 'host_pace', 'confidence_cap', 'lifecycle',
    'backfill', 'micro_scrape', 'join', 'map'
  )),
  subject text check (subject <> ''),
  from_value text,
  to_value text,
  reason text not null check (reason <> ''),
  metrics jsonb not null default '{}' check (jsonb_typeof(metrics) = 'object'),
  decided_at timestamptz not null default now()
);
comment on table public.fill_decisions is
  'One row each time that database-fill-agent moved something: which lever, of what (a host, a feed, a source, a field), from, to, and why. Kept 90 days.';

create index fill_decisions_by_cycle on public.fill_decisions (cycle_id, id);
create index fill_decisions_by_time on public.fill_decisions (decided_at);

alter table public.fill_decisions enable row level security;
create policy operators_read on public.fill_decisions
  for select to authenticated using ((select private.is_operator()));
grant select on public.fill_decisions to authenticated;
grant all on public.fill_decisions to service_role;
