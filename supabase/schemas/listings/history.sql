-- What became of a car: its listings, their prices over time, and how each ended.

create view public.price_history with (security_invoker = true) as
select
  l.vehicle_id,
  l.id as listing_id,
  l.source_host as source,
  e.at,
  e.status_to as status,
  e.price_to as price,
  e.price_from,
  e.price_to - e.price_from as change,
  round(100 * (e.price_to - e.price_from) / nullif(e.price_from, 0), 1) as change_percent,
  e.currency,
  l.listing_url
from public.listing_events e
join public.vehicle_listings l on l.id = e.listing_id
where e.price_to is not null
  and (e.event in ('seen', 'sold') or e.price_from is distinct from e.price_to);
comment on view public.price_history is
  'One row a price that a listing stated, when it was first seen with it: asked, bid or paid, by its status.';

create view public.price_drops with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  l.source_host as source,
  e.at,
  e.price_from,
  e.price_to as price,
  e.price_from - e.price_to as dropped_by,
  round(100 * (e.price_from - e.price_to) / e.price_from, 1) as dropped_percent,
  e.currency,
  l.status,
  l.listing_url
from public.listing_events e
join public.vehicle_listings l on l.id = e.listing_id
join public.vehicles v on v.id = l.vehicle_id
where e.event = 'price_changed'
  and e.price_to < e.price_from
  and e.status_to = 'for_sale'
  and e.at > now() - interval '7 days'
order by dropped_percent desc, e.at desc;
comment on view public.price_drops is
  'Listings for sale whose price went down in the last 7 days, the largest share first.';

create function public.vehicle_history(p_vehicle_id uuid)
returns table (
  at timestamptz, event text, source text, kind text, status text, price numeric, price_from numeric, currency text,
  seller text, listing_url text, listing_id bigint, snapshot_id uuid
)
language sql stable
set search_path = ''
as $$
  select
    e.at, e.event, l.source_host, l.kind, e.status_to, e.price_to, e.price_from, e.currency, l.seller, l.listing_url,
    l.id, e.snapshot_id
  from public.vehicle_listings l
  join public.listing_events e on e.listing_id = l.id
  where l.vehicle_id = p_vehicle_id
  union all
  -- One that was never read has no event yet.
  select
    l.first_seen_at, 'found', l.source_host, l.kind, l.status, l.price, null, l.currency, l.seller, l.listing_url, l.id, null
  from public.vehicle_listings l
  where l.vehicle_id = p_vehicle_id
    and not exists (select from public.listing_events e where e.listing_id = l.id)
  order by 1, 11
$$;
comment on function public.vehicle_history(uuid) is
  'All that happened to a vehicle at all its listings, the oldest first.';
grant execute on function public.vehicle_history(uuid) to authenticated, service_role;
grant select on public.price_history, public.price_drops to authenticated, service_role;
