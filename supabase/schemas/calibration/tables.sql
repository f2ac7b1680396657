create table public.calibrations (
  version integer generated always as identity primary key,
  status text not null default 'shadow' check (status in ('shadow', 'serving', 'retired')),
  made_at timestamptz not null default now(),
  labels_count integer not null check (labels_count > 0),
  serving_since timestamptz,
  retired_at timestamptz,
  why text check (why <> ''),
  constraint what_serves_says_since_when check ((status = 'serving') <= (serving_since is not null)),
  constraint what_is_retired_says_when_and_why check ((status = 'retired') = (retired_at is not null and why is not null))
);
comment on table public.calibrations is
  'One row a version of the calibrated confidence: a week in shadow, where it is only compared, then serving, then retired by the next one. Applied to new readings only.';
create unique index calibrations_one_shadow on public.calibrations (status) where status = 'shadow';
create unique index calibrations_one_serving on public.calibrations (status) where status = 'serving';

create table public.calibration_rates (
  version integer not null references public.calibrations (version) on delete cascade,
  source_id uuid references public.scrape_sources (id) on delete cascade,
  field_name text check (field_name <> ''),
  reading_way text check (reading_way <> ''),
  declared_band text check (declared_band in ('low', 'middle', 'high')),
  n numeric not null check (n >= 0),
  accepted numeric not null check (accepted >= 0 and accepted <= n),
  others_n numeric not null default 0 check (others_n >= 0),
  others_accepted numeric not null default 0 check (others_accepted >= 0 and others_accepted <= others_n),
  way_factor numeric not null default 1 check (way_factor >= 0),
  trust numeric not null default 1 check (trust > 0 and trust <= 1),
  unique nulls not distinct (version, source_id, field_name, reading_way, declared_band),
  constraint a_row_is_of_a_source_or_a_way check (source_id is not null or reading_way is not null),
  constraint a_way_has_a_band check ((reading_way is null) = (declared_band is null)),
  constraint a_field_is_read_in_a_way check (field_name is null or reading_way is not null)
);
comment on table public.calibration_rates is
  'What a calibration goes by: a row a source, field, way and band of declared confidence; without a source, all sources together; without a field, all fields.';
comment on column public.calibration_rates.n is
  'So many labels, each worth its share: half as much every 90 days, a quarter for an agreement; fewer than there are where their weights differ.';
comment on column public.calibration_rates.others_n is 'The same of the other sources, for this field and way.';
comment on column public.calibration_rates.way_factor is
  'What becomes of a declared confidence by the labels that this way has for other fields.';
comment on column public.calibration_rates.trust is
  'What becomes of 1 by what the labels of the source''s other fields say of it: less where it is wrong more often than it declares.';
create index calibration_rates_by_source on public.calibration_rates (source_id) where source_id is not null;

create table public.audit_readings (
  extraction_id bigint primary key references public.extraction_metadata (id) on delete cascade,
  week date not null check (extract(isodow from week) = 1),
  probability numeric not null check (probability > 0 and probability <= 1),
  drawn_at timestamptz not null default now()
);
comment on table public.audit_readings is
  'One row a reading that was drawn at random to be looked at, whatever its confidence, and the probability with which it was: a label of it stands for 1/probability readings.';
create index audit_readings_by_week on public.audit_readings (week);

alter table public.calibrations enable row level security;
create policy operators_read on public.calibrations
  for select to authenticated using ((select private.is_operator()));
alter table public.calibration_rates enable row level security;
create policy operators_read on public.calibration_rates
  for select to authenticated using ((select private.is_operator()));
alter table public.audit_readings enable row level security;
create policy operators_read on public.audit_readings
  for select to authenticated using ((select private.is_operator()));
grant select on public.calibrations, public.calibration_rates, public.audit_readings to authenticated;
grant all on public.calibrations, public.calibration_rates, public.audit_readings to service_role;
