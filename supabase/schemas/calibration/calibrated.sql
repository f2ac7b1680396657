-- How sure a reading is by what became of readings like it.

create function private.wilson_lower_bound(p_rate numeric, p_n numeric) returns numeric
language sql immutable parallel safe
return case
  when p_n > 0 then greatest(0, (
    p_rate + 1.9208 / p_n - 1.96 * sqrt((p_rate * (1 - p_rate) + 0.9604 / p_n) / p_n)
  ) / (1 + 3.8416 / p_n))
  else 0
end;
comment on function private.wilson_lower_bound(numeric, numeric) is
  'The lower 95 % bound of a rate that was seen in n trials (Wilson, 1927); 0 without any.';
grant execute on function private.wilson_lower_bound(numeric, numeric) to authenticated, service_role;

create function private.calibrated_estimate(
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
comment on function private.calibrated_estimate(integer, uuid, text, text, numeric) is
  'The chance that a value is right that a source''s page gives in this way, its reader being so sure, by a calibration: (20 * declared + accepted) / (20 + n) over all sources, and the same again over the source''s own labels. n: what the labels are worth. Where there is none, what was declared.';
grant execute on function private.calibrated_estimate(integer, uuid, text, text, numeric) to authenticated, service_role;

create function private.gated(p_declared numeric, p_estimate numeric, p_n numeric) returns numeric
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
comment on function private.gated(numeric, numeric, numeric) is
  'A calibrated estimate as it is held: over 0.6, where its reader said less, only when the lower 95 % bound is over it too.';
grant execute on function private.gated(numeric, numeric, numeric) to authenticated, service_role;

create function private.calibrated_by(
  p_version integer, p_source_id uuid, p_field text, p_way text, p_declared numeric
) returns numeric
language sql stable
set search_path = ''
as $$
  select private.gated(p_declared, e.p, e.n)
  from private.calibrated_estimate(p_version, p_source_id, p_field, p_way, p_declared) e
$$;
comment on function private.calibrated_by(integer, uuid, text, text, numeric) is
  'As calibrated(), by a version.';
grant execute on function private.calibrated_by(integer, uuid, text, text, numeric) to authenticated, service_role;

create function private.calibrated(p_source_id uuid, p_field text, p_way text, p_declared numeric) returns numeric
language sql stable
set search_path = ''
as $$
  select coalesce(
    private.calibrated_by(
      (select version from public.calibrations where status = 'serving'), p_source_id, p_field, p_way, p_declared),
    p_declared)
$$;
comment on function private.calibrated(uuid, text, text, numeric) is
  'The confidence with which a reading is held, by the calibration that serves; as declared where none does or nothing is known. Is raised to 0.6 or more only when the lower 95 % bound is.';
grant execute on function private.calibrated(uuid, text, text, numeric) to authenticated, service_role;

create function private.with_calibrated_confidence(p_items jsonb) returns jsonb
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
comment on function private.with_calibrated_confidence(jsonb) is
  'The readings of a batch, each fact as sure as readings like it turned out to be (calibrated()), with what its reader declared beside it. Sources are looked up once a host.';
grant execute on function private.with_calibrated_confidence(jsonb) to service_role;
