-- Whether a source on probation shows data of other cars than its own.

create function private.counts_against(p_host text, p_hosts text[]) returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_own uuid := private.source_of_host(p_hosts[1]);
  v_other uuid := private.source_of_host(p_host);
begin
  return coalesce((
    select o.lifecycle in ('active', 'degraded') or o.lifecycle = 'probation' and o.created_at <= s.created_at
    from public.scrape_sources o
    join public.scrape_sources s on s.id = v_own
    where o.id = v_other
  ), true);
end
$$;
comment on function private.counts_against(text, text[]) is
  'Whether what a host says of a car counts against others that are on probation: when it is past its own, was known before them, or is no source of which that is known. Of two that contradict each other the newcomer has copied.';
grant execute on function private.counts_against(text, text[]) to service_role;

create function private.source_mismatch(p_hosts text[], p_since timestamptz) returns text
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
    where c.compared_at >= p_since
      and (
        c.host = any (p_hosts) and private.counts_against(c.other_host, p_hosts)
        or c.other_host = any (p_hosts) and private.counts_against(c.host, p_hosts)
      )
    group by c.vehicle_id
    union all
    -- A VIN that was copied from another car has its year and make, and not its mileage and colour.
    select c.id, o.year = c.year and not private.shares_no_word(o.make, c.make) and private.contradictions(o, v) < 2
    from cars c
    join public.vehicles v on v.id = c.id
    join public.vehicles o on private.vin_key(o.vin, o.make) = private.vin_key(c.vin, c.make) and o.vin is not null and o.id <> c.id
    where c.vin is not null and o.source_host <> all (p_hosts) and o.year is not null and c.year is not null
      and private.counts_against(o.source_host, p_hosts)
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
comment on function private.source_mismatch(text[], timestamptz) is
  'What speaks against the data of a few hosts: several of their pages are one car, many of their cars are told alike, or other sites say something else of the same VIN. Null where nothing does.';
grant execute on function private.source_mismatch(text[], timestamptz) to service_role;
