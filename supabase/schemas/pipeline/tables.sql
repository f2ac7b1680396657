create table public.pipeline_runs (
  id uuid primary key default gen_random_uuid(),
  triggered_by text not null default 'manual' check (triggered_by <> ''),
  status text not null default 'running'
    check (status in ('running', 'completed', 'completed_with_errors', 'failed', 'abandoned')),
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  runtime_ms integer check (runtime_ms >= 0),
  steps jsonb not null default '[]' check (jsonb_typeof(steps) = 'array'),
  metrics jsonb check (jsonb_typeof(metrics) = 'object'),
  error_message text,
  like private.lease including all,
  check ((status = 'running') = (ended_at is null))
);
comment on table public.pipeline_runs is
  'One row a run of pipeline-orchestrator: what each step did, and the metrics at its end. abandoned: its worker died. Kept 30 days.';

create unique index pipeline_runs_one_running on public.pipeline_runs ((true)) where status = 'running';
create index pipeline_runs_by_start on public.pipeline_runs (started_at desc);

alter table public.pipeline_runs enable row level security;
create policy operators_read on public.pipeline_runs
  for select to authenticated using ((select private.is_operator()));
grant select on public.pipeline_runs to authenticated;
grant all on public.pipeline_runs to service_role;
