-- One table and no partitions, though it is a history: it is short, each row is changed three times in its first minute,
-- and each claim looks for such a row. Parted by the day that took two to four times as long, and deleting is cheap.
create table public.worker_invocations (
  id bigint generated always as identity primary key,
  function_name text not null check (function_name ~ '^[a-z0-9-]+$'),
  invoked_at timestamptz not null default now(),
  request_id bigint,
  answered_at timestamptz,
  status_code integer,
  error text,
  rows_claimed integer check (rows_claimed >= 0),
  ended_at timestamptz,
  check (request_id is not null or error is not null)
);
comment on table public.worker_invocations is
  'One row a call with which the database invoked an edge function, with the HTTP status it got. Kept three days.';

comment on column public.worker_invocations.rows_claimed is
  'How many rows the run claimed first: 0, and the invocation was in vain. Null while none was claimed, and of functions that claim nothing.';
comment on column public.worker_invocations.ended_at is
  'When a run of this worker that found work said that it ends; null of one that did not say so.';

create index worker_invocations_by_function on public.worker_invocations (function_name, invoked_at desc);
create index worker_invocations_unanswered on public.worker_invocations (request_id) where answered_at is null;
create index worker_invocations_without_claim on public.worker_invocations (function_name, invoked_at)
  where rows_claimed is null;

alter table public.worker_invocations enable row level security;
create policy operators_read on public.worker_invocations
  for select to authenticated using ((select private.is_operator()));
grant select on public.worker_invocations to authenticated;
grant all on public.worker_invocations to service_role;

create table private.worker_scales (
  function_name text primary key,
  cycle_id text not null,
  workers integer not null check (workers >= 1),
  batch_size integer check (batch_size >= 1),
  until timestamptz not null
);
comment on table private.worker_scales is
  'One row a worker that the cycle under way wants more of: how many runs side by side, and rows a run (null: as the worker has it), until then.';

alter table private.worker_scales enable row level security;
grant all on private.worker_scales to service_role;
