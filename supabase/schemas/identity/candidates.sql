-- What is not proved is put before a person, with how likely it is and both sides of what speaks for it.

create function private.likeness_of_vehicles(a public.vehicles, b public.vehicles) returns numeric
language sql immutable parallel safe
return greatest(0, round(
  case
    when a.vin = b.vin and private.has_check_digit(a.vin) then 0.95
    when a.vin = b.vin and private.is_vin(a.vin) then 0.85
    when a.vin = b.vin then 0.75 -- a chassis number, which each maker counted for itself
    when a.vin <> b.vin then 0.2
    else 0.6
  end
  - case
    when a.year = b.year or a.year is null or b.year is null then 0
    when abs(a.year - b.year) = 1 then 0.15 -- the year of the model, or in which it was made
    else 0.5
  end
  - case when lower(a.make) <> lower(b.make) then 0.4 else 0 end
  - case when lower(a.model) <> lower(b.model) then 0.1 else 0 end
  - case when abs(a.mileage - b.mileage) > 0.2 * greatest(a.mileage, b.mileage) then 0.05 else 0 end
, 2));
comment on function private.likeness_of_vehicles(public.vehicles, public.vehicles) is
  'How likely two vehicles are one car, 0 to 1, for the order in which a person looks: a judgement, not a measurement.';
grant execute on function private.likeness_of_vehicles(public.vehicles, public.vehicles) to service_role;

create function private.evidence_of_candidate(a public.vehicles, b public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_object_agg(f, jsonb_build_array(to_jsonb(a) -> f, to_jsonb(b) -> f)) || jsonb_build_object(
    'check_digit_is_right', private.has_check_digit(a.vin) and a.vin = b.vin,
    'confidence_of_vin', jsonb_build_array(
      private.field_confidence(a.field_state, 'vin'), private.field_confidence(b.field_state, 'vin')))
  from unnest(array[
    'vin', 'year', 'make', 'model', 'trim', 'mileage', 'color', 'seller_name', 'location', 'sale_status', 'listing_url'
  ]) f
$$;
comment on function private.evidence_of_candidate(public.vehicles, public.vehicles) is
  'What both vehicles say, side by side: each field as [the one, the other].';
grant execute on function private.evidence_of_candidate(public.vehicles, public.vehicles) to service_role;

create function private.pair_alike_listings(p_listing public.vehicle_listings) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
begin
  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
  select distinct least(p_listing.vehicle_id, o.vehicle_id), greatest(p_listing.vehicle_id, o.vehicle_id), ''
  from (
    select l.vehicle_id, count(*) over () as listings
    from (
      select l.vehicle_id
      from public.vehicle_listings l
      where l.likeness = p_listing.likeness and l.vehicle_id <> p_listing.vehicle_id
      limit private.most_of_a_vin() + 1
    ) l
  ) o
  where o.listings <= private.most_of_a_vin() -- else it is what this seller calls all his cars
  order by 1, 2
  on conflict (vehicle_id, other_vehicle_id) do nothing;
end
$$;
comment on function private.pair_alike_listings(public.vehicle_listings) is
  'Makes candidates of the few vehicles that the same seller lists with the same title and mileage.';
grant execute on function private.pair_alike_listings(public.vehicle_listings) to service_role;

create view public.merge_candidates_to_review with (security_invoker = true) as
select
  c.id,
  c.score,
  c.vin,
  c.vehicle_id,
  c.other_vehicle_id,
  c.evidence -> 'year' as years,
  c.evidence -> 'make' as makes,
  c.evidence -> 'model' as models,
  c.evidence -> 'vin' as vins,
  c.evidence -> 'mileage' as mileages,
  c.evidence -> 'seller_name' as sellers,
  c.evidence -> 'listing_url' as listings,
  c.evidence,
  c.note,
  c.created_at as since,
  format('select resolve_merge_candidate(%L, ''same_vehicle''); or ''different_vehicles''', c.id) as what_to_type
from public.vehicle_merge_candidates c
where c.status = 'open'
order by c.score desc nulls last, c.created_at;
comment on view public.merge_candidates_to_review is
  'Pairs of vehicles that may be one car and are not proved to be, the likeliest first, with both sides of the evidence.';
grant select on public.merge_candidates_to_review to authenticated, service_role;
