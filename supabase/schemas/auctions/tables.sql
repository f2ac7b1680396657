-- The record of an auction: its outcome, its bids, its comments.

create table public.auction_events (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  source_url text not null check (source_url = public.canonical_listing_url(source_url)),
  outcome text not null
    check (outcome in ('sold', 'bid_to', 'no_sale', 'withdrawn', 'live', 'unknown')),
  sale_price numeric(14, 2) check (sale_price >= 0),
  high_bid numeric(14, 2) check (high_bid >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  bid_count integer check (bid_count >= 0),
  comment_count integer check (comment_count >= 0),
  view_count integer check (view_count >= 0),
  watcher_count integer check (watcher_count >= 0),
  reserve_met boolean,
  no_reserve boolean,
  lot_number text,
  starts_at timestamptz,
  ends_at timestamptz,
  seller text,
  buyer text,
  page_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (source_url),
  unique (vehicle_id, source_url),
  constraint only_a_sale_has_a_sale_price check (outcome = 'sold' or sale_price is null)
);
comment on table public.auction_events is
  'One row an auction. A vehicle that was relisted has several; its sale fields follow the latest.';
comment on column public.auction_events.page_at is
  'When the page that said so was fetched: an older page that is read again later changes nothing.';

create index auction_events_by_vehicle on public.auction_events (vehicle_id, ends_at desc);

alter table public.auction_events enable row level security;
create policy operators_read on public.auction_events
  for select to authenticated using ((select private.is_operator()));

create table public.auction_bids (
  auction_event_id uuid not null references public.auction_events (id) on delete cascade,
  source_id text not null check (source_id <> ''),
  amount numeric(14, 2) not null check (amount >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  bidder text,
  placed_at timestamptz,
  primary key (auction_event_id, source_id)
);
comment on table public.auction_bids is
  'Bids, known by the source''s own id so that reading a page twice adds nothing.';

alter table public.auction_bids enable row level security;
create policy operators_read on public.auction_bids
  for select to authenticated using ((select private.is_operator()));

create table public.auction_comments (
  auction_event_id uuid not null references public.auction_events (id) on delete cascade,
  source_id text not null check (source_id <> ''),
  author text,
  body text not null,
  posted_at timestamptz,
  is_seller boolean,
  primary key (auction_event_id, source_id)
);
comment on table public.auction_comments is
  'Comments, known by the source''s own id, never by their position.';

alter table public.auction_comments enable row level security;
create policy operators_read on public.auction_comments
  for select to authenticated using ((select private.is_operator()));
grant select on public.auction_events, public.auction_bids, public.auction_comments to authenticated;
grant all on public.auction_events, public.auction_bids, public.auction_comments to service_role;
