-- How complete a vehicle is, from 0 to 100, kept up to date by the database itself.

create function private.score_version() returns integer
language sql immutable parallel safe
return 2;
comment on function private.score_version() is
  'Raised when the rules of the score change; rescore_vehicles() then brings every row up to date.';
grant execute on function private.score_version() to service_role;

-- What "the price" of a vehicle is depends on how it is offered. An unsold car has no sale price to miss.
create function private.price_field(p_sale_status text) returns text
language sql immutable parallel safe
return case
  when p_sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then 'high_bid'
  when p_sale_status = 'for_sale' then 'asking_price'
  else 'sale_price'
end;
grant execute on function private.price_field(text) to service_role;

create function private.field_confidence(p_state jsonb, p_field text) returns numeric
language sql immutable parallel safe
return coalesce((p_state -> p_field ->> 'confidence')::numeric, 0.5);
comment on function private.field_confidence(jsonb, text) is
  'Confidence of the value held; a value without state counts 0.5.';
grant execute on function private.field_confidence(jsonb, text) to service_role;
grant execute on function private.field_confidence(jsonb, text) to authenticated;

create function private.sure_enough() returns numeric
language sql immutable parallel safe
return 0.6;
comment on function private.sure_enough() is
  'The least confidence with which a field counts in the score: what is held with less (the spec''s "low") earns nothing and is listed for review.';
grant execute on function private.sure_enough() to authenticated, service_role;

create function private.vehicle_quality(v public.vehicles, p_has_image boolean)
returns table (overall_score numeric, missing_fields text[], low_confidence_fields text[])
language sql stable
begin atomic
  -- No "set search_path" here: names are bound when the function is created, and the planner can inline it.
  select
    coalesce(sum(f.points) filter (where f.held and c.enough), 0)::numeric(4, 1),
    coalesce(array_agg(f.name order by f.place) filter (where not f.held), '{}'),
    coalesce(array_agg(f.name order by f.place) filter (where f.held and not c.enough), '{}')
  from (
    values
      (1, 'year', 10, v.year is not null, 'year'),
      (2, 'make', 10, v.make is not null, 'make'),
      (3, 'model', 10, v.model is not null, 'model'),
      (4, 'vin', 15, v.vin is not null and (private.is_vin(v.vin) or coalesce(v.year < 1981, false)), 'vin'),
      (
        5, private.price_field(v.sale_status), 15,
        case
          when v.sale_status = 'sold' then v.sale_price is not null
          when v.sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then v.high_bid is not null
          when v.sale_status = 'for_sale' then v.asking_price is not null
          else coalesce(v.sale_price, v.asking_price) is not null
        end,
        case
          when v.sale_status = 'sold' then 'sale_price'
          when v.sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then 'high_bid'
          when v.sale_status = 'for_sale' then 'asking_price'
          when v.sale_price is not null then 'sale_price'
          else 'asking_price'
        end
      ),
      (6, 'description', 15, v.description is not null, 'description'),
      (7, 'images', 15, p_has_image, null),
      (8, 'mileage', 2.5, v.mileage is not null, 'mileage'),
      (9, 'color', 2.5, v.color is not null, 'color'),
      (10, 'engine', 2.5, v.engine is not null, 'engine'),
      (11, 'transmission', 2.5, v.transmission is not null, 'transmission')
  ) as f(place, name, points, held, state_of)
  cross join lateral (
    select case
      when not f.held then null
      when f.state_of is null then true -- an image is there or is not
      when f.name = 'vin' and exists (
        select from public.suspect_vins s
        where s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
      ) then false -- a placeholder says nothing of the car
      else private.field_confidence(v.field_state, f.state_of) >= private.sure_enough()
    end as enough
  ) c;
end;
comment on function private.vehicle_quality(public.vehicles, boolean) is
  'The score, as in docs/architecture.md: year, make, model 10 each; vin, price, description, images 15 each; mileage, color, engine, transmission 2.5 each. A field held with confidence under 0.6 earns nothing, and neither does a suspect VIN.';
grant execute on function private.vehicle_quality(public.vehicles, boolean) to service_role;

create function private.is_complete(v public.vehicles, p_score numeric) returns boolean
language sql immutable parallel safe
return p_score >= 85
  and v.year is not null
  and v.make is not null
  and v.model is not null
  and v.sale_status is distinct from 'live';
comment on function private.is_complete(public.vehicles, numeric) is
  'Score of 85 or more, year, make and model present, and not live: a live auction is due at its end.';
grant execute on function private.is_complete(public.vehicles, numeric) to authenticated, service_role;

create function private.refresh_quality(p_vehicle_ids uuid[]) returns integer
language plpgsql -- its plan is kept, which matters at one call a vehicle
set search_path = ''
as $$
declare
  v_count integer;
begin
  with fresh as (
    select v.id, s.vin_key is not null as has_suspect_vin, q.*
    from public.vehicles v
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    cross join lateral (
      select exists (select from public.vehicle_images i where i.vehicle_id = v.id) as has_image
    ) i
    cross join lateral private.vehicle_quality(v, i.has_image) q
    where v.id = any (p_vehicle_ids)
  )
  insert into public.vehicle_quality_scores as held
    (vehicle_id, overall_score, missing_fields, low_confidence_fields, issues, score_version)
  select
    id, overall_score, missing_fields, low_confidence_fields,
    array(select 'missing ' || f from unnest(missing_fields) f)
      || array(select 'low confidence: ' || f from unnest(low_confidence_fields) f)
      || case when has_suspect_vin then array['suspect_vin'] else '{}' end,
    private.score_version()
  from fresh
  order by id
  on conflict (vehicle_id) do update
  set overall_score = excluded.overall_score,
      missing_fields = excluded.missing_fields,
      low_confidence_fields = excluded.low_confidence_fields,
      issues = excluded.issues,
      score_version = excluded.score_version,
      updated_at = now()
  where (held.overall_score, held.issues, held.score_version)
    is distinct from (excluded.overall_score, excluded.issues, excluded.score_version);
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.refresh_quality(uuid[]) is
  'Rescores these vehicles in one statement and writes only what changed. Gives the number of changed rows.';
grant execute on function private.refresh_quality(uuid[]) to service_role;
