-- How good what came in is: by source, by field, and by day.

create table public.source_health (
  id uuid primary key default gen_random_uuid(),
  source_id uuid not null references public.scrape_sources (id) on delete cascade,
  cycle_id text not null references public.fill_cycles (cycle_id) on delete cascade,
  vehicles_extracted integer check (vehicles_extracted >= 0),
  success_rate numeric(5, 4) check (success_rate between 0 and 1),
  error_rate numeric(5, 4) check (error_rate between 0 and 1),
  avg_quality_score numeric(5, 4) check (avg_quality_score between 0 and 1),
  status text check (status in ('healthy', 'degraded', 'failing')),
  last_checked timestamptz not null default now(),
  readings integer not null default 0 check (readings >= 0),
  requests integer not null default 0 check (requests >= 0),
  baseline_success_rate numeric(5, 4) check (baseline_success_rate between 0 and 1),
  baseline_quality_score numeric(5, 4) check (baseline_quality_score between 0 and 1),
  why text check (why <> ''),
  hosts text[] not null default '{}',
  fields jsonb not null default '{}' check (jsonb_typeof(fields) = 'object'),
  -- What is usual for a source is read from the index alone.
  unique (cycle_id, source_id) include (readings, success_rate, vehicles_extracted, avg_quality_score)
);
comment on table public.source_health is
  'One row a source and cycle in which it was asked or gave a vehicle: how much of it was read, how good that is, and how that compares with its own 14 days. What was not measured is null. Kept 90 days.';
comment on column public.source_health.vehicles_extracted is 'Vehicles of the cycle that were found first on this source.';
comment on column public.source_health.success_rate is
  'Of its listings that were read (readings), the part that worked; a page that is gone or offers no vehicle counts for neither.';
comment on column public.source_health.error_rate is
  'Of the requests to its hosts (requests), the part that got no answer of use: refused, failed, unreadable.';
comment on column public.source_health.avg_quality_score is
  'How complete its vehicles of the cycle are, 0 to 1, weighted as the score.';
comment on column public.source_health.status is
  'healthy, degraded or failing against the median of its own last 14 days; null where too little was asked to say.';
comment on column public.source_health.why is 'What is wrong, in words; null when nothing is.';
comment on column public.source_health.hosts is 'The hosts of which this is the sum.';
comment on column public.source_health.fields is
  'By field: of (vehicles of the cycle to which it applies), held (with confidence 0.6 or more), unsure (held with less).';

create index source_health_by_source on public.source_health (source_id, last_checked desc);

create table public.quality_metrics (
  id uuid primary key default gen_random_uuid(),
  cycle_id text not null references public.fill_cycles (cycle_id) on delete cascade,
  field_name text not null check (field_name <> ''),
  completeness numeric(5, 4) check (completeness between 0 and 1),
  accuracy numeric(5, 4) check (accuracy between 0 and 1),
  sample_size integer not null default 0 check (sample_size >= 0),
  issues text[] not null default '{}',
  measured_at timestamptz not null default now(),
  accuracy_sample_size integer not null default 0 check (accuracy_sample_size >= 0),
  unique (cycle_id, field_name),
  constraint a_rate_has_a_sample check ((completeness is null) = (sample_size = 0)),
  constraint an_accuracy_has_audits check ((accuracy is null) = (accuracy_sample_size = 0))
);
comment on table public.quality_metrics is
  'One row a cycle and field: how many of the vehicles that came in hold it, and how often audits found it right.';
comment on column public.quality_metrics.completeness is
  'Held with confidence 0.6 or more, among the vehicles of the cycle to which the field applies (sample_size): which price a vehicle has goes by how it is offered, and pictures apply where some are wanted and none waits for its first try.';
comment on column public.quality_metrics.accuracy is
  'Readings found right in the audits of the last 14 days (accuracy_sample_size): persons'' reviews, and comparisons of independent sources, in each of which two readings are looked at and of two that disagree one counts as wrong. Null where there were none.';
comment on column public.quality_metrics.issues is 'What is wrong with the field, in words.';

create table private.fill_quality_portions (
  cycle_id text not null references public.fill_cycles (cycle_id) on delete cascade,
  part text not null check (part in ('vehicles', 'requests', 'readings', 'history')),
  portion integer not null,
  host text not null,
  counts jsonb not null check (jsonb_typeof(counts) = 'object'),
  primary key (cycle_id, part, portion, host)
);
comment on table private.fill_quality_portions is
  'What measure_fill_quality() has counted so far of a cycle, a row a portion and host: a portion that is counted twice counts once. Gone when it has finished.';

create table public.vehicle_score_history (
  day date not null,
  source_id uuid not null references public.scrape_sources (id) on delete cascade,
  vehicles_count integer not null check (vehicles_count > 0),
  mean_score numeric(4, 1) not null check (mean_score between 0 and 100),
  complete_count integer not null check (complete_count between 0 and vehicles_count),
  measured_at timestamptz not null default now(),
  primary key (day, source_id)
);
comment on table public.vehicle_score_history is
  'One row a day and source: how many vehicles were found there first, whenever that was, their mean score, and how many are complete. Written by the first cycle of the day (UTC), so that a trend is one.';

create index vehicle_score_history_by_source on public.vehicle_score_history (source_id, day);

alter table public.vehicle_score_history enable row level security;
create policy operators_read on public.vehicle_score_history
  for select to authenticated using ((select private.is_operator()));
alter table public.source_health enable row level security;
create policy operators_read on public.source_health
  for select to authenticated using ((select private.is_operator()));
alter table public.quality_metrics enable row level security;
create policy operators_read on public.quality_metrics
  for select to authenticated using ((select private.is_operator()));
alter table private.fill_quality_portions enable row level security;
grant select on public.source_health, public.quality_metrics, public.vehicle_score_history to authenticated;
grant all on public.source_health, public.quality_metrics, public.vehicle_score_history, private.fill_quality_portions
to service_role;
