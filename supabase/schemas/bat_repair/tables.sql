create table public.bat_extraction_queue (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null unique references public.vehicles (id) on delete cascade,
  bat_url text not null check (bat_url <> ''),
  priority integer not null default 100,
  status text not null default 'pending' check (status in ('pending', 'processing', 'complete', 'failed')),
  reason text not null default 'manual' check (reason <> ''),
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 3 check (max_attempts > 0),
  next_attempt_at timestamptz,
  outcome_code text,
  error_message text,
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  no_gain_passes integer not null default 0 check (no_gain_passes >= 0),
  requeue_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  processed_at timestamptz
);
comment on table public.bat_extraction_queue is
  'One row a Bring a Trailer vehicle that was to be read: priority 100 new, 75 to repair. The higher goes first.';
comment on column public.bat_extraction_queue.reason is
  'new, manual, or what is wrong with the vehicle: see queue_bat_backfill_vehicles().';
comment on column public.bat_extraction_queue.next_attempt_at is
  'A pending row is not claimed before; null means it is due now.';
comment on column public.bat_extraction_queue.no_gain_passes is
  'How often in a row the vehicle was read and still lacks something, or could not be read.';
comment on column public.bat_extraction_queue.requeue_at is
  'Not queued again by itself before: what a page does not state is not asked for at every turn.';

alter table public.bat_extraction_queue enable row level security;
create policy operators_read on public.bat_extraction_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.bat_extraction_queue to authenticated;
grant all on public.bat_extraction_queue to service_role;

create trigger touch_updated_at
  before update of status on public.bat_extraction_queue
  for each row when (new.status = 'pending')
  execute function private.touch_updated_at();
