-- Where a vehicle is offered: the row of an address, and the three addresses that stand on the vehicle.

create function private.listing_kind(p_host text, p_is_auction boolean) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return case
    when p_is_auction or p_host = 'bringatrailer.com' then 'auction'
    else coalesce((
      select s.kind from public.scrape_sources s where s.hosts @> array[p_host] and s.kind <> 'general' limit 1
    ), 'dealer')
  end;
end
$$;
comment on function private.listing_kind(text, boolean) is
  'How the listings of a host sell: as its adapter says; a site of which nothing is known is a dealer''s.';
grant execute on function private.listing_kind(text, boolean) to service_role;

create function private.has_ended(p_status text) returns boolean
language sql immutable parallel safe
return p_status not in ('for_sale', 'live', 'unknown');
comment on function private.has_ended(text) is 'Whether a listing with this status offers nothing any more.';
grant execute on function private.has_ended(text) to service_role;

create function private.listing_price(
  p_status text, p_sale_price numeric, p_high_bid numeric, p_asking_price numeric
) returns numeric
language sql immutable parallel safe
return case
  when p_status = 'sold' then p_sale_price
  when p_status in ('bid_to', 'no_sale', 'withdrawn', 'live') then p_high_bid
  else coalesce(p_asking_price, p_high_bid)
end;
comment on function private.listing_price(text, numeric, numeric, numeric) is 'Which sum is the price of a listing, by its status.';
grant execute on function private.listing_price(text, numeric, numeric, numeric) to service_role;

create function private.listing_likeness(p_seller text, p_title text, p_mileage integer) returns text
language sql immutable parallel safe
return md5(lower(nullif(btrim(p_seller), '')) || e'\n' || lower(nullif(btrim(p_title), '')) || e'\n' || p_mileage::text);
comment on function private.listing_likeness(text, text, integer) is
  'What two listings of one car by one seller share, however they are spelt; null unless all three are known.';
grant execute on function private.listing_likeness(text, text, integer) to service_role;

create function private.held_offer(v public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object('facts', coalesce(jsonb_object_agg(s.f, jsonb_build_object(
    'value', to_jsonb(v) -> s.f,
    'confidence', private.field_confidence(v.field_state, s.f),
    'method', coalesce(v.field_state -> s.f ->> 'method', 'unknown'))), '{}'))
  from unnest(private.sale_columns()) s(f)
  where to_jsonb(v) ->> s.f is not null
$$;
comment on function private.held_offer(public.vehicles) is
  'The sale fields of a vehicle as vehicle_listings.offer holds them.';
grant execute on function private.held_offer(public.vehicles) to service_role;

create function private.add_listings(p_vehicle_ids uuid[]) returns integer
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
      case when private.has_ended(k.status) then k.ended_at end,
      case when private.has_ended(k.status) then k.status end,
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
comment on function private.add_listings(uuid[]) is
  'Gives vehicles the rows of the addresses that stand on them, of their auctions and of what was merged into them, where they are missing. Gives how many came.';
grant execute on function private.add_listings(uuid[]) to service_role;

create function private.refuse_listing_of_another(p_vehicle_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  l public.vehicle_listings;
begin
  select a.* into l
  from public.vehicles v
  cross join lateral (values (v.discovery_url), (v.listing_url), (v.bat_auction_url)) u(url)
  join public.vehicle_listings a on a.canonical_url = public.canonical_listing_url(u.url)
  where v.id = any (p_vehicle_ids) and a.vehicle_id <> v.id
  limit 1;
  if found then
    raise exception 'the listing % is vehicle %', l.canonical_url, l.vehicle_id using
      errcode = '23505',
      hint = format('Look at that vehicle: select * from vehicle_listings where vehicle_id = %L;', l.vehicle_id);
  end if;
end
$$;
comment on function private.refuse_listing_of_another(uuid[]) is
  'Throws when an address that stands on one of these vehicles is another vehicle''s listing.';
grant execute on function private.refuse_listing_of_another(uuid[]) to service_role;

create function private.add_listings_of_new() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if current_setting('vehicles.addresses', true) = 'of its listings'
    or current_setting('vehicles.listings', true) = 'by the writer'
  then
    return null;
  elsif current_setting('vehicles.importing', true) = 'on' then
    -- Of one that an import makes nothing is known before its page is applied; its address was looked up.
    insert into public.vehicle_listings (vehicle_id, listing_url, kind, title)
    select c.id, c.listing_url, private.listing_kind(c.source_host, false), q.listing_title
    from changed c
    left join public.import_queue q on q.canonical_url = c.canonical_url
    where c.listing_url is not null;
    return null;
  end if;
  perform private.refuse_listing_of_another(array(select id from changed));
  perform private.add_listings(array(select id from changed));
  return null;
end
$$;
comment on function private.add_listings_of_new() is
  'A vehicle has a row for each address that stands on it; one that is another vehicle''s is refused.';
revoke execute on function private.add_listings_of_new() from public;

create trigger add_listings_of_new
  after insert on public.vehicles
  referencing new table as changed
  for each statement execute function private.add_listings_of_new();

create function private.add_address_given_by_hand() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Nothing is known of it: what the vehicle holds is what its other listings said.
  insert into public.vehicle_listings (vehicle_id, listing_url, kind, listed_at)
  select distinct on (public.canonical_listing_url(u.url))
    new.id, u.url, private.listing_kind(private.url_host(u.url), false), u.listed_at
  from (
    values
      (old.listing_url, new.listing_url, now()),
      (old.discovery_url, new.discovery_url, now()),
      (old.bat_auction_url, new.bat_auction_url, new.created_at)
  ) u(was, url, listed_at)
  where public.canonical_listing_url(u.url) is distinct from public.canonical_listing_url(u.was)
    and public.canonical_listing_url(u.url) is not null
  order by public.canonical_listing_url(u.url), u.listed_at desc
  on conflict (canonical_url) do nothing;
  perform private.refuse_listing_of_another(array[new.id]);
  delete from public.vehicle_listings l
  where l.vehicle_id = new.id
    and l.canonical_url in (
      public.canonical_listing_url(old.listing_url), public.canonical_listing_url(old.discovery_url),
      public.canonical_listing_url(old.bat_auction_url))
    and l.canonical_url not in (
      select public.canonical_listing_url(u.url)
      from (values (new.listing_url), (new.discovery_url), (new.bat_auction_url)) u(url)
      where public.canonical_listing_url(u.url) is not null)
    and l.page_at is null
    and l.status = 'unknown'
    and not exists (select from public.auction_events e where e.source_url = l.canonical_url);
  return null;
end
$$;
comment on function private.add_address_given_by_hand() is
  'An address that a person gives a vehicle is a listing of it, of which nothing is known before it is read; one that is another vehicle''s is refused. What it replaces was a slip of the hand if nothing was ever read there: that listing goes.';
revoke execute on function private.add_address_given_by_hand() from public;

create trigger add_address_given_by_hand
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when (
    coalesce(current_setting('vehicles.addresses', true), '') <> 'of its listings'
    and (
      old.discovery_url is distinct from new.discovery_url
      or old.listing_url is distinct from new.listing_url
      or old.bat_auction_url is distinct from new.bat_auction_url
    )
  )
  execute function private.add_address_given_by_hand();
