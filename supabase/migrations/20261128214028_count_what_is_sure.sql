-- Count what is sure.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.low_confidence_extractions;

create or replace function private.raise_generated_descriptions(p_vehicle_ids uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  -- Held with 0.5 until score version 2, where that still counted.
  v_ids := array(
    select id
    from public.vehicles
    where id = any (p_vehicle_ids)
      and description_source like 'generated%'
      and field_state -> 'description' ->> 'method' like 'generated%'
      and (field_state -> 'description' ->> 'confidence')::numeric = 0.5
    order by id
    for no key update
  );
  if v_ids = '{}' then
    return 0;
  end if;
  update public.extraction_metadata
  set confidence_score = private.sure_enough()
  where vehicle_id = any (v_ids)
    and field_name = 'description'
    and extraction_method like 'generated%'
    and confidence_score = 0.5;
  update public.vehicles
  set field_state = jsonb_set(field_state, '{description,confidence}', to_jsonb(private.sure_enough()))
  where id = any (v_ids);
  return cardinality(v_ids);
end
$$;

create or replace function private.rescore_by_new_rules(p_limit integer default 5000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_what text := 'score_version_' || private.score_version();
  v_after uuid;
  v_portion jsonb;
begin
  select after into v_after
  from private.upgrade_progress
  where what = v_what and finished_at is null
  for update skip locked;
  if not found then
    return 0;
  end if;
  perform private.raise_generated_descriptions(array(
    select id from public.vehicles where id > v_after order by id limit p_limit));
  v_portion := public.rescore_vehicles(v_after, p_limit);
  update private.upgrade_progress
  set after = coalesce((v_portion ->> 'last')::uuid, after),
      finished_at = case when (v_portion ->> 'rescored')::integer < p_limit then now() end
  where what = v_what;
  return (v_portion ->> 'rescored')::integer;
end
$$;

create or replace function private.score_version() returns integer
language sql immutable parallel safe
return 2;

create or replace function private.sure_enough() returns numeric
language sql immutable parallel safe
return 0.6;

create or replace function private.vehicle_quality(v public.vehicles, p_has_image boolean)
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

create view public.low_confidence_extractions with (security_invoker = true) as
select
  m.id,
  m.vehicle_id,
  v.year,
  v.make,
  v.model,
  m.field_name,
  m.field_value,
  m.confidence_score,
  m.extraction_method,
  m.scraper_version,
  m.evidence,
  m.source_url,
  m.extracted_at,
  'too unsure to count in the score' || coalesce(': read from ' || m.evidence, ', and nothing says where it stood') as why
from public.extraction_metadata m
join public.vehicles v on v.id = m.vehicle_id
where m.validation_status = 'accepted'
  and m.confidence_score < 0.6
order by m.confidence_score, m.id;

comment on column public.quality_metrics.completeness is 'Held with confidence 0.6 or more, among the vehicles of the cycle to which the field applies (sample_size): which price a vehicle has goes by how it is offered, and pictures apply where some are wanted and none waits for its first try.';

comment on column public.source_health.fields is 'By field: of (vehicles of the cycle to which it applies), held (with confidence 0.6 or more), unsure (held with less).';

comment on function private.raise_generated_descriptions(uuid[]) is 'A generated description counts, though it yields to any source: those of earlier releases are held with 0.6, as new ones are. Gives how many.';

comment on function private.rescore_by_new_rules(integer) is 'Rescores the next vehicles of a database whose scores were made by the rules of an earlier release. Gives how many were looked at; called every five minutes until there are none.';

comment on function private.sure_enough() is 'The least confidence with which a field counts in the score: what is held with less (the spec''s "low") earns nothing and is listed for review.';

comment on function private.vehicle_quality(public.vehicles, boolean) is 'The score, as in docs/architecture.md: year, make, model 10 each; vin, price, description, images 15 each; mileage, color, engine, transmission 2.5 each. A field held with confidence under 0.6 earns nothing, and neither does a suspect VIN.';

comment on view public.low_confidence_extractions is 'Values held with confidence under 0.6, which earn nothing in the score until somebody or something is surer: look at the evidence.';

revoke all on function private.raise_generated_descriptions(uuid[]) from public;

grant execute on function private.raise_generated_descriptions(uuid[]) to postgres, service_role;

revoke all on function private.rescore_by_new_rules(integer) from public;

grant execute on function private.rescore_by_new_rules(integer) to postgres, service_role;

revoke all on function private.sure_enough() from public;

grant execute on function private.sure_enough() to authenticated, postgres, service_role;

grant select on table public.low_confidence_extractions to authenticated;

grant all on table public.low_confidence_extractions to postgres, service_role;

-- supabase/schemas/quality/cron.sql
select cron.schedule('rescore-by-new-rules', '0-59/5,3-59/5 * * * *', 'select private.rescore_by_new_rules()');

-- supabase/schemas/quality/seed.sql
insert into private.upgrade_progress (what) values ('score_version_' || private.score_version()) on conflict (what) do nothing;
