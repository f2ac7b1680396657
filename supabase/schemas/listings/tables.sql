create table public.vehicle_listings (
  id bigint generated always as identity primary key,
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  listing_url text not null,
  canonical_url text not null generated always as (public.canonical_listing_url(listing_url)) stored unique,
  source_host text generated always as (private.url_host(listing_url)) stored,
  kind text not null check (kind in ('auction', 'classified', 'dealer')),
  status text not null default 'unknown' check (
    status in ('for_sale', 'live', 'sold', 'bid_to', 'no_sale', 'withdrawn', 'removed', 'unknown')
  ),
  price numeric(14, 2) check (price >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  seller text check (seller <> ''),
  title text check (title <> ''),
  mileage integer check (mileage >= 0),
  likeness text,

  listed_at timestamptz not null default now(),
  first_seen_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  page_at timestamptz,
  ended_at timestamptz,
  ended_because text check (ended_because <> ''),
  offer jsonb not null default '{}' check (jsonb_typeof(offer) = 'object'),

  constraint what_has_ended_says_why check ((ended_at is null) = (ended_because is null)),
  constraint what_is_offered_has_not_ended check (ended_at is null or status not in ('for_sale', 'live')),
  constraint what_is_over_has_an_end check (ended_at is not null or status in ('for_sale', 'live', 'unknown')),
  constraint seen_first_before_last check (first_seen_at <= last_seen_at)
);
comment on table public.vehicle_listings is
  'One row a listing that offers a vehicle, under its canonical address: what it asks, how it stands, and when it was seen. A car that is offered on three sites has three.';
comment on column public.vehicle_listings.kind is
  'auction, classified (a marketplace where others sell) or dealer (a seller''s own site, and any site of which nothing is known).';
comment on column public.vehicle_listings.status is
  'As its page said last. removed: the page is gone and did not say how it ended; unknown: never read, or the page does not say.';
comment on column public.vehicle_listings.price is
  'What it is sold for, bid to, or asked for, by its status, in units of currency.';
comment on column public.vehicle_listings.likeness is
  'Hash of seller, title and mileage; null unless all three are known. Two listings that share it may be one car.';
comment on column public.vehicle_listings.listed_at is
  'When the offer began: the auction''s beginning where its page says it, else when it was first seen.';
comment on column public.vehicle_listings.last_seen_at is
  'When it last stood there: its page was read, was unchanged, or an index page named it.';
comment on column public.vehicle_listings.page_at is
  'When the page that says this was fetched; an older page that is read again later changes nothing. Null: never read.';
comment on column public.vehicle_listings.offer is
  'The sale fields as its page stated them last, {facts, method, scraper_version}: what the vehicle''s are when this is the listing that they follow.';

create unique index vehicle_listings_by_vehicle on public.vehicle_listings (vehicle_id, id);
create index vehicle_listings_by_host on public.vehicle_listings (source_host, vehicle_id);
create index vehicle_listings_by_likeness on public.vehicle_listings (likeness) where likeness is not null;

alter table public.vehicle_listings enable row level security;
create policy operators_read on public.vehicle_listings
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_listings to authenticated;
grant all on public.vehicle_listings to service_role;
grant usage on sequence public.vehicle_listings_id_seq to service_role; -- imports name the listing in what they hold

create table public.listing_events (
  id bigint generated always as identity primary key,
  listing_id bigint not null references public.vehicle_listings (id) on delete cascade,
  event text not null check (event in ('seen', 'price_changed', 'status_changed', 'removed', 'relisted', 'sold')),
  at timestamptz not null default now(),
  status_from text,
  status_to text not null,
  price_from numeric(14, 2) check (price_from >= 0),
  price_to numeric(14, 2) check (price_to >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  snapshot_id uuid,

  constraint a_change_of_price_changes_it check (event <> 'price_changed' or price_from is distinct from price_to),
  constraint a_change_of_status_changes_it check (event <> 'status_changed' or status_from <> status_to),
  constraint a_sale_is_sold check ((event = 'sold') = (status_to = 'sold' and status_from is distinct from 'sold') or event = 'seen'),
  constraint what_is_removed_is_removed check (event <> 'removed' or status_to = 'removed')
);
comment on table public.listing_events is
  'One row a thing that happened to a listing, only ever added to: first seen, price or status changed, removed, listed again, sold. at is when the page that showed it was fetched.';

create index listing_events_by_listing on public.listing_events (listing_id, at);
create index listing_events_price_drops on public.listing_events (at)
  where event = 'price_changed' and price_to < price_from;

alter table public.listing_events enable row level security;
create policy operators_read on public.listing_events
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_events to authenticated;
revoke update, delete, truncate on public.listing_events from service_role;
