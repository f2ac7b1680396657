-- One refusal and kept plans.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger add_listings_of_new on public.vehicles;

drop function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
  with time zone, boolean, text);

drop function private.current_listing(uuid[]);

drop function private.look_every(text, text, interval);

drop function private.refuse_listing_of_another();

drop function private.seen_at(jsonb, text);

create or replace function private.add_address_given_by_hand() returns trigger
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
  return null;
end
$$;

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

create or replace function private.add_listings_of_new() returns trigger
language plpgsql
set search_path = ''
as $$
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
  perform private.refuse_listing_of_another(array(select id from changed));
  perform private.add_listings(array(select id from changed));
  return null;
end
$$;

create or replace function private.add_look(
  l public.vehicle_listings, p_at timestamptz, p_known_at timestamptz, p_changed boolean, p_way text
) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
begin
  insert into public.listing_looks (listing_id, at, source_host, kind, age_band, gap_days, changed, way)
  select
    l.id, now(), l.source_host, l.kind, private.age_band(p_at - l.listed_at),
    case when p_at > p_known_at then extract(epoch from p_at - p_known_at) / 86400 end, p_changed, p_way;
end
$$;

create or replace function private.current_listing(p_vehicle_ids uuid[]) returns bigint
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with listing as (
      select l.*, l.kind = 'auction' as is_auction
      from public.vehicle_listings l
      where l.vehicle_id = any (p_vehicle_ids)
    ),
    auction as (
      select id, ended_at, status
      from listing
      where is_auction and status <> 'unknown'
      order by coalesce(ended_at, 'infinity') desc, listed_at desc, id desc
      limit 1
    ),
    -- Those seen within two days of each other are seen as often: of them the newest, so that two offers of one
    -- car do not take turns.
    offer as (
      select o.id, o.first_seen_at
      from listing o
      where o.status = 'for_sale'
        and o.last_seen_at >= (select max(s.last_seen_at) from listing s where s.status = 'for_sale') - interval '2 days'
      order by o.listed_at desc, o.id desc
      limit 1
    )
    select l.id
    from listing l
    left join auction a on true
    left join offer o on true
    order by
      -- A car that is for sale a week after its auction has a new owner who sells it.
      l.id = o.id and (a.id is null or o.first_seen_at > a.ended_at + interval '7 days') desc nulls last,
      l.id = a.id desc nulls last,
      l.ended_at desc nulls last,
      l.listed_at desc,
      l.id desc
    limit 1
  );
end
$$;

create or replace function private.has_ended(p_status text) returns boolean
language sql immutable parallel safe
return p_status not in ('for_sale', 'live', 'unknown');

create or replace function private.look_every(p_host text, p_kind text, p_age interval) returns interval
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    (
      select r.look_every
      from public.listing_change_rates r
      where r.source_host = p_host and r.kind = p_kind and r.age_band = private.age_band(p_age)
    ),
    (
      select r.look_every
      from public.listing_change_rates r
      where r.source_host = '*' and r.kind = p_kind and r.age_band = private.age_band(p_age)
    ),
    interval '44 hours');
end
$$;

create or replace function private.note_listing(v public.vehicles, p_item jsonb, p_outcome text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_auction jsonb := case when jsonb_typeof(p_item -> 'auction') = 'object' then p_item -> 'auction' else '{}' end;
  b public.vehicle_listings;
  l public.vehicle_listings;
begin
  select * into b from public.vehicle_listings where canonical_url = v_url for no key update;
  if not found and v_url is not null then
    perform private.add_listings(array[v.id]); -- a vehicle of before there were listings
    select * into b from public.vehicle_listings where canonical_url = v_url for no key update;
  end if;
  if b.id is null or b.vehicle_id <> v.id then
    return null;
  elsif p_outcome not in ('ok', 'not_modified', 'gone', 'invalid') or v_at < b.page_at then
    if p_outcome = 'not_modified' then
      perform private.note_look(b, b, p_item, p_outcome);
    end if;
    return b.id; -- nothing was seen, or only what was there before
  end if;

  l := b;
  l.page_at := v_at;
  if b.page_at is null then -- a page that was kept is read later than it was seen
    l.first_seen_at := least(b.first_seen_at, v_at);
    l.listed_at := least(b.listed_at, v_at);
  end if;
  if p_outcome in ('ok', 'not_modified') then
    l.last_seen_at := greatest(b.last_seen_at, v_at);
    l.offer := private.offer_of(p_item, b.offer);
    l.kind := case when v_auction <> '{}' then 'auction' else b.kind end;
    l.seller := coalesce(v_auction ->> 'seller', private.sure_value(v_facts, 'seller_name'), b.seller);
    l.mileage := coalesce(private.sure_value(v_facts, 'mileage')::integer, b.mileage);
    l.title := coalesce(b.title, nullif(concat_ws(' ',
      private.sure_value(v_facts, 'year'), private.sure_value(v_facts, 'make'),
      private.sure_value(v_facts, 'model'), private.sure_value(v_facts, 'trim')), ''));
    l.listed_at := coalesce(
      (v_auction ->> 'starts_at')::timestamptz, (v_auction ->> 'ends_at')::timestamptz - interval '7 days', l.listed_at);
    l.likeness := private.listing_likeness(l.seller, l.title, l.mileage);
  end if;
  l.status := private.read_listing_status(b, p_item, p_outcome);
  if p_outcome <> 'invalid' and (v_auction <> '{}' or v_facts ?| private.sale_columns()) then
    l.price := private.listing_price(
      l.status,
      coalesce((v_auction ->> 'sale_price')::numeric, private.sure_value(v_facts, 'sale_price')::numeric),
      coalesce((v_auction ->> 'high_bid')::numeric, private.sure_value(v_facts, 'high_bid')::numeric),
      private.sure_value(v_facts, 'asking_price')::numeric);
    l.currency := coalesce(v_auction ->> 'currency', private.sure_value(v_facts, 'currency'), b.currency);
  end if;
  if not private.has_ended(l.status) then
    l.ended_at := null;
    l.ended_because := null;
  elsif l.status <> b.status then
    l.ended_at := coalesce((v_auction ->> 'ends_at')::timestamptz, v_at);
    l.ended_because := case
      when p_outcome = 'invalid' then coalesce(p_item ->> 'error', 'another vehicle stands there now')
      when p_outcome = 'gone' then 'the listing was removed: ' || coalesce(p_item ->> 'error', 'gone')
      else l.status
    end;
  end if;

  update public.vehicle_listings
  set page_at = l.page_at, first_seen_at = l.first_seen_at, last_seen_at = l.last_seen_at, offer = l.offer, kind = l.kind, seller = l.seller,
      mileage = l.mileage, title = l.title, listed_at = l.listed_at, likeness = l.likeness, status = l.status,
      price = l.price, currency = l.currency, ended_at = l.ended_at, ended_because = l.ended_because
  where id = l.id;
  if l.likeness is distinct from b.likeness and l.likeness is not null then
    perform private.pair_alike_listings(l);
  end if;
  perform private.note_listing_events(b, l, v_at, private.as_uuid(p_item ->> 'snapshot_id'));
  perform private.note_look(b, l, p_item, p_outcome);
  return l.id;
end
$$;

create or replace function private.read_listing_status(l public.vehicle_listings, p_item jsonb, p_outcome text) returns text
language sql immutable parallel safe
return case
  when p_outcome in ('gone', 'invalid') then case when private.has_ended(l.status) then l.status else 'removed' end
  else coalesce(
    p_item -> 'auction' ->> 'outcome',
    private.sure_value(p_item -> 'facts', 'sale_status'),
    -- It stands there again and does not say how.
    case when l.status = 'removed' then coalesce(private.sure_value(l.offer -> 'facts', 'sale_status'), 'unknown') end,
    l.status)
end;

create or replace function private.refuse_listing_of_another(p_vehicle_ids uuid[]) returns void
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

create or replace function private.seen_at(p_item jsonb, p_outcome text) returns timestamptz
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return greatest(
    coalesce((p_item ->> 'page_at')::timestamptz, now()),
    -- What the site calls unchanged is an old page that was seen again.
    (
      select s.last_seen_at
      from public.page_snapshots s
      where p_outcome = 'not_modified' and s.id = private.as_uuid(p_item ->> 'snapshot_id')
    ));
end
$$;

create trigger add_listings_of_new
  after insert on public.vehicles referencing new table as changed
  for each statement
  execute function private.add_listings_of_new();

comment on function private.add_listings_of_new() is 'A vehicle has a row for each address that stands on it; one that is another vehicle''s is refused.';

comment on function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
  with time zone, boolean, text) is 'Puts a look on record: at a listing as it stood before, known since p_known_at; null: it says nothing of how often things change.';

comment on function private.current_listing(uuid[]) is 'The listing that the sale fields of a vehicle follow, or of several that are one car: the latest auction, unless a listing is for sale that was first seen more than a week after it ended; else the listing for sale that was seen last; else the last that ended.';

comment on function private.has_ended(text) is 'Whether a listing with this status offers nothing any more.';

comment on function private.look_every(text, text, interval) is 'How often a listing of this site, kind and age is looked at.';

comment on function private.read_listing_status(public.vehicle_listings, jsonb, text) is
  'How a listing stands after a reading. One that is gone, or where another vehicle stands now, is removed; what had ended before stays as it ended.';

comment on function private.refuse_listing_of_another(uuid[]) is 'Throws when an address that stands on one of these vehicles is another vehicle''s listing.';

comment on function private.seen_at(jsonb, text) is 'When the page of a reading last stood as it was read.';

revoke all on function private.add_listings_of_new() from public;

grant execute on function private.add_listings_of_new() to postgres;

revoke all
  on function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
    with time zone, boolean, text)
  from public;

grant execute
  on function private.add_look(public.vehicle_listings, timestamp with time zone, timestamp
    with time zone, boolean, text)
  to postgres, service_role;

revoke all on function private.current_listing(uuid[]) from public;

grant execute on function private.current_listing(uuid[]) to postgres, service_role;

revoke all on function private.has_ended(text) from public;

grant execute on function private.has_ended(text) to postgres, service_role;

revoke all on function private.look_every(text, text, interval) from public;

grant execute on function private.look_every(text, text, interval) to postgres, service_role;

revoke all on function private.refuse_listing_of_another(uuid[]) from public;

grant execute on function private.refuse_listing_of_another(uuid[]) to postgres, service_role;

revoke all on function private.seen_at(jsonb, text) from public;

grant execute on function private.seen_at(jsonb, text) to postgres, service_role;
