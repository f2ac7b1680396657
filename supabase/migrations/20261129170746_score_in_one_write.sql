-- Score in one write.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.refresh_quality(p_vehicle_ids uuid[]) returns integer
language plpgsql -- its plan is kept, which matters at one call a vehicle
set search_path = ''
set enable_seqscan = off -- the plan may be made while the tables are small, and is kept
as $$
declare
  v_count integer;
begin
  with scored as (
    select v.id, s.vin_key is not null as has_suspect_vin, f.*
    from public.vehicles v
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    cross join lateral (
      select exists (select from public.vehicle_images i where i.vehicle_id = v.id) as has_image
    ) i -- on its own, so that the planner can inline the score
    cross join lateral private.vehicle_quality(
      v.field_state, v.year, v.make, v.model, v.vin, s.vin_key is not null,
      v.sale_status, v.sale_price, v.high_bid, v.asking_price, v.description,
      i.has_image, v.mileage, v.color, v.engine, v.transmission) f
    where v.id = any (p_vehicle_ids)
    offset 0 -- made once, not at each mention
  ),
  fresh as (
    select
      s.*,
      private.with_prefix('missing ', s.missing_fields)
        || private.with_prefix('low confidence: ', s.low_confidence_fields)
        || case when s.has_suspect_vin then array['suspect_vin'] else '{}' end as issues
    from scored s
    offset 0
  ),
  changed as (
    select f.*
    from fresh f
    left join public.vehicle_quality_scores h on h.vehicle_id = f.id
    where (h.score_version, h.overall_score, h.missing_fields, h.low_confidence_fields, h.issues)
      is distinct from
      (private.score_version(), f.overall_score, f.missing_fields, f.low_confidence_fields, f.issues)
  ),
  written as (
    insert into public.vehicle_quality_scores as q
      (vehicle_id, overall_score, missing_fields, low_confidence_fields, issues, score_version)
    select c.id, c.overall_score, c.missing_fields, c.low_confidence_fields, c.issues, private.score_version()
    from changed c
    order by c.id -- two sessions never wait for each other
    on conflict (vehicle_id) do update -- also where another session has added the row since
    set overall_score = excluded.overall_score,
        missing_fields = excluded.missing_fields,
        low_confidence_fields = excluded.low_confidence_fields,
        issues = excluded.issues,
        score_version = excluded.score_version,
        updated_at = now()
    returning 1
  )
  select count(*) into v_count from written;
  return v_count;
end
$$;

comment on function private.refresh_quality(uuid[]) is 'Rescores these vehicles in one statement, in the order of their ids, and writes only what changed. Gives the number of changed rows. Who changes what the score is made of has the vehicles locked when he calls it.';
