-- Listings that were found and are to become vehicles.

create function private.why_no_listing(p_item jsonb, p_address text) returns text
language plpgsql stable parallel safe -- its plan is kept
set search_path = ''
as $$
begin
  return case
    when jsonb_typeof(p_item) <> 'object' then 'an item is an object with at least a url'
    when p_item ->> 'url' is null then 'url is missing'
    when p_address is null then 'url is no address of a page, as https://host/path'
    when octet_length(p_item ->> 'url') > 2048 then 'url is longer than 2048 bytes'
    when not pg_input_is_valid(p_item ->> 'price', 'numeric(14, 2)') or (p_item ->> 'price')::numeric < 0
      then 'price is no amount of 0 or more'
    when p_item ->> 'price_kind' not in ('bid', 'sale', 'asking') then 'price_kind is neither bid, sale nor asking'
    when p_item ->> 'currency' !~ '^[A-Z]{3}$' then 'currency is no code of three capital letters, such as USD'
    when not pg_input_is_valid(p_item ->> 'ends_at', 'timestamptz') then 'ends_at is no time, such as 2026-01-31T18:00:00Z'
    when not pg_input_is_valid(p_item ->> 'year', 'integer') then 'year is no whole number'
    when not pg_input_is_valid(p_item ->> 'priority', 'integer') then 'priority is no whole number'
    when jsonb_typeof(p_item -> 'ended') not in ('boolean', 'null') then 'ended is neither true nor false'
    when jsonb_typeof(p_item -> 'raw') not in ('object', 'null') then 'raw is no object'
  end;
end
$$;
comment on function private.why_no_listing(jsonb, text) is
  'What is wrong with an item of enqueue_listings(), whose url is this web_address(); null for one that can be queued.';
grant execute on function private.why_no_listing(jsonb, text) to service_role;

create function public.enqueue_listings(p_items jsonb, p_from text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_good jsonb;
  v_mistakes jsonb;
  v_refused integer;
  v_result jsonb;
  v_held text[];
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'enqueue_listings takes a JSON array of items' using errcode = '22023';
  end if;
  select
    coalesce(jsonb_agg(
      l.item || jsonb_build_object('url', l.address, 'canonical', public.canonical_listing_url(l.address)))
      filter (where l.why is null), '[]'),
    coalesce(jsonb_agg(
      jsonb_build_object('item', l.place - 1, 'url', left(l.item ->> 'url', 200), 'why', l.why) order by l.place)
      filter (where l.why is not null and l.nth <= 20), '[]'),
    count(l.why)
  into v_good, v_mistakes, v_refused
  from (
    select m.*, row_number() over (partition by m.why is null order by m.place) as nth
    from (
      select i.item, i.place, a.address, private.why_no_listing(i.item, a.address) as why
      from jsonb_array_elements(p_items) with ordinality i(item, place)
      cross join lateral (
        select private.web_address(i.item ->> 'url') as address
        offset 0 -- once an item, and not once a mention
      ) a
      offset 0
    ) m
  ) l;

  with found as materialized (
    select distinct on (i.canonical) i.*
    from jsonb_to_recordset(v_good) as i(
      url text, canonical text, source text, title text, price numeric, price_kind text, currency text, ends_at timestamptz,
      year integer, make text, model text, thumbnail_url text, raw jsonb, priority integer)
    where i.canonical is not null
    order by i.canonical
  ),
  held as materialized (
    select f.canonical
    from found f
    where exists (select from public.vehicle_listings l where l.canonical_url = f.canonical)
  ),
  known as materialized (
    select f.canonical
    from found f
    where f.canonical in (select canonical from held)
      or exists (select from public.vehicles v where v.canonical_url = f.canonical)
      or exists (select from public.auction_events e where e.source_url = f.canonical)
      or exists (select from public.remembered_addresses r where r.canonical_url = f.canonical)
      -- What is done, or in work, is not refreshed: nine in ten of an index page that is read again.
      or exists (select from public.import_queue q where q.canonical_url = f.canonical and q.status <> 'pending')
  ),
  queued as (
    insert into public.import_queue as held (
      listing_url, source, listing_title, listing_year, listing_make, listing_model, listing_price, price_kind,
      currency, ends_at, thumbnail_url, discovered_from, raw_data, priority
    )
    select
      btrim(f.url), f.source, f.title, f.year, f.make, f.model, f.price, f.price_kind,
      f.currency, f.ends_at, f.thumbnail_url, p_from, coalesce(f.raw, '{}'), coalesce(f.priority, 100)
    from found f
    where f.canonical not in (select canonical from known)
    order by f.canonical
    on conflict (canonical_url) do update
    set listing_title = coalesce(excluded.listing_title, held.listing_title),
        listing_price = coalesce(excluded.listing_price, held.listing_price),
        price_kind = coalesce(excluded.price_kind, held.price_kind),
        currency = coalesce(excluded.currency, held.currency),
        ends_at = coalesce(excluded.ends_at, held.ends_at),
        thumbnail_url = coalesce(held.thumbnail_url, excluded.thumbnail_url)
    where held.status = 'pending'
      and (held.listing_title, held.listing_price, held.price_kind, held.currency, held.ends_at)
        is distinct from (
          coalesce(excluded.listing_title, held.listing_title),
          coalesce(excluded.listing_price, held.listing_price),
          coalesce(excluded.price_kind, held.price_kind),
          coalesce(excluded.currency, held.currency),
          coalesce(excluded.ends_at, held.ends_at))
    returning (xmax = 0) as is_new
  )
  select
    jsonb_build_object(
      'queued', (select count(*) from queued where is_new),
      'refreshed', (select count(*) from queued where not is_new),
      'known', (select count(*) from found) - (select count(*) from queued where is_new)),
    array(select canonical from held)
  into v_result, v_held;
  if p_from is not null and v_held <> '{}' then -- an index page showed them just now
    perform private.note_index_looks((
      select jsonb_agg(g.item) from jsonb_array_elements(v_good) g(item) where g.item ->> 'canonical' = any (v_held)));
  end if;
  return v_result || jsonb_build_object('refused', v_refused, 'mistakes', v_mistakes);
end
$$;
comment on function public.enqueue_listings(jsonb, text) is
  'Queues listings as [{url, source, title, price, price_kind, currency, ends_at, ended, year, make, model, thumbnail_url, raw, priority}], only url is needed. One row a listing whatever its spelling; one that is a vehicle, was one and is remembered (remembered_addresses), was queued before or was found to be none is known; with p_from, the index page that names it, that is a look at a listing that is held (listing_checks). An item that cannot be one is refused and the others are queued. Gives {queued, known, refreshed, refused, mistakes: [{item, url, why}]}, item counted from 0, at most 20 mistakes.';
grant execute on function public.enqueue_listings(jsonb, text) to service_role;
