-- See copied vins.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.source_mismatch(p_hosts text[], p_since timestamptz) returns text
language sql stable
set search_path = ''
as $$
  with listed as materialized (
    select l.id, l.vehicle_id, l.listing_url, l.price, l.mileage
    from public.vehicle_listings l
    where l.source_host = any (p_hosts) and l.page_at is not null
    order by l.vehicle_id
    limit 200 -- in probation there are no more
  ),
  cars as materialized (
    select v.id, v.vin, v.year, v.make, v.model, v.mileage, min(l.price) as price
    from (select distinct vehicle_id from listed) i
    join public.vehicles v on v.id = i.vehicle_id
    join listed l on l.vehicle_id = v.id
    group by v.id
  ),
  compared as ( -- by vehicle, since what two pages say of one car is one witness
    select c.vehicle_id, bool_and(c.agrees) as agrees
    from public.source_comparisons c
    where c.compared_at >= p_since and (c.host = any (p_hosts) or c.other_host = any (p_hosts))
    group by c.vehicle_id
    union all
    -- A VIN that was copied from another car has its year and make, and not its mileage and colour.
    select c.id, o.year = c.year and not private.shares_no_word(o.make, c.make) and private.contradictions(o, v) < 2
    from cars c
    join public.vehicles v on v.id = c.id
    join public.vehicles o on private.vin_key(o.vin, o.make) = private.vin_key(c.vin, c.make) and o.vin is not null and o.id <> c.id
    where c.vin is not null and o.source_host <> all (p_hosts) and o.year is not null and c.year is not null
  ),
  evidence as (
    select 1 as n, format('%s of its pages are one car, such as %s', count(*), min(listing_url)) as why
    from listed
    group by vehicle_id
    having count(*) >= 4
    union all
    select 2, format('the VIN %s stands on %s of its cars', vin, count(*)) from cars where vin is not null group by vin having count(*) >= 3
    union all
    select 3, format('%s of its cars are a %s %s %s with %s miles for %s', count(*), year, make, model, mileage, price)
    from cars
    where mileage is not null and price is not null
    group by year, make, model, mileage, price
    having count(*) >= 4
    union all
    select 4, format('of %s cars that other sites have too it says something else of %s', count(*), count(*) filter (where not agrees))
    from compared
    having count(*) filter (where not agrees) >= 3 and count(*) filter (where not agrees) > 0.3 * count(*)
  )
  select why from evidence order by n, why limit 1
$$;
