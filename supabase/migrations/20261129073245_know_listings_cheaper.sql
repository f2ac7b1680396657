-- Know listings cheaper.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.look_at_relisted(jsonb);

drop function private.why_no_listing(jsonb);

create or replace function private.look_at_relisted(p_found jsonb) returns void
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

create or replace function private.note_index_looks(p_found jsonb) returns integer
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

create or replace function private.web_address(p_text text) returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_text text := btrim(p_text, e' \t\r\n\u00a0');
begin
  if v_text ~ '^https?://' then
    null; -- as nearly all
  elsif v_text ~* '^(?:[^\s/?#@:.]+\.)+[a-z][a-z0-9-]+(?::\d+)?(?:[/?#]|$)' then
    v_text := 'https://' || v_text;
  elsif v_text ~ '^//' then
    v_text := 'https:' || v_text;
  end if;
  return case when public.canonical_listing_url(v_text) is not null then v_text end;
end
$$;

create or replace function private.why_no_listing(p_item jsonb, p_address text) returns text
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

create or replace function public.canonical_listing_url(p_url text) returns text
language plpgsql immutable parallel safe -- twenty times cheaper than a query, and an insert calls it four times
set search_path = ''
as $$
declare
  v_part text[];
  v_host text;
  v_path text;
  v_query text;
begin
  -- Nearly all are spelt so: nothing is looked for in them that is not there.
  if p_url ~ '^https://[a-z0-9.-]*[a-z0-9](?:/[^?#\s]*)?$' then
    v_host := split_part(p_url, '/', 3);
    v_path := substr(p_url, length('https://') + 1 + length(v_host));
    if left(v_host, 4) = 'www.' then
      v_host := substr(v_host, 5);
    end if;
    return 'https://' || v_host
      || rtrim(case when v_host = 'bringatrailer.com' and v_path ~* '^/listing/' then lower(v_path) else v_path end, '/');
  end if;

  v_part := regexp_match(
    btrim(p_url),
    '^https?://(?:[^/@?#]*@)?([^/:?#\s]+)(?::\d+)?([^?#\s]*)(?:\?([^#\s]*))?(?:#.*)?$',
    'i'
  );
  v_host := regexp_replace(rtrim(lower(v_part[1]), '.'), '^www\.', '');
  -- Bring a Trailer names a listing by its path alone, in lower case; what else stands in a link to one is tracking.
  if v_host = 'bringatrailer.com' and v_part[2] ~* '^/listing/' then
    return 'https://bringatrailer.com' || rtrim(lower(v_part[2]), '/');
  end if;
  if v_part[3] <> '' then
    v_query := (
      select string_agg(parameter, '&' order by position)
      from unnest(string_to_array(v_part[3], '&')) with ordinality as q(parameter, position)
      where parameter <> ''
        and parameter !~* '^(utm_[a-z_]+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_ga|_gl|cmpid)(=|$)'
        -- "ref" is a tracking word on some sites and the listing's own number on others.
        and parameter !~* '^(ref|referrer)(=[^0-9]*)?$'
    );
  end if;
  return 'https://'
    || v_host
    || rtrim(v_part[2], '/')
    || coalesce('?' || v_query, '');
end
$$;

create or replace function public.enqueue_listings(p_items jsonb, p_from text default null) returns jsonb
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

comment on function private.look_at_relisted(jsonb) is 'A listing that was removed and that an index names is looked at now: it may be for sale again.';

comment on function private.note_index_looks(jsonb) is 'Takes the entries of an index page as looks at the listings that are held, as enqueue_listings() has them, with canonical: the same price or none puts the next look off, another one or an end makes it due. A listing that was looked at within twelve hours is left as it is. What an index says is written nowhere else. Gives how many were known.';

comment on function private.why_no_listing(jsonb, text) is 'What is wrong with an item of enqueue_listings(), whose url is this web_address(); null for one that can be queued.';

revoke all on function private.look_at_relisted(jsonb) from public;

grant execute on function private.look_at_relisted(jsonb) to postgres, service_role;

revoke all on function private.why_no_listing(jsonb, text) from public;

grant execute on function private.why_no_listing(jsonb, text) to postgres, service_role;
