-- What a reading says of the listing that it read, and what happened there since the last one.

create function private.sure_value(p_facts jsonb, p_field text) returns text
language sql immutable parallel safe
return case when (p_facts -> p_field ->> 'confidence')::numeric >= 0.5 then p_facts -> p_field ->> 'value' end;
comment on function private.sure_value(jsonb, text) is
  'The value that a reading states of a field; null where it is not sure enough to be held for true.';
grant execute on function private.sure_value(jsonb, text) to service_role;

create function private.offer_of(p_item jsonb, p_held jsonb) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
begin
  if not coalesce(p_item -> 'facts', '{}') ?| private.sale_columns() then
    return coalesce(p_held, '{}');
  end if;
  return jsonb_build_object(
    'facts', (
      select jsonb_object_agg(f.key, f.value - 'evidence' - 'way')
      from jsonb_each(p_item -> 'facts') f
      where f.key = any (private.sale_columns())),
    'method', p_item -> 'method',
    'scraper_version', p_item -> 'scraper_version');
end
$$;
comment on function private.offer_of(jsonb, jsonb) is
  'The sale fields of a reading, to be held on its listing; a reading of something else leaves what is held.';
grant execute on function private.offer_of(jsonb, jsonb) to service_role;

create function private.read_listing_status(l public.vehicle_listings, p_item jsonb, p_outcome text) returns text
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
comment on function private.read_listing_status(public.vehicle_listings, jsonb, text) is
  'How a listing stands after a reading. One that is gone, or where another vehicle stands now, is removed; what had ended before stays as it ended.';
grant execute on function private.read_listing_status(public.vehicle_listings, jsonb, text) to service_role;

create function private.note_listing_events(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[]
) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.listing_events
    (listing_id, event, at, status_from, status_to, price_from, price_to, currency, snapshot_id)
  select
    (r.a).id, e.event, (r.a).page_at, e.status_from, (r.a).status, e.price_from, (r.a).price, (r.a).currency,
    private.as_uuid(r.item ->> 'snapshot_id')
  from (
    select p_before[i] as b, p_after[i] as a, p_items[i] as item,
      (p_before[i]).page_at is null and (p_after[i]).page_at is not null as is_first
    from generate_subscripts(p_after, 1) i
    offset 0 -- unpacked once
  ) r
  cross join lateral (
    select 'seen' as event, null as status_from, null::numeric as price_from
    where r.is_first
    union all
    select
      case
        when (r.a).status in ('sold', 'removed') then (r.a).status
        when (r.b).ended_at is not null and (r.a).ended_at is null then 'relisted'
        else 'status_changed'
      end,
      (r.b).status, (r.b).price
    where (r.a).status <> (r.b).status
      and (not r.is_first or (r.b).status <> 'unknown')
      and not (r.is_first and (r.a).status = 'sold')
    union all
    select 'price_changed', (r.b).status, (r.b).price
    where not r.is_first
      and (r.a).price is distinct from (r.b).price
      and (r.a).price is not null
      and (r.a).status = (r.b).status
  ) e;
end
$$;
comment on function private.note_listing_events(public.vehicle_listings[], public.vehicle_listings[], jsonb[]) is
  'Writes what happened to listings between two readings of each. A sum that changes with the status, a bid that becomes a sale, is told by that event.';
grant execute on function private.note_listing_events(public.vehicle_listings[], public.vehicle_listings[], jsonb[])
  to service_role;

create function private.listing_as_read(b public.vehicle_listings, p_item jsonb, p_outcome text)
returns public.vehicle_listings
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_auction jsonb := case when jsonb_typeof(p_item -> 'auction') = 'object' then p_item -> 'auction' else '{}' end;
  l public.vehicle_listings := b;
begin
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
  return l;
end
$$;
comment on function private.listing_as_read(public.vehicle_listings, jsonb, text) is
  'A listing as it stood before, as a reading of its page says that it stands now. Changes nothing.';
grant execute on function private.listing_as_read(public.vehicle_listings, jsonb, text) to service_role;

create function private.write_listings_as_read(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  b public.vehicle_listings;
  l public.vehicle_listings;
begin
  update public.vehicle_listings h
  set page_at = a.page_at, first_seen_at = a.first_seen_at, last_seen_at = a.last_seen_at, offer = a.offer,
      kind = a.kind, seller = a.seller, mileage = a.mileage, title = a.title, listed_at = a.listed_at,
      likeness = a.likeness, status = a.status, price = a.price, currency = a.currency, ended_at = a.ended_at,
      ended_because = a.ended_because
  from unnest(p_after) a
  where h.id = any (array(select u.id from unnest(p_after) u)) -- by the index, whatever the order of the join
    and h.id = a.id;
  for i in 1 .. cardinality(p_after) loop
    b := p_before[i];
    l := p_after[i];
    if l.likeness is distinct from b.likeness and l.likeness is not null then
      perform private.pair_alike_listings(l);
    end if;
  end loop;
  perform private.note_listing_events(p_before, p_after, p_items);
end
$$;
comment on function private.write_listings_as_read(
  public.vehicle_listings[], public.vehicle_listings[], jsonb[]
) is
  'Writes listings as readings of their pages say that they stand, with what happened there since. All are written before one is paired with those like it.';
grant execute on function private.write_listings_as_read(
  public.vehicle_listings[], public.vehicle_listings[], jsonb[]
) to service_role;

create function private.note_listing(v public.vehicles, p_item jsonb, p_outcome text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
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
      perform private.note_looks(array[b], array[b], array[p_item], array[p_outcome]);
    end if;
    return b.id; -- nothing was seen, or only what was there before
  end if;

  l := private.listing_as_read(b, p_item, p_outcome);
  perform private.write_listings_as_read(array[b], array[l], array[p_item]);
  perform private.note_looks(array[b], array[l], array[p_item], array[p_outcome]);
  return l.id;
end
$$;
comment on function private.note_listing(public.vehicles, jsonb, text) is
  'Writes what a reading says of its listing, with what happened there since the last. Gives the listing''s id; null for an address that is no listing of this vehicle.';
grant execute on function private.note_listing(public.vehicles, jsonb, text) to service_role;
