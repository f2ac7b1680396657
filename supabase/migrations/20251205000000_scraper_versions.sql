-- A scraper that got better says so once. Every vehicle that it affects is then queued to be read again, in
-- portions, and the registry shows how far that has come.

create table public.scraper_versions (
  id uuid primary key default gen_random_uuid(),
  scraper_name text not null,
  version text not null check (version ~ '^v\d{1,6}\.\d{1,6}\.\d{1,6}$'),
  fields_affected text[] not null check (cardinality(fields_affected) > 0),
  backfill_required boolean not null default true,
  backfill_priority integer not null default 5 check (backfill_priority between 1 and 10),
  reextract boolean not null default false,
  description text,
  created_at timestamptz not null default now(),
  queued_count integer not null default 0 check (queued_count >= 0),
  scanned_count bigint not null default 0 check (scanned_count >= 0),
  scan_host text not null default '',
  scan_after uuid,
  scan_finished_at timestamptz,
  unique (scraper_name, version)
);
comment on table public.scraper_versions is
  'The registry of scraper improvements. Inserting a row queues every vehicle of the scraper''s sources that lacks one of fields_affected, or holds it unsurely or in conflict.';
comment on column public.scraper_versions.reextract is
  'Also queue vehicles that hold a value which an older version read: the older one read it wrong. What the new version no longer reads from the same page is taken back.';
comment on column public.scraper_versions.queued_count is
  'Vehicles queued for this version so far; scraper_version_status shows what became of them.';
comment on column public.scraper_versions.scan_after is
  'How far the search for affected vehicles has come: the host and the last id on it. Finished when scan_finished_at is set.';
create index scraper_versions_unfinished on public.scraper_versions (created_at) where scan_finished_at is null;

alter table public.scraper_versions enable row level security;
create policy operators_read on public.scraper_versions
  for select to authenticated using ((select private.is_operator()));
grant select on public.scraper_versions to authenticated;
grant all on public.scraper_versions to service_role;

-- What a queue row knows of the version that asked for it.
alter table public.backfill_queue
  add column scraper_version_id uuid references public.scraper_versions (id) on delete set null,
  add column fields_wanted text[] not null default '{}',
  add column reextract boolean not null default false;
comment on column public.backfill_queue.fields_wanted is 'The fields that the row hopes for; empty: whatever the page says.';
create index backfill_queue_by_version on public.backfill_queue (scraper_version_id, status)
  where scraper_version_id is not null;

-- A row in a worker's hands may be read by the code of before, so a newer version gets a row of its own.
drop index public.backfill_queue_one_open;
create unique index backfill_queue_one_open on public.backfill_queue (vehicle_id, reason, scraper_version_id)
  nulls not distinct
  where status in ('pending', 'processing');
