create table public.extraction_metadata (
  id bigint generated always as identity primary key,
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  field_name text not null,
  field_value text,
  previous_value text,
  extraction_method text not null check (extraction_method <> ''),
  scraper_version text,
  confidence_score numeric(4, 3) not null check (confidence_score between 0 and 1),
  validation_status text not null
    check (validation_status in ('accepted', 'conflict', 'superseded', 'retracted', 'rejected')),
  evidence text,
  source_url text,
  snapshot_id uuid,
  extracted_at timestamptz not null default now(),
  last_confirmed_at timestamptz not null default now(),
  value_hash text generated always as (md5(coalesce(lower(field_value), ''))) stored,
  reviewed_at timestamptz,
  reviewed_by text,
  review_note text,
  reading_way text check (reading_way <> ''),
  declared_confidence numeric(4, 3) check (declared_confidence between 0 and 1),
  calibration_version integer,
  check (reviewed_at is not null or (reviewed_by is null and review_note is null))
) with (
  fillfactor = 85
);
comment on table public.extraction_metadata is
  'Provenance: when, how, and by which version each value was read, and what became of it. One row a distinct value and version; reading the same again only moves last_confirmed_at.';
comment on column public.extraction_metadata.field_value is
  'The value as read; null in a row that records that a page took a value back.';

comment on column public.extraction_metadata.reading_way is
  'How it was read off its page: a record, markup, a label, the title, prose … Null where the reader does not say.';
comment on column public.extraction_metadata.declared_confidence is
  'How sure the reader was, where it is held with another confidence: because of calibration_version, or of a cap of its source.';

create unique index extraction_metadata_distinct on public.extraction_metadata
  (vehicle_id, field_name, value_hash, extraction_method, scraper_version) nulls not distinct;
create index extraction_metadata_by_day on public.extraction_metadata using brin (extracted_at);
-- As private.sure_enough() says.
create index extraction_metadata_weak on public.extraction_metadata (confidence_score, id)
  where validation_status = 'accepted' and confidence_score < 0.6;
-- No index holds last_confirmed_at: what is read again is written in its page.
create index extraction_metadata_conflicts on public.extraction_metadata (extracted_at desc, id desc)
  where validation_status = 'conflict';
create index extraction_metadata_reviewed on public.extraction_metadata (reviewed_at) where reviewed_at is not null;

alter table public.extraction_metadata enable row level security;
create policy operators_read on public.extraction_metadata
  for select to authenticated using ((select private.is_operator()));
grant select on public.extraction_metadata to authenticated;
grant all on public.extraction_metadata to service_role;
