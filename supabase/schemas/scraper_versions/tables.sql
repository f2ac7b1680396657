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

create table private.backfill_forgotten (
  scraper_version_id uuid not null,
  completed integer not null,
  changed integer not null
);
comment on table private.backfill_forgotten is
  'What finished queue rows that were deleted since had come to, so that the counts of a version stay true. A row a deletion: nobody waits.';

create index backfill_forgotten_by_version on private.backfill_forgotten (scraper_version_id);

alter table private.backfill_forgotten enable row level security;
create policy operators_read on private.backfill_forgotten
  for select to authenticated using ((select private.is_operator()));
grant select on private.backfill_forgotten to authenticated;
grant all on private.backfill_forgotten to service_role;
