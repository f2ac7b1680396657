-- List what was merged.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.add_listings(p_vehicle_ids uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with address as (
    select v.id as vehicle_id, u.url, public.canonical_listing_url(u.url) as canonical, u.place
    from public.vehicles v
    cross join lateral (values (1, v.listing_url), (2, v.discovery_url), (3, v.bat_auction_url)) u(place, url)
    where v.id = any (p_vehicle_ids)
    union all
    select e.vehicle_id, e.source_url, e.source_url, 4
    from public.auction_events e
    where e.vehicle_id = any (p_vehicle_ids)
    union all
    -- A release that knew no listings remembered what it merged.
    select m.kept_vehicle_id, m.merged_vehicle ->> 'listing_url', m.merged_vehicle ->> 'canonical_url', 5
    from public.vehicle_merges m
    where m.kept_vehicle_id = any (p_vehicle_ids) and m.unmerged_at is null
  ),
  listing as (
    select distinct on (a.canonical) a.vehicle_id, a.url, a.canonical, a.place
    from address a
    where a.canonical is not null
    order by a.canonical, a.place
  ),
  known as (
    select
      l.vehicle_id, l.url, l.canonical, e.id is not null as is_auction,
      -- What the vehicle holds is what its listing said; of an earlier one only its auction is known.
      case
        when e.outcome is not null then e.outcome
        when l.place = 1 and v.listing_ended_at is not null and coalesce(v.sale_status, 'for_sale') in ('for_sale', 'live')
          then 'removed'
        when l.place = 1 then coalesce(v.sale_status, 'unknown')
        else 'unknown'
      end as status,
      case when l.place = 1 then private.held_offer(v) else '{}' end as offer,
      coalesce(e.currency, case when l.place = 1 then v.currency end) as currency,
      coalesce(e.sale_price, case when l.place = 1 then v.sale_price end) as sale_price,
      coalesce(e.high_bid, case when l.place = 1 then v.high_bid end) as high_bid,
      case when l.place = 1 then v.asking_price end as asking_price,
      coalesce(e.seller, case when l.place = 1 then v.seller_name end) as seller,
      coalesce(q.listing_title, nullif(concat_ws(' ', v.year, v.make, v.model, v.trim), '')) as title,
      case when l.place = 1 then v.mileage end as mileage,
      coalesce(e.starts_at, e.ends_at - interval '7 days', e.created_at, v.created_at) as listed_at,
      least(coalesce(e.created_at, v.created_at), now()) as first_seen_at,
      greatest(e.page_at, v.created_at) as last_seen_at,
      coalesce(e.ends_at, v.listing_ended_at, v.created_at) as ended_at
    from listing l
    join public.vehicles v on v.id = l.vehicle_id
    left join public.auction_events e on e.source_url = l.canonical and e.vehicle_id = l.vehicle_id
    left join public.import_queue q on q.canonical_url = l.canonical
  ),
  added as (
    insert into public.vehicle_listings (
      vehicle_id, listing_url, kind, status, price, currency, seller, title, mileage, likeness,
      listed_at, first_seen_at, last_seen_at, ended_at, ended_because, offer)
    select
      k.vehicle_id, k.url, private.listing_kind(private.url_host(k.url), k.is_auction), k.status,
      private.listing_price(k.status, k.sale_price, k.high_bid, k.asking_price), k.currency, k.seller, k.title, k.mileage,
      private.listing_likeness(k.seller, k.title, k.mileage),
      k.listed_at, k.first_seen_at, greatest(k.first_seen_at, k.last_seen_at),
      case when k.status not in ('for_sale', 'live', 'unknown') then k.ended_at end,
      case when k.status not in ('for_sale', 'live', 'unknown') then k.status end,
      k.offer
    from known k
    order by k.canonical
    on conflict (canonical_url) do nothing
    returning 1
  )
  select count(*) into v_count from added;
  return v_count;
end
$$;

comment on function private.add_listings(uuid[]) is 'Gives vehicles the rows of the addresses that stand on them, of their auctions and of what was merged into them, where they are missing. Gives how many came.';
