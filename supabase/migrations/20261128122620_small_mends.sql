-- Small mends.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.listing_feed_status;

drop view public.vehicles_with_partial_failures;

alter table public.listing_feeds
  add column off_because text;

create or replace function private.address_of_a_listing(p_field text, p_text text) returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  if private.is_blank(p_text) then
    return null;
  end if;
  if private.web_address(p_text) is null then
    raise exception '% "%" is no address of a page (allowed: https://host/path, host/path, or null)', p_field, left(p_text, 200)
      using errcode = '23514', schema = 'public', table = 'vehicles', column = p_field;
  end if;
  return private.web_address(p_text);
end
$$;

create or replace function private.check_facts() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_new constant jsonb := to_jsonb(new);
  v_mistakes text;
  v_first text;
begin
  select string_agg(format('%s "%s" (allowed: %s)', m.field, left(v_new ->> m.field, 100), m.allowed), '; ' order by m.place),
    (array_agg(m.field order by m.place))[1]
  into v_mistakes, v_first
  from (
    select 0 as place, f as field, 'a text that is not empty, or null when it is not known' as allowed
    from unnest(private.fact_columns() || array['description_source']) f
    where v_new ->> f = ''
      and f not in ('currency', 'sale_status')
    union all
    select r.place, r.field, r.allowed
    from (values
      (1, 'year', not new.year between 1885 and 2100, 'a year from 1885 to 2100'),
      (2, 'mileage', new.mileage < 0, 'whole miles, 0 or more'),
      (3, 'sale_price', new.sale_price < 0, 'an amount of 0 or more'),
      (4, 'high_bid', new.high_bid < 0, 'an amount of 0 or more'),
      (5, 'asking_price', new.asking_price < 0, 'an amount of 0 or more'),
      (6, 'currency', new.currency !~ '^[A-Z]{3}$', 'a code of three capital letters, such as USD'),
      (7, 'sale_status', new.sale_status not in ('sold', 'bid_to', 'no_sale', 'withdrawn', 'live', 'for_sale', 'unknown'),
        'sold, bid_to, no_sale, withdrawn, live, for_sale or unknown')
    ) r(place, field, is_wrong, allowed)
    where r.is_wrong
  ) m;
  raise exception 'a vehicle cannot hold %', v_mistakes
    using errcode = '23514', schema = 'public', table = 'vehicles', column = v_first,
      constraint = format('vehicles_%s_check', v_first);
end
$$;

create or replace function private.is_blank(p_text text) returns boolean
language sql immutable parallel safe
return coalesce(btrim(p_text, e' \t\r\n\u00a0') = '', true);

create or replace function private.steps_that_heal(p_step text) returns text[]
language sql immutable parallel safe
return case
  when p_step in ('extract_data', 'read_again', 'extract_vin', 'extract_images')
    then array['extract_data', 'read_again', p_step] -- a reading takes all of these from its page
  else array[p_step]
end;

create or replace function private.sync_listing_urls() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_field text;
  v_url text;
  v_host text;
begin
  if tg_op = 'INSERT' then
    v_field := case
      when private.is_blank(new.discovery_url) and private.is_blank(new.listing_url) then 'bat_auction_url'
      when private.is_blank(new.discovery_url) then 'listing_url'
      else 'discovery_url'
    end;
  elsif new.discovery_url is distinct from old.discovery_url then
    v_field := 'discovery_url';
  elsif new.listing_url is distinct from old.listing_url then
    v_field := 'listing_url';
  elsif new.discovery_url is null or (
    new.bat_auction_url is distinct from old.bat_auction_url
    and old.bat_auction_url = old.discovery_url
    and new.bat_auction_url <> ''
  ) then
    v_field := 'bat_auction_url';
  else
    v_field := 'discovery_url';
  end if;

  v_url := to_jsonb(new) ->> v_field;
  -- What was stored before addresses were looked at stays until somebody changes it.
  if tg_op = 'INSERT' or v_url is distinct from old.discovery_url then
    v_url := private.address_of_a_listing(v_field, v_url);
  end if;
  if tg_op = 'INSERT' or new.bat_auction_url is distinct from old.bat_auction_url then
    new.bat_auction_url := private.address_of_a_listing('bat_auction_url', new.bat_auction_url);
  end if;
  new.discovery_url := v_url;
  new.listing_url := v_url;
  v_host := private.url_host(new.discovery_url);
  if v_host = 'bringatrailer.com' then
    new.bat_auction_url := new.discovery_url;
  elsif tg_op = 'UPDATE' and new.bat_auction_url is not distinct from old.discovery_url then
    new.bat_auction_url := null;
  end if;
  if v_host <> '' and not new.origin_metadata ? 'source' then
    new.origin_metadata := new.origin_metadata || jsonb_build_object('source', v_host);
  end if;
  if tg_op = 'UPDATE'
    and public.canonical_listing_url(new.discovery_url) is distinct from old.canonical_url
  then
    new.listing_ended_at := null; -- that was the other listing
  end if;
  return new;
end
$$;

create or replace function private.web_address(p_text text) returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_text text := btrim(p_text, e' \t\r\n\u00a0');
begin
  if v_text ~* '^(?:[^\s/?#@:.]+\.)+[a-z][a-z0-9-]+(?::\d+)?(?:[/?#]|$)' then
    v_text := 'https://' || v_text;
  elsif v_text ~ '^//' then
    v_text := 'https:' || v_text;
  end if;
  return case when public.canonical_listing_url(v_text) is not null then v_text end;
end
$$;

create or replace function private.why_no_listing(p_item jsonb) returns text
language sql stable parallel safe
set search_path = ''
as $$
  select case
    when jsonb_typeof(p_item) <> 'object' then 'an item is an object with at least a url'
    when p_item ->> 'url' is null then 'url is missing'
    when private.web_address(p_item ->> 'url') is null then 'url is no address of a page, as https://host/path'
    when octet_length(p_item ->> 'url') > 2048 then 'url is longer than 2048 bytes'
    when not pg_input_is_valid(p_item ->> 'price', 'numeric(14, 2)') or (p_item ->> 'price')::numeric < 0
      then 'price is no amount of 0 or more'
    when p_item ->> 'price_kind' not in ('bid', 'sale', 'asking') then 'price_kind is neither bid, sale nor asking'
    when p_item ->> 'currency' !~ '^[A-Z]{3}$' then 'currency is no code of three capital letters, such as USD'
    when not pg_input_is_valid(p_item ->> 'ends_at', 'timestamptz') then 'ends_at is no time, such as 2026-01-31T18:00:00Z'
    when not pg_input_is_valid(p_item ->> 'year', 'integer') then 'year is no whole number'
    when not pg_input_is_valid(p_item ->> 'priority', 'integer') then 'priority is no whole number'
    when jsonb_typeof(p_item -> 'raw') not in ('object', 'null') then 'raw is no object'
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
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'enqueue_listings takes a JSON array of items' using errcode = '22023';
  end if;
  select
    coalesce(jsonb_agg(l.item || jsonb_build_object('url', private.web_address(l.item ->> 'url')))
      filter (where l.why is null), '[]'),
    coalesce(jsonb_agg(
      jsonb_build_object('item', l.place - 1, 'url', left(l.item ->> 'url', 200), 'why', l.why) order by l.place)
      filter (where l.why is not null and l.nth <= 20), '[]'),
    count(l.why)
  into v_good, v_mistakes, v_refused
  from (
    select i.item, i.place, m.why, row_number() over (partition by m.why is null order by i.place) as nth
    from jsonb_array_elements(p_items) with ordinality i(item, place)
    cross join lateral private.why_no_listing(i.item) m(why)
  ) l;

  with found as (
    select distinct on (public.canonical_listing_url(i.url))
      i.*, public.canonical_listing_url(i.url) as canonical
    from jsonb_to_recordset(v_good) as i(
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
  return v_result || jsonb_build_object('refused', v_refused, 'mistakes', v_mistakes);
end
$$;

create or replace function public.images_given_up(p_vehicle_ids uuid[] default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'images', count(*),
    'vehicles', count(distinct d.vehicle_id),
    'what_to_type', case
      when count(*) = 0 then null
      when p_vehicle_ids is null
        then 'select retry_image_downloads(array(select distinct vehicle_id from image_downloads where status = ''failed''));'
      else format('select retry_image_downloads(%L::uuid[]);', array_agg(distinct d.vehicle_id))
    end)
  from public.image_downloads d
  where d.status = 'failed'
    and d.outcome <> 'invalid' -- what is no picture is none the next time
    and (p_vehicle_ids is null or d.vehicle_id = any (p_vehicle_ids))
$$;

create or replace function public.sync_listing_feeds(p_feeds jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_written integer;
  v_dropped integer;
begin
  with written as (
    insert into public.listing_feeds as held
      (source, url, kind, about, enabled, check_interval, code_enabled, code_interval, off_because)
    select distinct on (public.canonical_listing_url(f.url))
      f.source, f.url, f.kind, f.about, f.enabled, make_interval(mins => f.interval_minutes),
      f.enabled, make_interval(mins => f.interval_minutes), nullif(f.off_because, '')
    from jsonb_to_recordset(p_feeds)
      as f(
        source text, url text, kind text, about text, enabled boolean, interval_minutes integer, off_because text)
    order by public.canonical_listing_url(f.url)
    on conflict (canonical_url) do update
    set source = excluded.source,
        url = excluded.url,
        kind = excluded.kind,
        about = excluded.about,
        enabled = case when held.enabled = held.code_enabled then excluded.enabled else held.enabled end,
        check_interval = case
          when held.check_interval = held.code_interval then excluded.check_interval else held.check_interval end,
        code_enabled = excluded.code_enabled,
        code_interval = excluded.code_interval,
        off_because = excluded.off_because
    where (held.source, held.url, held.kind, held.about, held.code_enabled, held.code_interval, held.off_because)
      is distinct from
      (
        excluded.source, excluded.url, excluded.kind, excluded.about, excluded.code_enabled, excluded.code_interval,
        excluded.off_because)
    returning 1
  )
  select count(*) into v_written from written;

  -- What the code no longer names is switched off, unless an operator wanted it otherwise.
  update public.listing_feeds
  set enabled = enabled and not code_enabled,
      code_enabled = null,
      code_interval = null,
      off_because = null
  where code_enabled is not null
    and canonical_url not in (
      select public.canonical_listing_url(f ->> 'url') from jsonb_array_elements(p_feeds) f
    );
  get diagnostics v_dropped = row_count;
  return v_written + v_dropped;
end
$$;

alter table public.listing_feeds
  add constraint listing_feeds_off_because_check check ((off_because <> ''::text));

create view public.listing_feed_status with (security_invoker = true) as
select
  f.id,
  f.source,
  f.url,
  f.kind,
  f.about,
  case
    when not f.enabled or s.is_active = false then 'off'
    when f.lease_expires_at > now() then 'being checked'
    when f.last_checked_at is null then 'never checked'
    when f.failures > 0 then 'failing'
    else 'working'
  end as state,
  f.last_found_at,
  f.last_found,
  f.last_new,
  f.last_known,
  f.last_skipped,
  f.last_checked_at,
  case when f.enabled then f.next_check_at end as next_check_at,
  f.check_interval,
  f.last_outcome,
  f.failures,
  case when f.enabled then f.last_error else coalesce(f.off_because, f.last_error) end as why,
  case
    when not f.enabled and f.off_because is not null then 'leave it off: ' || f.off_because
    when s.is_active = false then format('update scrape_sources set is_active = true where slug = %L;', f.source)
    when not f.enabled then format('update listing_feeds set enabled = true where url = %L;', f.url)
    when f.next_check_at < now() - greatest(f.check_interval, interval '1 hour') and f.lease_token is null
      then 'nobody checks it: select * from pipeline_status;'
    when f.failures = 0 then null
    when f.last_outcome in ('blocked', 'robots_disallowed', 'rate_limited')
      then format('the site does not want to be read: leave it, or update listing_feeds set enabled = false where url = %L;', f.url)
    when f.last_outcome = 'gone'
      then format('the page is no more: update listing_feeds set url = ''…'' where url = %L;', f.url)
    when f.last_outcome in ('unreadable', 'not_an_index', 'not_a_listing')
      then 'the site changed its page: its reader in sources/index_pages is behind'
    when f.last_outcome in ('invalid', 'too_large')
      then format('this address cannot be read: update listing_feeds set url = ''…'' where url = %L;', f.url)
    else format('nothing: it is tried again; at once with update listing_feeds set next_check_at = now() where url = %L;', f.url)
  end as what_to_do
from public.listing_feeds f
left join public.scrape_sources s on s.slug = f.source
order by f.enabled desc, f.failures desc, f.source, f.url;

create view public.vehicles_with_partial_failures with (security_invoker = true) as
select
  v.id as vehicle_id,
  v.year,
  v.make,
  v.model,
  v.discovery_url,
  v.source_host as source,
  f.failed_steps,
  w.worked_steps,
  f.failures,
  f.last_failed_at,
  -- An import may have written anything there.
  case
    when pg_input_is_valid(v.origin_metadata ->> 'image_count', 'integer') then (v.origin_metadata ->> 'image_count')::integer
    when jsonb_typeof(v.origin_metadata -> 'image_urls') = 'array' then jsonb_array_length(v.origin_metadata -> 'image_urls')
  end as image_urls,
  (select count(*) from public.vehicle_images i where i.vehicle_id = v.id) as images_stored,
  f.retried_steps,
  f.next_retry_at,
  f.what_to_type
from (
  select
    l.vehicle_id,
    array_agg(l.step_name order by l.step_name) as failed_steps,
    jsonb_object_agg(l.step_name, concat_ws(': ', l.outcome_code, l.error_message)) as failures,
    max(l.created_at) as last_failed_at,
    coalesce(
      array_agg(l.step_name order by l.step_name)
        filter (where r.id is not null or l.metadata ? 'retried_by'), '{}') as retried_steps,
    min(r.next_retry_at) as next_retry_at,
    string_agg(private.redo_words(l.step_name, l.vehicle_id, l.url), e'\n' order by l.step_name)
      filter (where r.id is null and not coalesce(l.metadata ? 'retried_by', false)) as what_to_type
  from (
    select distinct on (s.vehicle_id, s.step_name) s.id, s.vehicle_id, s.step_name, s.outcome_code, s.created_at
    from public.scrape_steps s
    where s.status = 'failed'
      and s.vehicle_id is not null
      and s.created_at > now() - interval '30 days'
    order by s.vehicle_id, s.step_name, s.created_at desc
  ) last
  join public.scrape_steps l on l.id = last.id
  left join public.scrape_retry_queue r
    on r.vehicle_id = l.vehicle_id and r.step_name = l.step_name and r.status in ('pending', 'processing')
  join public.vehicles held on held.id = l.vehicle_id
  where not private.is_final(last.outcome_code)
    and not exists (
      select from public.scrape_steps s
      where s.vehicle_id = last.vehicle_id
        and s.step_name = any (private.steps_that_heal(last.step_name))
        and s.created_at > last.created_at
        and s.status = 'success')
    and case last.step_name
      when 'extract_vin' then held.vin is null
      when 'generate_description' then held.description is null
      when 'backfill_images'
        then not exists (select from public.vehicle_images i where i.vehicle_id = last.vehicle_id)
          or exists (
            select from public.image_downloads d
            where d.vehicle_id = last.vehicle_id and d.status in ('pending', 'leased', 'failed'))
      else true
    end
  group by l.vehicle_id
) f
join public.vehicles v on v.id = f.vehicle_id
cross join lateral (
  select array_agg(distinct s.step_name order by s.step_name) as worked_steps
  from public.scrape_steps s
  where s.vehicle_id = f.vehicle_id
    and s.status = 'success'
    and s.step_name <> all (f.failed_steps)
) w
where w.worked_steps is not null
order by f.last_failed_at desc;

create index if not exists image_downloads_given_up on public.image_downloads using btree (vehicle_id)
  where ((status = 'failed'::text) and (outcome <> 'invalid'::text));

create trigger check_facts
  before insert or update of year,
    make,
    model,
    "trim",
    vin,
    mileage,
    color,
    interior_color,
    engine,
    transmission,
    drivetrain,
    body_style,
    sale_price,
    high_bid,
    asking_price,
    currency, sale_status, seller_name, location, description, description_source on public.vehicles
  for each row
  when
    (((new.year < 1885) or (new.year > 2100) or (least((new.mileage)::numeric, new.sale_price, new.high_bid,
    new.asking_price) < (0)::numeric) or (new.currency !~ '^[A-Z]{3}$'::text) or
    (new.sale_status <> all (array['sold'::text, 'bid_to'::text, 'no_sale'::text, 'withdrawn'::text,
    'live'::text,
    'for_sale'::text,
    'unknown'::text])) or
    (''::text = any (array[new.make, new.model, new."trim", new.vin, new.color, new.interior_color,
    new.engine,
    new.transmission,
    new.drivetrain,
    new.body_style, new.seller_name, new.location, new.description, new.description_source]))))
  execute function private.check_facts();

comment on column public.listing_feeds.off_because is 'Why the code wants it off: the site''s terms, or nothing there that can be read. Null where it wants it on.';

comment on function private.address_of_a_listing(text, text) is 'What a URL column of vehicles holds: the whole address, or null for a blank. Throws for what can be no address, naming the column.';

comment on function private.check_facts() is 'Refuses a vehicle whose facts the constraints would refuse, and says which fields and what is allowed.';

comment on function private.is_blank(text) is 'Whether a person left a field empty.';

comment on function private.steps_that_heal(text) is 'The steps of which a success makes good for a failure of this one.';

comment on function private.web_address(text) is 'The address that a person means: without the blanks around it, and with https:// where it begins with the host. Null for what can be none.';

comment on function private.why_no_listing(jsonb) is 'What is wrong with an item of enqueue_listings(); null for one that can be queued.';

comment on function public.enqueue_listings(jsonb, text) is 'Queues listings as [{url, source, title, price, price_kind, currency, ends_at, year, make, model, thumbnail_url, raw, priority}], only url is needed. One row a listing whatever its spelling; one that is a vehicle, was one and is remembered (remembered_addresses), was queued before or was found to be none is known. An item that cannot be one is refused and the others are queued. Gives {queued, known, refreshed, refused, mistakes: [{item, url, why}]}, item counted from 0, at most 20 mistakes.';

comment on function public.images_given_up(uuid[]) is 'How many images of these vehicles, or of all, no worker tries again because their attempts are spent, of how many vehicles, and what to type so that they are: {images, vehicles, what_to_type}.';

comment on function public.sync_listing_feeds(jsonb) is 'Takes the feeds in code as [{source, url, kind, about, enabled, interval_minutes, off_because}] and writes what differs; what an operator changed stays. Gives how many rows changed.';

comment on view public.listing_feed_status is 'For each page that listings are found on: whether it works, what it showed last (listings, new ones, known ones, entries that are no vehicles), and what to do when it does not, or why it is off.';

comment on view public.vehicles_with_partial_failures is 'Vehicles of which one step failed in the last 30 days and is not healed since (by itself, by a later reading of the page, or by a value that is held now), while another has worked: which, why, which of them are tried again by themselves, and what to type for the rest.';

revoke all on function private.address_of_a_listing(text, text) from public;

grant execute
  on function private.address_of_a_listing(text, text)
  to authenticated, postgres, service_role;

revoke all on function private.check_facts() from public;

grant execute on function private.check_facts() to postgres;

revoke all on function private.is_blank(text) from public;

grant execute on function private.is_blank(text) to authenticated, postgres, service_role;

revoke all on function private.steps_that_heal(text) from public;

grant execute on function private.steps_that_heal(text) to authenticated, postgres, service_role;

revoke all on function private.web_address(text) from public;

grant execute on function private.web_address(text) to authenticated, postgres, service_role;

revoke all on function private.why_no_listing(jsonb) from public;

grant execute on function private.why_no_listing(jsonb) to postgres, service_role;

revoke all on function public.images_given_up(uuid[]) from public;

grant execute on function public.images_given_up(uuid[]) to postgres, service_role;

grant select on table public.listing_feed_status to authenticated;

grant all on table public.listing_feed_status to postgres, service_role;

grant select on table public.vehicles_with_partial_failures to authenticated;

grant all on table public.vehicles_with_partial_failures to postgres, service_role;
