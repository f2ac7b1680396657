-- Listings that were found and are to become vehicles.

create function public.enqueue_listings(p_items jsonb, p_from text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_result jsonb;
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'enqueue_listings takes a JSON array of items' using errcode = '22023';
  end if;
  with found as (
    select distinct on (public.canonical_listing_url(i.url))
      i.*, public.canonical_listing_url(i.url) as canonical
    from jsonb_to_recordset(p_items) as i(
      url text, source text, title text, price numeric, price_kind text, currency text, ends_at timestamptz,
      year integer, make text, model text, thumbnail_url text, raw jsonb, priority integer)
    where public.canonical_listing_url(i.url) is not null
    order by public.canonical_listing_url(i.url)
  ),
  known as materialized (
    select f.canonical
    from found f
    where exists (select from public.vehicles v where v.canonical_url = f.canonical)
      or exists (select from public.auction_events e where e.source_url = f.canonical)
      or exists (select from public.remembered_addresses r where r.canonical_url = f.canonical)
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
  select jsonb_build_object(
    'queued', (select count(*) from queued where is_new),
    'refreshed', (select count(*) from queued where not is_new),
    'known', (select count(*) from found) - (select count(*) from queued where is_new))
  into v_result;
  return v_result;
end
$$;
comment on function public.enqueue_listings(jsonb, text) is
  'Queues listings as [{url, source, title, price, price_kind, currency, ends_at, year, make, model, thumbnail_url, raw, priority}], only url is needed. One row a listing whatever its spelling; one that is a vehicle, was one and is remembered (remembered_addresses), was queued before or was found to be none is known. Gives {queued, known, refreshed}.';
grant execute on function public.enqueue_listings(jsonb, text) to service_role;
