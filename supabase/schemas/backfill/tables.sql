create table public.backfill_queue (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  reason text not null check (reason <> ''),
  priority integer not null default 5 check (priority between 1 and 10),
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')),
  source_url text,
  triggered_by text not null default 'manual',
  changes_detected jsonb not null default '{}',
  fields_updated text[] not null default '{}',
  outcome_code text,
  error_message text,
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 3 check (max_attempts > 0),
  next_attempt_at timestamptz,
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  created_at timestamptz not null default now(),
  processed_at timestamptz,
  -- What a queue row knows of the version that asked for it.
  scraper_version_id uuid references public.scraper_versions (id) on delete set null,
  fields_wanted text[] not null default '{}',
  reextract boolean not null default false,
  read_by_version text
);
comment on table public.backfill_queue is
  'Vehicles waiting to be read again, and what changed when they were. One open row a vehicle and reason.';
comment on column public.backfill_queue.next_attempt_at is
  'A pending row is not claimed before; null means it is due now.';
comment on column public.backfill_queue.scraper_version_id is
  'The version that asked for it. Only a reader of at least that version ends the row: until it is deployed the row waits, with infinity in next_attempt_at.';
comment on column public.backfill_queue.read_by_version is 
  'The version of the scraper that was asked for it, when that one read the page last; null when another did, or none.';
comment on column public.backfill_queue.fields_wanted is 'The fields that the row hopes for; empty: whatever the page says.';

create index backfill_queue_by_vehicle on public.backfill_queue (vehicle_id);
create index backfill_queue_by_version on public.backfill_queue (scraper_version_id, status)
  where scraper_version_id is not null;

create index backfill_queue_waits_for_deployment on public.backfill_queue (scraper_version_id)
  where status = 'pending' and next_attempt_at = 'infinity';

-- A row in a worker's hands may be read by the code of before, so a newer version gets a row of its own.
create unique index backfill_queue_one_open on public.backfill_queue (vehicle_id, reason, scraper_version_id)
  nulls not distinct
  where status in ('pending', 'processing');

alter table public.backfill_queue enable row level security;
create policy operators_read on public.backfill_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.backfill_queue to authenticated;
grant all on public.backfill_queue to service_role;
