create index extraction_metadata_calibrated on public.extraction_metadata (calibration_version) where calibration_version is not null;

create function private.learned_calibrations()
returns table (kind text, source text, subject text, state text, what text, learned_from text, since timestamptz, changed text)
language sql stable
set search_path = ''
as $$
  select
    'calibration', null::text, 'version ' || c.version, c.status,
    coalesce(c.why, format('confidence of %s fields and ways', (
      select count(distinct (r.field_name, r.reading_way)) from public.calibration_rates r
      where r.version = c.version and r.field_name is not null))),
    c.labels_count || ' labels',
    coalesce(c.retired_at, c.serving_since, c.made_at),
    case when c.serving_since is not null then format('%s readings are held with another confidence', (
      select count(*) from public.extraction_metadata m where m.calibration_version = c.version)) end
  from public.calibrations c
$$;
comment on function private.learned_calibrations() is 'The calibrations'' rows of learning_status.';
grant execute on function private.learned_calibrations() to authenticated, service_role;
