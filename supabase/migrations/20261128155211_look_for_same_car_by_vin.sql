-- Look for same car by vin.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.before_merge(public.vehicles, public.vehicles, text);

drop function private.listing_kind(text, boolean);

drop function private.pair_alike_listings(public.vehicle_listings);

drop function private.vehicle_of_listing(text);

drop function private.vehicles_of_vins(text[]);

create or replace function private.before_merge(k public.vehicles, o public.vehicles, p_order text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'kept', to_jsonb(k),
    'order', p_order,
    'kept_urls', (select coalesce(jsonb_agg(d.url), '[]') from public.image_downloads d where d.vehicle_id = k.id),
    'kept_metadata', (
      select coalesce(jsonb_object_agg(m.id, m.validation_status), '{}')
      from public.extraction_metadata m where m.vehicle_id = k.id),
    'metadata', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.extraction_metadata m where m.vehicle_id = o.id),
    'auctions', (select coalesce(jsonb_agg(e.id), '[]') from public.auction_events e where e.vehicle_id = o.id),
    'steps', (select coalesce(jsonb_agg(s.id), '[]') from public.scrape_steps s where s.vehicle_id = o.id),
    'imports', (select coalesce(jsonb_agg(q.id), '[]') from public.import_queue q where q.vehicle_id = o.id),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = o.id),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = o.id),
    'listings', (select coalesce(jsonb_agg(l.id), '[]') from public.vehicle_listings l where l.vehicle_id = o.id),
    'addresses', (
      select coalesce(jsonb_agg(to_jsonb(r)), '[]') from public.remembered_addresses r where r.vehicle_id = o.id),
    'pairs', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
      from (
        select * from public.vehicle_merge_candidates where vehicle_id = o.id
        union all
        select * from public.vehicle_merge_candidates where other_vehicle_id = o.id
      ) c
      where c.status <> 'open' and k.id not in (c.vehicle_id, c.other_vehicle_id))
  );
end
$$;

create or replace function private.listing_kind(p_host text, p_is_auction boolean) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return case
    when p_is_auction or p_host = 'bringatrailer.com' then 'auction'
    else coalesce((
      select s.kind from public.scrape_sources s where p_host = any (s.hosts) and s.kind <> 'general' limit 1
    ), 'dealer')
  end;
end
$$;

create or replace function private.pair_alike_listings(p_listing public.vehicle_listings) returns void
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

create or replace function private.refuse_listing_of_another() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  l record;
begin
  if current_setting('vehicles.addresses', true) = 'of its listings' then
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
  select a.canonical_url, a.vehicle_id, c.id into l
  from changed c
  cross join lateral (
    values
      (public.canonical_listing_url(c.discovery_url)),
      (public.canonical_listing_url(c.listing_url)),
      (public.canonical_listing_url(c.bat_auction_url))
  ) u(url)
  join public.vehicle_listings a on a.canonical_url = u.url and a.vehicle_id <> c.id
  limit 1;
  if found then
    raise exception 'the listing % is vehicle %', l.canonical_url, l.vehicle_id using
      errcode = '23505',
      hint = format('Look at that vehicle: select * from vehicle_listings where vehicle_id = %L;', l.vehicle_id);
  end if;
  perform private.add_listings(array(select id from changed));
  return null;
end
$$;

create or replace function private.same_car(p_vehicle_id uuid, out vehicle_id uuid, out why text)
language plpgsql stable
set search_path = ''
as $$
declare
  v public.vehicles;
  v_others uuid[];
begin
  select * into v from public.vehicles where id = p_vehicle_id;
  if not private.is_vin(v.vin) then
    return;
  end if;
  v_others := array(select id from private.vehicles_of_vins(array[v.vin]) where id <> v.id);
  if v_others = '{}' then -- nearly always
    return;
  end if;
  select o.id, w.why into vehicle_id, why
  from public.vehicles o
  cross join lateral private.why_same_car(o, v) w(why)
  where o.id = any (v_others) and w.why is not null
  order by o.created_at, o.id
  limit 1;
end
$$;

create or replace function private.vehicle_of_listing(p_url text) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_url text := public.canonical_listing_url(p_url);
begin
  return coalesce(
    (select vehicle_id from public.vehicle_listings where canonical_url = v_url),
    (select id from public.vehicles where canonical_url = v_url),
    (select vehicle_id from public.auction_events where source_url = v_url),
    (select vehicle_id from public.import_queue where canonical_url = v_url),
    (select vehicle_id from public.remembered_addresses where canonical_url = v_url));
end
$$;

create or replace function private.vehicles_of_vins(p_keys text[])
returns table (vin_key text, id uuid, vin text, make text, vehicles bigint)
language plpgsql stable rows 6 -- its plan is kept
set search_path = ''
as $$
begin
  return query
  select k.vin_key, m.id, m.vin, m.make, count(*) over (partition by k.vin_key)
  from (select distinct k as vin_key from unnest(p_keys) k) k
  cross join lateral (
    select v.id, v.vin, v.make
    from public.vehicles v
    where private.vin_key(v.vin, v.make) = k.vin_key and v.vin is not null
    limit private.most_of_a_vin() + 1 -- by the index, and whether there are more is all that matters
  ) m;
end
$$;

comment on function private.before_merge(public.vehicles, public.vehicles, text) is
  'Both vehicles as they are before the second goes into the first.';

comment on function private.listing_kind(text, boolean) is 'How the listings of a host sell: as its adapter says; a site of which nothing is known is a dealer''s.';

comment on function private.pair_alike_listings(public.vehicle_listings) is 'Makes candidates of the few vehicles that the same seller lists with the same title and mileage.';

comment on function private.vehicle_of_listing(text) is 'The vehicle that stands, or once stood, on this listing.';

comment on function private.vehicles_of_vins(text[]) is 'The vehicles of each VIN, at most one more than may have it, and how many these are.';

revoke all on function private.before_merge(public.vehicles, public.vehicles, text) from public;

grant execute
  on function private.before_merge(public.vehicles, public.vehicles, text)
  to postgres, service_role;

revoke all on function private.listing_kind(text, boolean) from public;

grant execute on function private.listing_kind(text, boolean) to postgres, service_role;

revoke all on function private.pair_alike_listings(public.vehicle_listings) from public;

grant execute
  on function private.pair_alike_listings(public.vehicle_listings)
  to postgres, service_role;

revoke all on function private.vehicle_of_listing(text) from public;

grant execute on function private.vehicle_of_listing(text) to postgres, service_role;

revoke all on function private.vehicles_of_vins(text[]) from public;

grant execute on function private.vehicles_of_vins(text[]) to postgres, service_role;
