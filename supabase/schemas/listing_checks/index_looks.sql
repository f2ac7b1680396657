-- An index page that names a listing is a look that costs no request.

create function private.index_says(l public.vehicle_listings, p_index_price numeric, p_found jsonb) returns text
language sql immutable parallel safe
return case
  when (p_found ->> 'ended')::boolean or p_found ->> 'price_kind' = 'sale' then 'another'
  when l.status = 'live' then 'named' -- bids come by the minute: its end is what is waited for
  when p_found ->> 'price' is null
    or l.price is null
    or p_found ->> 'price_kind' = 'bid'
    or p_found ->> 'currency' <> l.currency then 'named'
  when (p_found ->> 'price')::numeric(14, 2) = l.price then 'the same'
  when (p_found ->> 'price')::numeric(14, 2) = p_index_price then 'named' -- it said so before, and the page did not
  else 'another'
end;
comment on function private.index_says(public.vehicle_listings, numeric, jsonb) is
  'What an entry of an index says of a listing that is held: the same price, another one (or that it has ended), or only that it stands there (named).';
grant execute on function private.index_says(public.vehicle_listings, numeric, jsonb) to service_role;

create function private.look_at_relisted(p_found jsonb) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
begin
  insert into public.listing_checks (listing_id, vehicle_id, listing_url, status, known_at)
  select l.id, l.vehicle_id, l.listing_url, 'pending', l.page_at
  from (
    select distinct i.item ->> 'canonical' as canonical
    from jsonb_array_elements(p_found) i(item)
    where not coalesce((i.item ->> 'ended')::boolean, false)
  ) f
  join public.vehicle_listings l on l.canonical_url = f.canonical
  where l.status = 'removed'
    -- Once a day while the index names what is gone.
    and coalesce(l.page_at, l.ended_at) < now() - interval '1 day'
  order by l.id
  on conflict (listing_id) do nothing;
end
$$;
comment on function private.look_at_relisted(jsonb) is
  'A listing that was removed and that an index names is looked at now: it may be for sale again.';
grant execute on function private.look_at_relisted(jsonb) to service_role;

create function private.note_index_looks(p_found jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  perform private.look_at_relisted(p_found);
  with found as (
    select distinct on (i.item ->> 'canonical') i.item ->> 'canonical' as canonical, i.item
    from jsonb_array_elements(p_found) i(item)
    where i.item ->> 'canonical' is not null
    order by i.item ->> 'canonical'
  ),
  -- Nobody is waited for: what is being read or written is seen by that.
  listing as materialized (
    select l.id, f.item
    from found f
    join public.vehicle_listings l on l.canonical_url = f.canonical
    where l.status in ('for_sale', 'live')
    order by l.id
    for no key update of l skip locked
  ),
  checked as materialized (
    select c.id, c.listing_id, c.known_at, c.requeue_at, c.status, c.index_price
    from public.listing_checks c
    where c.listing_id in (select id from listing)
      and c.status <> 'processing'
    order by c.listing_id
    for no key update skip locked
  ),
  said as materialized (
    select
      c.id, c.known_at, c.requeue_at, c.status, l as listing,
      private.index_says(l, c.index_price, f.item) as says,
      coalesce((f.item ->> 'price')::numeric(14, 2), c.index_price) as index_price,
      case private.index_says(l, c.index_price, f.item)
        when 'the same' then coalesce(c.known_at < now() - interval '12 hours', true)
        when 'named' then l.last_seen_at < now() - interval '12 hours'
        else true
      end as is_news,
      private.look_every(l.source_host, l.kind, now() - l.listed_at) as every
    from checked c
    join listing f on f.id = c.listing_id
    join public.vehicle_listings l on l.id = c.listing_id
  ),
  looks as (
    insert into public.listing_looks (listing_id, source_host, kind, age_band, gap_days, changed, way)
    select
      (s.listing).id, (s.listing).source_host, (s.listing).kind, private.age_band(now() - (s.listing).listed_at),
      case when s.says = 'the same' then extract(epoch from now() - s.known_at) / 86400 end, false, 'index'
    from said s
    where s.says <> 'another' and s.is_news
    order by (s.listing).id
  ),
  seen as (
    update public.vehicle_listings l
    set last_seen_at = now()
    from said s
    where l.id = (s.listing).id
      and l.last_seen_at < now() - interval '12 hours'
      and s.says <> 'another'
  ),
  next as (
    update public.listing_checks c
    set requeue_at = case
          when not s.is_news then c.requeue_at
          when s.says = 'named' and ((s.listing).status = 'live' or s.status <> 'complete') then c.requeue_at
          else private.look_after_index(s.every, now(), s.known_at, c.requeue_at, s.says)
        end,
        known_at = case when s.is_news and s.says = 'the same' then now() else c.known_at end,
        index_price = s.index_price,
        failed_rounds = case when s.is_news and s.says = 'the same' then 0 else c.failed_rounds end,
        status = case when s.is_news and s.says = 'the same' then 'complete' else c.status end,
        next_attempt_at = case when s.is_news and s.says = 'the same' then null else c.next_attempt_at end
    from said s
    where c.id = s.id
      and (s.is_news or s.index_price is distinct from c.index_price)
    returning 1
  )
  select count(*) into v_count from said;
  return v_count;
end
$$;
comment on function private.note_index_looks(jsonb) is
  'Takes the entries of an index page as looks at the listings that are held, as enqueue_listings() has them, with canonical: the same price or none puts the next look off, another one or an end makes it due. A listing that was looked at within twelve hours is left as it is. What an index says is written nowhere else. Gives how many were known.';
grant execute on function private.note_index_looks(jsonb) to service_role;
