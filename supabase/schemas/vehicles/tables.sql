-- A vehicle: what is held about it now, where it was found, and for each fact how sure that is.

create table public.vehicles (
  id uuid primary key default gen_random_uuid(),

  year integer check (year between 1885 and 2100),
  make text check (make <> ''),
  model text check (model <> ''),
  trim text check (trim <> ''),
  vin text check (vin <> ''),
  mileage integer check (mileage >= 0),
  color text check (color <> ''),
  interior_color text check (interior_color <> ''),
  engine text check (engine <> ''),
  transmission text check (transmission <> ''),
  drivetrain text check (drivetrain <> ''),
  body_style text check (body_style <> ''),

  sale_price numeric(14, 2) check (sale_price >= 0),
  high_bid numeric(14, 2) check (high_bid >= 0),
  asking_price numeric(14, 2) check (asking_price >= 0),
  currency text check (currency ~ '^[A-Z]{3}$'),
  sale_status text check (
    sale_status in ('sold', 'bid_to', 'no_sale', 'withdrawn', 'live', 'for_sale', 'unknown')
  ),
  sale_date date,
  seller_name text check (seller_name <> ''),
  location text check (location <> ''),
  description text check (description <> ''),
  description_source text check (description_source <> ''),

  discovery_url text,
  listing_url text,
  bat_auction_url text,
  canonical_url text generated always as (public.canonical_listing_url(discovery_url)) stored unique,
  source_host text generated always as (private.url_host(discovery_url)) stored,

  origin_metadata jsonb not null default '{}' check (jsonb_typeof(origin_metadata) = 'object'),
  field_state jsonb not null default '{}' check (jsonb_typeof(field_state) = 'object'),
  listing_ended_at timestamptz,

  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.vehicles is
  'One row a vehicle, found at one listing. Facts are written by apply_extractions(); a fact edited by hand counts as set by a person.';
comment on column public.vehicles.field_state is
  'Per field: confidence, method, version, source, at, page_at of the value held; why (absent_at_source) where there is none; conflict: what another reading says.';
comment on column public.vehicles.origin_metadata is
  'What came with the import, image_urls and image_count, and the marks micro_scrape_complete and micro_scrape_completed_at. Only ever merged (||).';
comment on column public.vehicles.discovery_url is 'The listing where it was found first. vehicle_listings has all.';
comment on column public.vehicles.listing_url is 'Its newest listing that still stands: the page that is read to fill its gaps.';
comment on column public.vehicles.bat_auction_url is 'Its newest listing on Bring a Trailer.';
comment on column public.vehicles.canonical_url is
  'discovery_url in one spelling: two vehicles cannot stand on one listing.';

create index vehicles_by_created on public.vehicles (created_at desc);
create index vehicles_by_vin on public.vehicles (vin) where vin is not null;
create index vehicles_by_vin_key on public.vehicles (private.vin_key(vin, make)) where vin is not null;
create index vehicles_by_host on public.vehicles (source_host, id) where source_host is not null;

-- "Has URLs but no images", newest first, without reading the vehicles that have no URLs.
create index vehicles_with_image_urls on public.vehicles (created_at desc, id)
  where origin_metadata -> 'image_urls' is not null
    and origin_metadata -> 'image_urls' <> '[]'::jsonb;
create index vehicles_bat_live on public.vehicles (id)
  where listing_url = bat_auction_url and sale_status = 'live' and listing_ended_at is null;

alter table public.vehicles enable row level security;
create policy operators_read on public.vehicles
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicles to authenticated;
grant all on public.vehicles to service_role;

create trigger touch_updated_at
  before update on public.vehicles
  for each row execute function private.touch_updated_at();
