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

create function private.field_counts(p_state jsonb, p_field text, p_is_held boolean) returns boolean
language sql immutable parallel safe
return case when p_is_held then private.field_confidence(p_state, p_field) >= private.sure_enough() end;
comment on function private.field_counts(jsonb, text, boolean) is
  'Whether the value held of a field is sure enough to count in the score; null where nothing is held.';
grant execute on function private.field_counts(jsonb, text, boolean) to service_role;

-- Of columns and not of a row: a whole row that is handed down is built anew at each mention of a column.
create function private.vehicle_quality(
  p_field_state jsonb, p_year integer, p_make text, p_model text, p_vin text, p_is_suspect_vin boolean,
  p_sale_status text, p_sale_price numeric, p_high_bid numeric, p_asking_price numeric, p_description text,
  p_has_image boolean, p_mileage integer, p_color text, p_engine text, p_transmission text
)
returns table (overall_score numeric, missing_fields text[], low_confidence_fields text[])
language sql immutable parallel safe
begin atomic
  -- No "set search_path" here: names are bound when the function is created, and the planner can inline it.
  select
    ((
      case when c.year then 100 else 0 end
      + case when c.make then 100 else 0 end
      + case when c.model then 100 else 0 end
      + case when c.vin then 150 else 0 end
      + case when c.price then 150 else 0 end
      + case when c.description then 150 else 0 end
      + case when c.images then 150 else 0 end
      + case when c.mileage then 25 else 0 end
      + case when c.color then 25 else 0 end
      + case when c.engine then 25 else 0 end
      + case when c.transmission then 25 else 0 end
    ) * 0.1)::numeric(4, 1),
    array_remove(array[
      case when c.year is null then 'year' end,
      case when c.make is null then 'make' end,
      case when c.model is null then 'model' end,
      case when c.vin is null then 'vin' end,
      case when c.price is null then private.price_field(p_sale_status) end,
      case when c.description is null then 'description' end,
      case when c.images is null then 'images' end,
      case when c.mileage is null then 'mileage' end,
      case when c.color is null then 'color' end,
      case when c.engine is null then 'engine' end,
      case when c.transmission is null then 'transmission' end
    ], null),
    array_remove(array[
      case when not c.year then 'year' end,
      case when not c.make then 'make' end,
      case when not c.model then 'model' end,
      case when not c.vin then 'vin' end,
      case when not c.price then private.price_field(p_sale_status) end,
      case when not c.description then 'description' end,
      case when not c.mileage then 'mileage' end,
      case when not c.color then 'color' end,
      case when not c.engine then 'engine' end,
      case when not c.transmission then 'transmission' end
    ], null)
  from (
    -- What counts; null where nothing is held.
    select
      private.field_counts(s.state, 'year', p_year is not null) as year,
      private.field_counts(s.state, 'make', p_make is not null) as make,
      private.field_counts(s.state, 'model', p_model is not null) as model,
      case when p_vin is not null and (private.is_vin(p_vin) or coalesce(p_year < 1981, false)) then
        -- A placeholder says nothing of the car.
        not p_is_suspect_vin and private.field_counts(s.state, 'vin', true)
      end as vin,
      case
        when p_sale_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then
          private.field_counts(s.state, 'high_bid', p_high_bid is not null)
        when p_sale_status = 'for_sale' or (p_sale_price is null and p_sale_status is distinct from 'sold') then
          private.field_counts(s.state, 'asking_price', p_asking_price is not null)
        else private.field_counts(s.state, 'sale_price', p_sale_price is not null)
      end as price,
      private.field_counts(s.state, 'description', p_description is not null) as description,
      case when p_has_image then true end as images,
      private.field_counts(s.state, 'mileage', p_mileage is not null) as mileage,
      private.field_counts(s.state, 'color', p_color is not null) as color,
      private.field_counts(s.state, 'engine', p_engine is not null) as engine,
      private.field_counts(s.state, 'transmission', p_transmission is not null) as transmission
    from (
      -- Unpacked once, not at each mention.
      select p_field_state || '{}' as state offset 0
    ) s
    offset 0 -- decided once, too
  ) c;
end;
comment on function private.vehicle_quality(
  jsonb, integer, text, text, text, boolean, text, numeric, numeric, numeric, text, boolean, integer, text, text, text
) is
  'The score, as in docs/architecture.md: year, make, model 10 each; vin, price, description, images 15 each; mileage, color, engine, transmission 2.5 each. A field held with confidence under 0.6 earns nothing, and neither does a suspect VIN.';
grant execute on function private.vehicle_quality(
  jsonb, integer, text, text, text, boolean, text, numeric, numeric, numeric, text, boolean, integer, text, text, text
) to service_role;

create function private.with_prefix(p_prefix text, p_words text[]) returns text[]
language sql stable parallel safe -- as array_to_string() is, else it is not inlined
return case
  when p_words = '{}' then '{}'
  else string_to_array(p_prefix || array_to_string(p_words, ',' || p_prefix), ',')
end;
comment on function private.with_prefix(text, text[]) is
  'Words without commas, each with a prefix: of a million vehicles faster than a query each.';
grant execute on function private.with_prefix(text, text[]) to service_role;

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
comment on function private.refresh_quality(uuid[]) is
  'Rescores these vehicles in one statement, in the order of their ids, and writes only what changed. Gives the number of changed rows. Who changes what the score is made of has the vehicles locked when he calls it.';
grant execute on function private.refresh_quality(uuid[]) to service_role;
