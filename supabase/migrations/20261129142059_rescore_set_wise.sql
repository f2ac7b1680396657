-- Rescore set wise.

-- A function may name what comes below it.
set check_function_bodies = off;

drop index public.vehicle_quality_scores_by_update;

drop function private.vehicle_quality(public.vehicles, boolean);

drop function private.vehicles_to_sync(uuid[]);

alter table public.vehicle_quality_scores
  set (fillfactor=90);

create or replace function private.field_counts(p_state jsonb, p_field text, p_is_held boolean) returns boolean
language sql immutable parallel safe
return case when p_is_held then private.field_confidence(p_state, p_field) >= private.sure_enough() end;

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
  changed as materialized (
    select f.*, h.vehicle_id is null as is_new
    from fresh f
    left join public.vehicle_quality_scores h on h.vehicle_id = f.id
    where (h.overall_score, h.issues, h.score_version)
      is distinct from (f.overall_score, f.issues, private.score_version())
    order by f.id
  ),
  updated as (
    update public.vehicle_quality_scores q
    set overall_score = c.overall_score,
        missing_fields = c.missing_fields,
        low_confidence_fields = c.low_confidence_fields,
        issues = c.issues,
        score_version = private.score_version(),
        updated_at = now()
    from changed c
    where q.vehicle_id = c.id
      and not c.is_new
    returning q.vehicle_id
  ),
  added as (
    insert into public.vehicle_quality_scores
      (vehicle_id, overall_score, missing_fields, low_confidence_fields, issues, score_version)
    select c.id, c.overall_score, c.missing_fields, c.low_confidence_fields, c.issues, private.score_version()
    from changed c
    where c.is_new
    returning vehicle_id
  )
  select (select count(*) from updated) + (select count(*) from added) into v_count;
  return v_count;
end
$$;

create or replace function private.scored_by_older_rules(p_first uuid, p_last uuid) returns uuid[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    select q.vehicle_id
    from public.vehicle_quality_scores q
    where q.vehicle_id between p_first and p_last
      and q.score_version <> private.score_version()
    order by q.vehicle_id
  );
end
$$;

create or replace function private.state_differs(v public.vehicles, p_score numeric, p_state text, p_state_score numeric)
returns boolean
language sql immutable parallel safe
return private.is_marked_complete(v.origin_metadata) <> private.is_complete(v, p_score)
  or (p_state is null) <> (v.discovery_url is null)
  or p_state_score <> p_score
  or (p_state <> 'leased' and (p_state = 'complete') <> private.is_complete(v, p_score));

create or replace function private.states_to_sync(p_vehicle_ids uuid[]) returns uuid[]
language plpgsql stable
set search_path = ''
set enable_nestloop = off
set enable_seqscan = off
set max_parallel_workers_per_gather = 0
as $$
begin
  return array(
    select v.id
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id and q.vehicle_id = any (p_vehicle_ids)
    left join public.micro_scrape_state m on m.vehicle_id = v.id and m.vehicle_id = any (p_vehicle_ids)
    where v.id = any (p_vehicle_ids)
      and private.state_differs(v, q.overall_score, m.state, m.score)
    order by v.id
  );
end
$$;

create or replace function private.vehicle_quality(
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

create or replace function private.vehicles_to_sync(p_first uuid, p_last uuid) returns uuid[]
language plpgsql stable
set search_path = ''
-- The plan is kept: two ranges that were small when it was made must not be searched for each other's rows.
set enable_nestloop = off
set enable_seqscan = off
set max_parallel_workers_per_gather = 0 -- workers have the other core
as $$
begin
  return array(
    select v.id
    from public.vehicles v
    left join public.vehicle_quality_scores q on q.vehicle_id = v.id and q.vehicle_id between p_first and p_last
    left join public.micro_scrape_state m on m.vehicle_id = v.id and m.vehicle_id between p_first and p_last
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    cross join lateral (
      select exists (select from public.vehicle_images i where i.vehicle_id = v.id) as has_image
    ) i -- on its own, so that the planner can inline the score
    cross join lateral private.vehicle_quality(
      v.field_state, v.year, v.make, v.model, v.vin, s.vin_key is not null,
      v.sale_status, v.sale_price, v.high_bid, v.asking_price, v.description,
      i.has_image, v.mileage, v.color, v.engine, v.transmission) f
    where v.id between p_first and p_last
      and (
        (q.overall_score, q.missing_fields, q.low_confidence_fields, q.score_version)
          is distinct from
          (f.overall_score, f.missing_fields, f.low_confidence_fields, private.score_version())
        or private.state_differs(v, q.overall_score, m.state, m.score)
      )
    order by v.id
  );
end
$$;

create or replace function private.with_prefix(p_prefix text, p_words text[]) returns text[]
language sql stable parallel safe -- as array_to_string() is, else it is not inlined
return case
  when p_words = '{}' then '{}'
  else string_to_array(p_prefix || array_to_string(p_words, ',' || p_prefix), ',')
end;

create or replace function public.rescore_vehicles(p_after uuid default null, p_limit integer default 10000)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_first uuid;
  v_last uuid;
  v_stale uuid[];
begin
  v_ids := array(
    select id
    from public.vehicles
    where p_after is null or id > p_after
    order by id
    limit p_limit
  );
  v_first := v_ids[1];
  v_last := v_ids[cardinality(v_ids)];
  -- Looked at without locks; what must be written is locked and looked at again. After a change of the rules that
  -- is all of them, and nothing needs to be compared to know it.
  v_stale := private.scored_by_older_rules(v_first, v_last);
  if v_stale <> v_ids then
    v_stale := private.vehicles_to_sync(v_first, v_last);
  end if;
  if v_stale <> '{}' then
    perform from public.vehicles where id = any (v_stale) order by id for no key update;
    perform private.refresh_quality(v_stale);
    -- What is scored anew because of the version mostly says of the state what it said before.
    perform private.refresh_micro_scrape_state(private.states_to_sync(v_stale));
  end if;
  return jsonb_build_object(
    'rescored', cardinality(v_ids), 'changed', cardinality(v_stale), 'last', v_last);
end
$$;

comment on function private.field_counts(jsonb, text, boolean) is 'Whether the value held of a field is sure enough to count in the score; null where nothing is held.';

comment on function private.scored_by_older_rules(uuid, uuid) is 'Which vehicles from one id to another have a score of another version: without a look at the vehicles.';

comment on function private.state_differs(public.vehicles, numeric, text, numeric) is
  'Whether the mark of a vehicle, or its state and the score that stands there, is not what its score says.';

comment on function private.states_to_sync(uuid[]) is 'Which of these vehicles, whose scores are right, have a state or a mark that is not what the score says.';

comment on function
  private.vehicle_quality(jsonb, integer, text, text, text, boolean, text, numeric, numeric, numeric,
  text, boolean, integer, text, text, text) is 'The score, as in docs/architecture.md: year, make, model 10 each; vin, price, description, images 15 each; mileage, color, engine, transmission 2.5 each. A field held with confidence under 0.6 earns nothing, and neither does a suspect VIN.';

comment on function private.vehicles_to_sync(uuid, uuid) is 'Which vehicles from one id to another have a score, a state or a mark that is not what their facts and images say.';

comment on function private.with_prefix(text, text[]) is 'Words without commas, each with a prefix: of a million vehicles faster than a query each.';

revoke all on function private.field_counts(jsonb, text, boolean) from public;

grant execute on function private.field_counts(jsonb, text, boolean) to postgres, service_role;

revoke all on function private.scored_by_older_rules(uuid, uuid) from public;

grant execute on function private.scored_by_older_rules(uuid, uuid) to postgres, service_role;

revoke all on function private.state_differs(public.vehicles, numeric, text, numeric) from public;

grant execute
  on function private.state_differs(public.vehicles, numeric, text, numeric)
  to postgres, service_role;

revoke all on function private.states_to_sync(uuid[]) from public;

grant execute on function private.states_to_sync(uuid[]) to postgres, service_role;

revoke all
  on function
    private.vehicle_quality(jsonb, integer, text, text, text, boolean, text, numeric, numeric, numeric,
    text, boolean, integer, text, text, text)
  from public;

grant execute
  on function
    private.vehicle_quality(jsonb, integer, text, text, text, boolean, text, numeric, numeric, numeric,
    text, boolean, integer, text, text, text)
  to postgres, service_role;

revoke all on function private.vehicles_to_sync(uuid, uuid) from public;

grant execute on function private.vehicles_to_sync(uuid, uuid) to postgres, service_role;

revoke all on function private.with_prefix(text, text[]) from public;

grant execute on function private.with_prefix(text, text[]) to postgres, service_role;
