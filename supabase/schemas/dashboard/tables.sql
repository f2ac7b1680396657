-- What the dashboard shows, measured once a minute, so that looking at it costs nothing; and what operators did there.

create table public.dashboard_samples (
  series text not null check (series in (
    'vehicles_added', 'listings_found', 'images_stored', 'requests', 'requests_served', 'requests_refused',
    'requests_failed', 'bytes_fetched', 'bytes_stored', 'invocations', 'queue_done',
    'queue_due', 'queue_waiting', 'queue_oldest_seconds', 'dead_letters', 'conflicts'
  )),
  subject text not null default '',
  step text not null check (step in ('minute', 'hour', 'day')),
  at timestamptz not null,
  value double precision not null,
  samples integer not null default 1 check (samples > 0),
  primary key (series, subject, step, at),

  constraint a_step_begins_on_its_full_minute_hour_or_day check (at = date_trunc(step, at, 'UTC'))
) with (fillfactor = 80);
comment on table public.dashboard_samples is
  'One row a series, subject and minute (kept 2 days), hour (60 days) or day (UTC, for ever). What is counted (vehicles_added, requests …) is the sum of its step; what stands somewhere (queue_due, conflicts …) the mean of its minutes.';
comment on column public.dashboard_samples.subject is
  'A site, or a queue; empty: all of them together. Sites have no rows a minute.';
comment on column public.dashboard_samples.samples is 'Of how many minutes that were looked at the value is made.';

create index dashboard_samples_by_time on public.dashboard_samples (step, at, series);

alter table public.dashboard_samples enable row level security;
create policy operators_read on public.dashboard_samples
  for select to authenticated using ((select private.is_operator()));
grant select on public.dashboard_samples to authenticated;
grant all on public.dashboard_samples to service_role;

create table public.dashboard_parts (
  part text primary key check (part <> ''),
  state jsonb,
  made_at timestamptz,
  counted_to timestamptz,
  took_ms numeric(10, 1) check (took_ms >= 0),
  next_at timestamptz not null default '-infinity',
  error_message text check (error_message <> '')
);
comment on table public.dashboard_parts is
  'One row a part that private.sample_dashboard() measures: what it found last (state), how long that took, and when it measures again: every minute, or more seldom what takes more than a third of a second.';
comment on column public.dashboard_parts.counted_to is
  'Of a part that counts what came in: up to when, so that each minute is counted once, however late.';
comment on column public.dashboard_parts.error_message is 'Why the last attempt failed; state is that of the one before.';

alter table public.dashboard_parts enable row level security;
create policy operators_read on public.dashboard_parts
  for select to authenticated using ((select private.is_operator()));
grant select on public.dashboard_parts to authenticated;
grant all on public.dashboard_parts to service_role;

create table public.operator_actions (
  id bigint generated always as identity primary key,
  operator_id uuid not null,
  at timestamptz not null default now(),
  action text not null check (action <> ''),
  subject text check (subject <> ''),
  args jsonb not null default '{}' check (jsonb_typeof(args) = 'object'),
  before jsonb,
  after jsonb,
  outcome text not null check (outcome in ('done', 'nothing_to_do', 'already_done', 'changed', 'refused', 'failed')),
  said text not null check (said <> '')
);
comment on table public.operator_actions is
  'One row each time that an operator did something by an operator_…() function: who, when, what, to what, how it stood before and after, and what was answered. Only ever added to.';
comment on column public.operator_actions.operator_id is
  'The user of Auth. No foreign key: what somebody did outlasts his account. His address is Auth''s alone.';
comment on column public.operator_actions.outcome is
  'nothing_to_do: it stood so already; already_done: another operator was first; changed: it is not any more what was seen; refused: against a rule; failed: an error.';

create index operator_actions_by_time on public.operator_actions (at desc);
create index operator_actions_by_subject on public.operator_actions (subject, at desc);

alter table public.operator_actions enable row level security;
create policy operators_read on public.operator_actions
  for select to authenticated using ((select private.is_operator()));
grant select on public.operator_actions to authenticated;
grant select, insert on public.operator_actions to service_role;
