-- The rule by which the sale fields of a vehicle follow from its listings (docs/listings.md).

create function private.current_listing(p_vehicle_ids uuid[]) returns bigint
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
comment on function private.current_listing(uuid[]) is
  'The listing that the sale fields of a vehicle follow, or of several that are one car: the latest auction, unless a listing is for sale that was first seen more than a week after it ended; else the listing for sale that was seen last; else the last that ended.';
grant execute on function private.current_listing(uuid[]) to service_role;

create function private.listing_that_is_followed(v public.vehicles) returns bigint
language sql immutable parallel safe
return coalesce(
  v.field_state -> 'sale_status' ->> 'listing',
  v.field_state -> 'asking_price' ->> 'listing',
  v.field_state -> 'high_bid' ->> 'listing',
  v.field_state -> 'sale_price' ->> 'listing',
  v.field_state -> 'currency' ->> 'listing',
  v.field_state -> 'sale_date' ->> 'listing')::bigint;
comment on function private.listing_that_is_followed(public.vehicles) is
  'The listing that the sale fields held come from; null where no page gave them, or one before there were listings.';
grant execute on function private.listing_that_is_followed(public.vehicles) to service_role;

create function private.offer_still_made(l public.vehicle_listings) returns jsonb
language sql immutable parallel safe
return case
  -- Its page said "for sale" before it was removed.
  when l.status = 'removed' then coalesce(l.offer -> 'facts', '{}') - 'sale_status'
  else coalesce(l.offer -> 'facts', '{}')
end;
comment on function private.offer_still_made(public.vehicle_listings) is
  'The sale fields that a listing gives, without the status of one that is gone.';
grant execute on function private.offer_still_made(public.vehicle_listings) to service_role;

create function private.with_offer_of(p_result jsonb, p_offer jsonb) returns jsonb
language sql immutable parallel safe
return p_result || jsonb_build_object(
  'changes', (p_result -> 'changes') || coalesce(p_offer -> 'changes', '{}'),
  'rescore', coalesce((p_result ->> 'rescore')::boolean, false) or coalesce((p_offer ->> 'rescore')::boolean, false),
  'filled', (p_result -> 'filled') || coalesce(p_offer -> 'filled', '[]'),
  'corrected', (p_result -> 'corrected') || coalesce(p_offer -> 'corrected', '[]'),
  'cleared', (p_result -> 'cleared') || coalesce(p_offer -> 'cleared', '[]'),
  'conflicts', (p_result -> 'conflicts') || coalesce(p_offer -> 'conflicts', '[]'));
comment on function private.with_offer_of(jsonb, jsonb) is
  'What a reading changed, with what changed because another listing is followed since.';
grant execute on function private.with_offer_of(jsonb, jsonb) to service_role;

create function private.page_that_is_followed(v public.vehicles) returns timestamptz
language sql stable
set search_path = ''
return (
  select max((v.field_state -> f ->> 'page_at')::timestamptz) from unnest(private.sale_columns()) f
);
comment on function private.page_that_is_followed(public.vehicles) is
  'When the newest page was fetched that the sale fields held come from.';
grant execute on function private.page_that_is_followed(public.vehicles) to service_role;

create function private.follow_listing(p_vehicle_id uuid, p_listing_id bigint, p_if_newer boolean default false) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  l public.vehicle_listings;
begin
  select * into v from public.vehicles where id = p_vehicle_id;
  select * into l from public.vehicle_listings where id = p_listing_id;
  if l.id is null
    or (
      private.listing_that_is_followed(v) is not distinct from l.id
      and not (p_if_newer and coalesce(l.page_at > private.page_that_is_followed(v), false))
    )
  then
    return '{}';
  end if;
  return private.apply_facts(v, jsonb_build_object(
    'source_url', l.listing_url,
    'outcome', 'ok',
    'page_at', coalesce(l.page_at, l.last_seen_at),
    'method', coalesce(l.offer ->> 'method', 'unknown'),
    'scraper_version', l.offer -> 'scraper_version',
    'facts', private.offer_still_made(l),
    'listing_id', l.id,
    'is_offer', true,
    'takes_over', true));
end
$$;
comment on function private.follow_listing(uuid, bigint, boolean) is
  'Gives a vehicle the sale fields of this one of its listings, unless it has them, or, with p_if_newer, has those of an older page. Gives what changed, as apply_facts().';
grant execute on function private.follow_listing(uuid, bigint, boolean) to service_role;
