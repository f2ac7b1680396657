-- Calibrate in one plan.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.calibrated_by(
  p_version integer, p_source_id uuid, p_field text, p_way text, p_declared numeric
) returns numeric
language sql stable
set search_path = ''
as $$
  select private.gated(p_declared, e.p, e.n)
  from private.calibrated_estimate(p_version, p_source_id, p_field, p_way, p_declared) e
$$;

create or replace function private.calibrated_estimate(
  p_version integer, p_source_id uuid, p_field text, p_way text, p_declared numeric
) returns table (p numeric, n numeric)
language sql stable
begin atomic
  -- No "set search_path" here: names are bound when the function is created, and the planner can inline it.
  select
    -- What is known less closely is worth twenty labels of what is known more closely: declared, all sources, this source.
    least(greatest(p_declared, 0.99), (
      20 * coalesce(own.trust, source.trust, 1) * (20 * known.declared + others.accepted) / (20 + others.n) + coalesce(own.accepted, 0)
    ) / (20 + coalesce(own.n, 0))),
    coalesce(own.n, 0) + others.n
  from (select private.declared_band(p_declared) as band) d
  left join public.calibration_rates own
    on own.version = p_version and own.source_id = p_source_id
    and own.field_name = p_field and own.reading_way = p_way and own.declared_band = d.band
  left join public.calibration_rates source
    on source.version = p_version and source.source_id = p_source_id and source.reading_way is null
  left join public.calibration_rates every
    on every.version = p_version and every.source_id is null
    and every.field_name = p_field and every.reading_way = p_way and every.declared_band = d.band
  left join public.calibration_rates way
    on way.version = p_version and way.source_id is null
    and way.field_name is null and way.reading_way = p_way and way.declared_band = d.band
  cross join lateral (
    select case
      when own.version is null and every.version is null and way.version is null then p_declared
      else least(p_declared * coalesce(own.way_factor, every.way_factor, way.way_factor), greatest(p_declared, 0.99))
    end as declared
  ) known
  cross join lateral (
    select
      case when own.version is not null then own.others_n else coalesce(every.n, 0) end as n,
      case when own.version is not null then own.others_accepted else coalesce(every.accepted, 0) end as accepted
  ) others;
end;

create or replace function private.draw_audit_sample(p_size integer default 50, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_week date := date_trunc('week', p_now at time zone 'UTC')::date;
  v_percent double precision;
  v_count integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('draw_audit_sample', 5));
  if exists (select from public.audit_readings where week = v_week) then
    return 0;
  end if;
  -- Of a table with very many rows a part of its pages is enough, and each row is as likely to stand in it.
  v_percent := (
    select least(100, 100 * 100000.0 / greatest(reltuples, 1))
    from pg_class where oid = 'public.extraction_metadata'::regclass
  );
  with readings as (
    select
      m.id,
      private.url_host(m.source_url) as host, m.reading_way,
      private.declared_band(coalesce(m.declared_confidence, m.confidence_score)) as band
    from public.extraction_metadata m tablesample system (v_percent)
    where m.extracted_at > p_now - interval '7 days'
      and m.extracted_at <= p_now
      and m.validation_status = 'accepted'
      and m.reviewed_at is null
      and m.reading_way is not null
      and m.field_value is not null
      and m.extraction_method not like 'manual%'
  ),
  -- Strata: site, way, and how sure the reader was. Each gets its share by the root of its size, so that the small are seen too.
  sized as (
    select r.*, 1 / sqrt(count(*) over (partition by r.host, r.reading_way, r.band)) as size
    from readings r
  ),
  chances as (
    select s.*, least(1, p_size * s.size / sum(s.size) over ()) as chance from sized s
  ),
  -- Systematic sampling in the order of the strata: each has its chance, exactly (Madow, 1949).
  places as (
    select c.id, c.chance, sum(c.chance) over (order by c.host, c.reading_way, c.band, hashint8(c.id), c.id) as place
    from chances c
  ),
  begin as materialized ( -- one for all
    select random() as at
  )
  insert into public.audit_readings (extraction_id, week, probability, drawn_at)
  select p.id, v_week, greatest(p.chance * v_percent / 100, 1e-9), p_now
  from places p, begin b
  where floor(p.place - b.at) > floor(p.place - p.chance - b.at)
  on conflict (extraction_id) do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.gated(p_declared numeric, p_estimate numeric, p_n numeric) returns numeric
language sql immutable parallel safe
return case
  when p_estimate = p_declared then p_declared
  -- What counts only by being calibrated must be so for sure.
  when p_declared < private.sure_enough()
    and p_estimate >= private.sure_enough()
    and private.wilson_lower_bound(p_estimate, p_n) < private.sure_enough()
    then private.sure_enough() - 0.001
  else round(p_estimate, 3)
end;

create or replace function private.with_calibrated_confidence(p_items jsonb) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_version integer := (select version from public.calibrations where status = 'serving');
  v_sources jsonb;
begin
  if v_version is null then
    return p_items;
  end if;
  v_sources := (
    select jsonb_object_agg(h.host, private.source_of_host(h.host))
    from (
      select distinct private.url_host(i ->> 'source_url') as host
      from jsonb_array_elements(p_items) i
      where jsonb_typeof(i -> 'facts') = 'object'
    ) h
    where h.host is not null
  );
  return (
    select jsonb_agg(
      i || case when jsonb_typeof(i -> 'facts') = 'object' and i -> 'facts' <> '{}' then jsonb_build_object('facts', (
        select jsonb_object_agg(f.key, case
          when c.confidence <> (f.value ->> 'confidence')::numeric then f.value || jsonb_build_object(
            'confidence', c.confidence, 'declared', f.value -> 'confidence', 'calibration', v_version)
          else f.value
        end)
        from jsonb_each(i -> 'facts') f
        cross join lateral (select f.value ->> 'way' as way, (f.value ->> 'confidence')::numeric as declared) r
        left join lateral private.calibrated_estimate(v_version, s.source_id, f.key, r.way, r.declared) e
          on r.way is not null and r.declared is not null
        cross join lateral (select private.gated(r.declared, e.p, e.n)) c(confidence)
      )) else '{}' end
      order by n)
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
    cross join lateral (select (v_sources ->> private.url_host(i ->> 'source_url'))::uuid) s(source_id)
  );
end
$$;

comment on function private.gated(numeric, numeric, numeric) is 'A calibrated estimate as it is held: over 0.6, where its reader said less, only when the lower 95 % bound is over it too.';

revoke all on function private.gated(numeric, numeric, numeric) from public;

grant execute
  on function private.gated(numeric, numeric, numeric)
  to authenticated, postgres, service_role;
