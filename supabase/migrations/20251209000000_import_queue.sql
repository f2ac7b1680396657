-- Listings that were found and are to become vehicles.

create table public.import_queue (
  id uuid primary key default gen_random_uuid(),
  listing_url text not null,
  canonical_url text generated always as (public.canonical_listing_url(listing_url)) stored unique,
  source text,
  listing_title text,
  listing_year integer,
  listing_make text,
  listing_model text,
  listing_price numeric(14, 2) check (listing_price >= 0),
  price_kind text check (price_kind in ('bid', 'sale', 'asking')),
  currency text check (currency ~ '^[A-Z]{3}$'),
  ends_at timestamptz,
  thumbnail_url text,
  discovered_from text,
  raw_data jsonb not null default '{}' check (jsonb_typeof(raw_data) = 'object'),
  priority integer not null default 100,
  status text not null default 'pending' check (status in ('pending', 'processing', 'complete', 'failed')),
  vehicle_id uuid references public.vehicles (id) on delete set null,
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 3 check (max_attempts > 0),
  next_attempt_at timestamptz,
  outcome_code text,
  error_message text,
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  processed_at timestamptz,
  check (public.canonical_listing_url(listing_url) is not null) -- http(s), or it is no listing
);
comment on table public.import_queue is
  'One row a listing that was found or asked for, and what became of it: a vehicle, or outcome_code not_a_listing (a part, a sign, a toy), gone, …';
comment on column public.import_queue.listing_price is
  'As the index page said when it was found; price_kind says what it is. The vehicle''s own values come from its page.';
comment on column public.import_queue.discovered_from is 'The feed that it was found on.';
comment on column public.import_queue.next_attempt_at is
  'A pending row is not claimed before; null means it is due now.';

create index import_queue_by_vehicle on public.import_queue (vehicle_id) where vehicle_id is not null;

alter table public.import_queue enable row level security;
create policy operators_read on public.import_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.import_queue to authenticated;
grant all on public.import_queue to service_role;

select private.add_queue('import_queue', 'process-import-queue', 'complete', true, 'priority');
-- What was imported, or is no vehicle, is not found anew.
update private.queues set keep_done = '10 years' where table_name = 'import_queue';

create trigger touch_updated_at
  before update on public.import_queue
  for each row execute function private.touch_updated_at();

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
  'Queues listings as [{url, source, title, price, price_kind, currency, ends_at, year, make, model, thumbnail_url, raw, priority}], only url is needed. One row a listing whatever its spelling; one that is a vehicle, was queued before or was found to be none is known. Gives {queued, known, refreshed}.';
grant execute on function public.enqueue_listings(jsonb, text) to service_role;
