-- What is learned of the pages of a source, by which jobs, and how it compares with what else reads them.

create table public.extraction_maps (
  id uuid primary key default gen_random_uuid(),
  source text not null check (source <> ''),
  hosts text[] not null check (cardinality(hosts) > 0),
  template text not null check (template <> ''),
  version integer not null check (version > 0),
  status text not null default 'draft' check (status in ('draft', 'shadow', 'serving', 'retired')),
  cause text not null check (cause in ('unreadable', 'coverage', 'new_source', 'manual')),
  rules jsonb not null check (jsonb_typeof(rules) = 'object'),
  fields text[] not null default '{}',
  support integer not null check (support >= 0),
  held_out integer not null check (held_out >= 0),
  errors integer not null check (errors between 0 and held_out),
  learned_from uuid[] not null default '{}',
  scraper_version_id uuid references public.scraper_versions (id) on delete set null,
  created_at timestamptz not null default now(),
  serving_at timestamptz,
  retired_at timestamptz,
  retired_because text check (retired_because <> ''),
  unique (source, version, template),

  constraint what_serves_says_since_when check (status <> 'serving' or serving_at is not null),
  constraint what_serves_gives_fields check (status <> 'serving' or cardinality(fields) > 0),
  constraint what_is_retired_says_why check ((status = 'retired') = (retired_at is not null and retired_because is not null))
);
comment on table public.extraction_maps is
  'One row a template of a source and version: where its pages show known facts. Only what is serving reads pages.';
comment on column public.extraction_maps.source is
  'As an extraction names it: the slug of the adapter, or the host of a site that has none.';
comment on column public.extraction_maps.rules is
  '{map, names, currency, replaces}: the rules of each field, where the pages name the vehicle, the currency of their sums, and the maps whose pages it reads instead. JSON, never code.';
comment on column public.extraction_maps.fields is
  'The fields that it gives. One that is contradicted is taken out; when none is left, the map is retired.';
comment on column public.extraction_maps.held_out is
  'How often its rules were tried on pages that had no part in learning them; errors: how often they were wrong there.';
comment on column public.extraction_maps.learned_from is 'The snapshots of the pages that it was learned from.';

create index extraction_maps_serving on public.extraction_maps (source) where status = 'serving';

alter table public.extraction_maps enable row level security;
create policy operators_read on public.extraction_maps
  for select to authenticated using ((select private.is_operator()));
grant select on public.extraction_maps to authenticated;
grant all on public.extraction_maps to service_role;

create table public.extraction_map_jobs (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid references public.vehicles (id) on delete cascade,
  source text not null check (source <> ''),
  hosts text[] not null check (cardinality(hosts) > 0),
  cause text not null check (cause in ('unreadable', 'coverage', 'new_source', 'manual', 'watch')),
  fields text[] not null default '{}',
  step text not null default 'sample' check (step in ('sample', 'index', 'learn', 'compare', 'done')),
  state jsonb not null default '{}' check (jsonb_typeof(state) = 'object'),
  steps_done integer not null default 0 check (steps_done >= 0),
  result text check (result <> ''),
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 5 check (max_attempts > 0),
  next_attempt_at timestamptz,
  outcome_code text,
  error_message text,
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  created_at timestamptz not null default now(),
  processed_at timestamptz
);
comment on table public.extraction_map_jobs is
  'One row a time that a map is learned for a source, or that the serving ones are looked at (cause watch). Each step is written down when it is done: whoever takes the job up after a worker died goes on there.';
comment on column public.extraction_map_jobs.vehicle_id is 'Null: a job is of a source. The kernel asks every queue for its vehicle.';
comment on column public.extraction_map_jobs.cause is
  'Why: its pages are unreadable, a field is seldom read any more (coverage), a new source has no markup, by hand; watch: looks at the maps that serve.';
comment on column public.extraction_map_jobs.fields is 'The fields that are missed; empty: whatever the pages show.';
comment on column public.extraction_map_jobs.state is 'What the steps so far have come to; the pages stand in extraction_map_pages.';
comment on column public.extraction_map_jobs.result is 'What came of it, in words.';

create index extraction_map_jobs_by_vehicle on public.extraction_map_jobs (vehicle_id) where vehicle_id is not null;
create unique index extraction_map_jobs_one_open on public.extraction_map_jobs (source)
  where status in ('pending', 'processing');
create index extraction_map_jobs_by_source on public.extraction_map_jobs (source, created_at desc);

alter table public.extraction_map_jobs enable row level security;
create policy operators_read on public.extraction_map_jobs
  for select to authenticated using ((select private.is_operator()));
grant select on public.extraction_map_jobs to authenticated;
grant all on public.extraction_map_jobs to service_role;

create table public.extraction_map_pages (
  job_id uuid not null references public.extraction_map_jobs (id) on delete cascade,
  number integer not null check (number >= 0),
  snapshot_id uuid not null,
  vehicle_id uuid,
  url text not null,
  facts jsonb not null default '{}' check (jsonb_typeof(facts) = 'object'),
  not_held text[] not null default '{}',
  left_out text check (left_out <> ''),
  page_index jsonb,
  primary key (job_id, number)
);
comment on table public.extraction_map_pages is
  'The pages that a job learns from or looks at, with what is held of their vehicles from before or elsewhere. Gone when the job is done.';
comment on column public.extraction_map_pages.facts is
  'By field the value held; null where the page is known to lack it. A field that is not named is unknown.';
comment on column public.extraction_map_pages.not_held is
  'The fields that an older page, which was read, seems not to have stated.';
comment on column public.extraction_map_pages.left_out is 'Why nothing is learned from it: a wall, a shell, a page that its adapter reads.';
comment on column public.extraction_map_pages.page_index is 'Its texts and where they stand; null while it was not read.';

alter table public.extraction_map_pages enable row level security;
create policy operators_read on public.extraction_map_pages
  for select to authenticated using ((select private.is_operator()));
grant select on public.extraction_map_pages to authenticated;
grant all on public.extraction_map_pages to service_role;

create table public.extraction_map_comparisons (
  map_id uuid not null references public.extraction_maps (id) on delete cascade,
  snapshot_id uuid not null,
  field_name text not null check (field_name <> ''),
  map_value text not null,
  other_value text,
  agrees boolean,
  while_serving boolean not null default false,
  compared_at timestamptz not null default now(),
  primary key (map_id, snapshot_id, field_name),

  constraint what_nothing_else_reads_is_not_compared check ((agrees is null) = (other_value is null))
);
comment on table public.extraction_map_comparisons is
  'One row a value that a map reads from a page, beside what the adapter reads there: in shadow, and now and then while it serves. Null: nothing else reads it.';

alter table public.extraction_map_comparisons enable row level security;
create policy operators_read on public.extraction_map_comparisons
  for select to authenticated using ((select private.is_operator()));
grant select on public.extraction_map_comparisons to authenticated;
grant all on public.extraction_map_comparisons to service_role;
