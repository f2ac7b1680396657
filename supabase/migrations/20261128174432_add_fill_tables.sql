-- Add fill tables.

-- A function may name what comes below it.
set check_function_bodies = off;

create table public.fill_cycle_steps (
  id uuid not null default gen_random_uuid(),
  cycle_id text not null,
  step text not null,
  status text not null default 'pending'::text,
  cursor jsonb,
  rounds integer not null default 0,
  attempts integer not null default 0,
  next_attempt_at timestamp with time zone,
  result jsonb,
  error_message text,
  lease_token uuid,
  lease_expires_at timestamp with time zone,
  started_at timestamp with time zone,
  completed_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint a_lease_has_a_token_and_an_end check (((lease_token is null) = (lease_expires_at is null))),
  constraint a_leased_row_says_so check (((status = 'processing'::text) = (lease_token is not null))),
  constraint fill_cycle_steps_attempts_check check ((attempts >= 0)),
  constraint fill_cycle_steps_cycle_id_step_key unique (cycle_id, step),
  constraint fill_cycle_steps_pkey primary key (id),
  constraint fill_cycle_steps_result_check check ((jsonb_typeof(result) = 'object'::text)),
  constraint fill_cycle_steps_rounds_check check ((rounds >= 0)),
  constraint fill_cycle_steps_status_check
    check ((status = any (array['pending'::text, 'processing'::text, 'complete'::text, 'failed'::text]))),
  constraint fill_cycle_steps_step_check
    check
    ((step = any (array['assess_state'::text, 'process_queue'::text, 'check_target'::text,
    'activate_sources'::text, 'discover_sources'::text, 'monitor_quality'::text, 'schedule_next'::text])))
);

alter table public.fill_cycle_steps
  enable row level security;

create table public.fill_cycles (
  id uuid not null default gen_random_uuid(),
  cycle_id text not null,
  slot timestamp with time zone not null,
  status text not null default 'running'::text,
  triggered_by text not null default 'manual'::text,
  target integer not null,
  started_at timestamp with time zone not null default now(),
  completed_at timestamp with time zone,
  vehicles_added integer,
  vehicles_queued integer,
  sources_active integer,
  sources_discovered integer,
  data_quality_score numeric(5,4),
  on_target boolean,
  verdict text,
  next_actions text[] not null default '{}'::text[],
  errors text[] not null default '{}'::text[],
  metadata jsonb not null default '{}'::jsonb,
  constraint a_slot_is_two_hours
    check
    (((((extract(epoch from slot))::bigint % (7200)::bigint) = 0) and (extract(epoch from slot) =
    floor(extract(epoch from slot))))),
  constraint a_verdict_is_of_a_miss check (((verdict is null) or (not on_target))),
  constraint an_end_has_a_time check (((status = 'running'::text) = (completed_at is null))),
  constraint fill_cycles_cycle_id_check check ((cycle_id <> ''::text)),
  constraint fill_cycles_cycle_id_key unique (cycle_id),
  constraint fill_cycles_data_quality_score_check
    check (((data_quality_score >= (0)::numeric) and (data_quality_score <= (1)::numeric))),
  constraint fill_cycles_metadata_check check ((jsonb_typeof(metadata) = 'object'::text)),
  constraint fill_cycles_pkey primary key (id),
  constraint fill_cycles_slot_key unique (slot),
  constraint fill_cycles_sources_active_check check ((sources_active >= 0)),
  constraint fill_cycles_sources_discovered_check check ((sources_discovered >= 0)),
  constraint fill_cycles_status_check
    check ((status = any (array['running'::text, 'completed'::text, 'missed'::text]))),
  constraint fill_cycles_target_check check ((target > 0)),
  constraint fill_cycles_triggered_by_check check ((triggered_by <> ''::text)),
  constraint fill_cycles_vehicles_added_check check ((vehicles_added >= 0)),
  constraint fill_cycles_vehicles_queued_check check ((vehicles_queued >= 0)),
  constraint fill_cycles_verdict_check
    check
    ((verdict = any (array['supply_limited'::text, 'pace_limited'::text, 'capacity_limited'::text,
    'blocked'::text, 'faulty'::text])))
);

alter table public.fill_cycles
  enable row level security;

create table public.fill_decisions (
  id bigint generated always as identity not null,
  cycle_id text,
  lever text not null,
  subject text,
  from_value text,
  to_value text,
  reason text not null,
  metrics jsonb not null default '{}'::jsonb,
  decided_at timestamp with time zone not null default now(),
  constraint fill_decisions_lever_check
    check
    ((lever = any (array['workers'::text, 'batch_size'::text, 'requests'::text, 'budget'::text,
    'feed_interval'::text,
    'host_pace'::text,
    'confidence_cap'::text,
    'lifecycle'::text, 'backfill'::text, 'micro_scrape'::text, 'join'::text, 'map'::text]))),
  constraint fill_decisions_metrics_check check ((jsonb_typeof(metrics) = 'object'::text)),
  constraint fill_decisions_pkey primary key (id),
  constraint fill_decisions_reason_check check ((reason <> ''::text)),
  constraint fill_decisions_subject_check check ((subject <> ''::text))
);

alter table public.fill_decisions
  enable row level security;

create table public.fill_policy (
  only_row boolean not null default true,
  is_enabled boolean not null default true,
  target integer not null default 2000,
  quality_floor numeric(4,3) not null default 0.9,
  workers_floor integer not null default 1,
  workers_ceiling integer not null default 4,
  batch_size_floor integer not null default 10,
  batch_size_ceiling integer not null default 20,
  requests_floor integer not null default 1000,
  requests_ceiling integer not null default 50000,
  exploration_share numeric(4,3) not null default 0.1,
  feed_interval_floor interval not null default '00:05:00'::interval,
  host_interval_ceiling_ms integer not null default 60000,
  galleries text not null default 'all'::text,
  approve_sources text not null default 'automatic'::text,
  new_sources_ceiling integer not null default 5,
  updated_at timestamp with time zone not null default now(),
  constraint batch_size_floor_under_ceiling check ((batch_size_floor <= batch_size_ceiling)),
  constraint fill_policy_approve_sources_check
    check ((approve_sources = any (array['automatic'::text, 'by_hand'::text]))),
  constraint fill_policy_batch_size_ceiling_check check ((batch_size_ceiling <= 100)),
  constraint fill_policy_batch_size_floor_check check ((batch_size_floor >= 1)),
  constraint fill_policy_exploration_share_check
    check (((exploration_share >= (0)::numeric) and (exploration_share <= (1)::numeric))),
  constraint fill_policy_feed_interval_floor_check
    check (((feed_interval_floor >= '00:01:00'::interval) and (feed_interval_floor <= '1 day'::interval))),
  constraint fill_policy_galleries_check
    check ((galleries = any (array['none'::text, 'cover'::text, 'all'::text]))),
  constraint fill_policy_host_interval_ceiling_ms_check
    check (((host_interval_ceiling_ms >= 1000) and (host_interval_ceiling_ms <= 3600000))),
  constraint fill_policy_new_sources_ceiling_check
    check (((new_sources_ceiling >= 0) and (new_sources_ceiling <= 1000))),
  constraint fill_policy_only_row_check check (only_row),
  constraint fill_policy_pkey primary key (only_row),
  constraint fill_policy_quality_floor_check
    check (((quality_floor > (0)::numeric) and (quality_floor <= (1)::numeric))),
  constraint fill_policy_requests_ceiling_check check ((requests_ceiling <= 10000000)),
  constraint fill_policy_requests_floor_check check ((requests_floor >= 0)),
  constraint fill_policy_target_check check (((target >= 1) and (target <= 1000000))),
  constraint fill_policy_workers_ceiling_check check ((workers_ceiling <= 50)),
  constraint fill_policy_workers_floor_check check ((workers_floor >= 1)),
  constraint requests_floor_under_ceiling check ((requests_floor <= requests_ceiling)),
  constraint workers_floor_under_ceiling check ((workers_floor <= workers_ceiling))
);

alter table public.fill_policy
  enable row level security;

create table public.source_lifecycle_events (
  id bigint generated always as identity not null,
  source_id uuid not null,
  cycle_id text,
  from_lifecycle text,
  to_lifecycle text not null,
  reason text not null,
  metrics jsonb not null default '{}'::jsonb,
  decided_by text not null default 'agent'::text,
  at timestamp with time zone not null default now(),
  constraint source_lifecycle_events_decided_by_check
    check ((decided_by = any (array['agent'::text, 'operator'::text]))),
  constraint source_lifecycle_events_metrics_check check ((jsonb_typeof(metrics) = 'object'::text)),
  constraint source_lifecycle_events_pkey primary key (id),
  constraint source_lifecycle_events_reason_check check ((reason <> ''::text))
);

alter table public.source_lifecycle_events
  enable row level security;

alter table public.scrape_sources
  add column lifecycle text not null default 'active'::text;

alter table public.scrape_sources
  add column lifecycle_at timestamp with time zone not null default now();

alter table public.scrape_sources
  add column lifecycle_reason text;

alter table public.scrape_sources
  add column found_by text not null default 'code'::text;

alter table public.scrape_sources
  add column confidence_cap numeric(4,3);

create or replace function private.rescue_fill_cycle_steps(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select id
    from public.fill_cycle_steps
    where lease_token is not null and lease_expires_at <= clock_timestamp()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  ),
  rescued as (
    update public.fill_cycle_steps s
    set status = 'pending',
        next_attempt_at = null,
        error_message = private.worker_died(),
        lease_token = null,
        lease_expires_at = null
    from expired
    where s.id = expired.id
    returning 1
  )
  select count(*)::integer from rescued
$$;

alter table public.fill_cycle_steps
  add constraint fill_cycle_steps_cycle_id_fkey foreign key (cycle_id)
    references public.fill_cycles(cycle_id) on delete cascade;

alter table public.fill_decisions
  add constraint fill_decisions_cycle_id_fkey foreign key (cycle_id) references public.fill_cycles(cycle_id)
    on delete cascade;

alter table public.scrape_sources
  add constraint scrape_sources_confidence_cap_check
    check (((confidence_cap > (0)::numeric) and (confidence_cap < (1)::numeric)));

alter table public.scrape_sources
  add constraint scrape_sources_found_by_check
    check
    ((found_by = any (array['code'::text, 'operator'::text, 'known_list'::text, 'page_link'::text,
    'sitemap'::text, 'feed_link'::text])));

alter table public.scrape_sources
  add constraint scrape_sources_lifecycle_check
    check
    ((lifecycle = any (array['candidate'::text, 'probing'::text, 'probation'::text, 'active'::text,
    'degraded'::text, 'retired'::text, 'rejected'::text])));

alter table public.scrape_sources
  add constraint scrape_sources_lifecycle_reason_check check ((lifecycle_reason <> ''::text));

alter table public.source_lifecycle_events
  add constraint source_lifecycle_events_source_id_fkey foreign key (source_id)
    references public.scrape_sources(id) on delete cascade;

create index if not exists fill_cycle_steps_leased on public.fill_cycle_steps using btree (lease_expires_at)
  where (lease_token is not null);

create unique index if not exists fill_cycles_one_running on public.fill_cycles using btree ((true))
  where (status = 'running'::text);

create index if not exists fill_decisions_by_cycle on public.fill_decisions using btree (cycle_id, id);

create index if not exists fill_decisions_by_time on public.fill_decisions using btree (decided_at);

create index if not exists source_lifecycle_events_by_source on public.source_lifecycle_events
  using btree (source_id, at desc);

create trigger touch_updated_at
  before update on public.fill_policy
  for each row
  execute function private.touch_updated_at();

create policy operators_read on public.fill_cycle_steps
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.fill_cycles
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.fill_decisions
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.fill_policy
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.source_lifecycle_events
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.fill_cycle_steps.cursor is 'How far it has come; null at its beginning.';

comment on column public.fill_cycle_steps.lease_expires_at is 'When the worker counts as dead, unless it has asked for more time.';

comment on column public.fill_cycle_steps.lease_token is 'Who works on the row. Settling and releasing name it: a worker whose token stands here no more changes nothing.';

comment on column public.fill_cycle_steps.rounds is 'How often it was done in this cycle: check_target comes round every ten minutes.';

comment on column public.fill_cycles.metadata is 'The metrics behind the verdict, and what the cycle began with.';

comment on column public.fill_cycles.slot is 'When the two hours begin: one cycle a slot, however often it is started.';

comment on column public.fill_cycles.vehicles_added is 'Vehicles that came into being in the slot and hold year, make and model from a page.';

comment on column public.fill_cycles.vehicles_queued is 'Rows of import_queue made in the slot.';

comment on column public.fill_cycles.verdict is 'Why the target was missed; null while it runs and when it was met.';

comment on column public.fill_policy.approve_sources is 'automatic: a source that passes its probe is taken in; by_hand: it waits for approve_source().';

comment on column public.fill_policy.exploration_share is 'Of the requests of a cycle, the part for sources of which little is known.';

comment on column public.fill_policy.feed_interval_floor is 'No feed is checked more often by the agent''s doing.';

comment on column public.fill_policy.galleries is 'Pictures that are downloaded: none, the cover of each vehicle, or all. Addresses are kept in any case.';

comment on column public.fill_policy.host_interval_ceiling_ms is 'The agent slows no host down to less than one request in this time.';

comment on column public.fill_policy.is_enabled is 'Off: no cycle begins, and the one that runs ends at its next step.';

comment on column public.fill_policy.new_sources_ceiling is 'Sources that are probed in a cycle, at most.';

comment on column public.fill_policy.requests_floor is 'Requests a cycle that are shared out between the sources, at least.';

comment on column public.fill_policy.target is 'Vehicles that are to come in during a cycle of two hours.';

comment on column public.scrape_sources.confidence_cap is 'No fact of its pages is held with more; null: as the reader says.';

comment on column public.scrape_sources.found_by is 'code: it has an adapter; otherwise how its host was found.';

comment on column public.scrape_sources.lifecycle is 'How far the agent trusts it. is_active is beside it, and an operator''s: the agent never sets it.';

comment on function private.rescue_fill_cycle_steps(integer) is 'Takes back the steps of workers that died: they go on where their cursor stands. Gives how many.';

comment on table public.fill_cycle_steps is 'One row a step of a cycle, with its lease: a step whose worker died is taken up where its cursor stands.';

comment on table public.fill_cycles is 'One row a slot of two hours of database-fill-agent: what came in, whether that was enough, and if not, why (verdict). missed: nobody ran it. What was not measured is null.';

comment on table public.fill_decisions is 'One row each time that database-fill-agent moved something: which lever, of what (a host, a feed, a source, a field), from, to, and why. Kept 90 days.';

comment on table public.fill_policy is 'One row, an operator''s: what is wanted of database-fill-agent, and between which bounds it may move. The agent never writes here.';

comment on table public.scrape_sources is 'One row a website: those with an adapter follow the registry in code (sync_scrape_sources()), the others were found. is_active is an operator''s.';

comment on table public.source_lifecycle_events is 'One row each time that a source changed its lifecycle: from, to, why, and who decided it.';

revoke all on function private.rescue_fill_cycle_steps(integer) from public;

grant execute on function private.rescue_fill_cycle_steps(integer) to postgres, service_role;

grant select on table public.fill_cycle_steps to authenticated;

grant all on table public.fill_cycle_steps to postgres, service_role;

grant select on table public.fill_cycles to authenticated;

grant all on table public.fill_cycles to postgres, service_role;

grant select on table public.fill_decisions to authenticated;

grant all on table public.fill_decisions to postgres, service_role;

grant select on table public.fill_policy to authenticated;

grant all on table public.fill_policy to postgres, service_role;

grant select on table public.source_lifecycle_events to authenticated;

grant all on table public.source_lifecycle_events to postgres, service_role;

-- supabase/schemas/filling/seed.sql
insert into public.fill_policy default values on conflict (only_row) do nothing;
select private.add_lease('fill_cycle_steps', 'status = ''processing''');
