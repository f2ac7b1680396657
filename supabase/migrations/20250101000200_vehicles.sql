-- A vehicle: what is held about it now, where it was found, and for each fact how sure that is.

create function public.canonical_listing_url(p_url text) returns text
language plpgsql immutable parallel safe -- twenty times cheaper than a query, and an insert calls it four times
set search_path = ''
as $$
declare
  v_part text[] := regexp_match(
    btrim(p_url),
    '^https?://(?:[^/@?#]*@)?([^/:?#\s]+)(?::\d+)?([^?#\s]*)(?:\?([^#\s]*))?(?:#.*)?$',
    'i'
  );
  v_host text := regexp_replace(rtrim(lower(v_part[1]), '.'), '^www\.', '');
  v_query text;
begin
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
comment on function public.canonical_listing_url(text) is
  'One spelling for one listing: https, lower-case host without www or port, path without trailing slash, no tracking parameters, no fragment. Null for what is not http(s).';
grant execute on function public.canonical_listing_url(text) to authenticated, service_role;

create function private.url_host(p_url text) returns text
language sql immutable parallel safe
return regexp_replace(
  rtrim(lower((regexp_match(p_url, '^\s*[a-z][a-z0-9+.-]*://(?:[^/@?#]*@)?([^/:?#\s]+)', 'i'))[1]), '.'),
  '^(www\.)+(?=.)',
  ''
);
comment on function private.url_host(text) is
  'The host of a URL as source_hosts names it: lower case, without www, port and final dot. Null for what is no URL. The workers have the same rule in domain/host.ts.';
grant execute on function private.url_host(text) to authenticated, service_role;

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
comment on column public.vehicles.canonical_url is
  'The listing in one spelling: two vehicles cannot stand on one listing.';

create index vehicles_by_created on public.vehicles (created_at desc);
create index vehicles_by_vin on public.vehicles (vin) where vin is not null;
create index vehicles_by_host on public.vehicles (source_host, id) where source_host is not null;

alter table public.vehicles enable row level security;
create policy operators_read on public.vehicles
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicles to authenticated;
grant all on public.vehicles to service_role;

create function private.sync_listing_urls() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_url text;
  v_host text;
begin
  if tg_op = 'INSERT' then
    v_url := coalesce(
      nullif(btrim(new.discovery_url), ''), nullif(btrim(new.listing_url), ''), new.bat_auction_url);
  elsif new.discovery_url is distinct from old.discovery_url then
    v_url := new.discovery_url;
  elsif new.listing_url is distinct from old.listing_url then
    v_url := new.listing_url;
  elsif new.discovery_url is null or (
    new.bat_auction_url is distinct from old.bat_auction_url
    and old.bat_auction_url = old.discovery_url
    and new.bat_auction_url <> ''
  ) then
    v_url := new.bat_auction_url;
  else
    v_url := new.discovery_url;
  end if;

  new.discovery_url := nullif(btrim(v_url), '');
  new.listing_url := new.discovery_url;
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
revoke execute on function private.sync_listing_urls() from public;

create trigger sync_listing_urls
  before insert or update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row execute function private.sync_listing_urls();

create function private.touch_updated_at() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.updated_at := now();
  return new;
end
$$;
revoke execute on function private.touch_updated_at() from public;

create trigger touch_updated_at
  before update on public.vehicles
  for each row execute function private.touch_updated_at();

-- VINs -------------------------------------------------------------------------------------------

create function private.is_vin(p_vin text) returns boolean
language sql immutable parallel safe
return p_vin ~ '^[A-HJ-NPR-Z0-9]{17}$';
comment on function private.is_vin(text) is
  'Seventeen characters of the VIN alphabet (ISO 3779: no I, O, Q).';

create function private.sync_vins() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_vin text := upper(regexp_replace(new.vin, '[\s-]', '', 'g'));
begin
  if private.is_vin(v_vin) then -- a chassis number stays as it is written
    new.vin := v_vin;
  end if;
  return new;
end
$$;
revoke execute on function private.sync_vins() from public;

create trigger sync_vins
  before insert or update of vin on public.vehicles
  for each row when (new.vin is not null)
  execute function private.sync_vins();

-- Two vehicles that share a VIN ------------------------------------------------------------------

create table public.vehicle_merge_candidates (
  id uuid primary key default gen_random_uuid(),
  vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  other_vehicle_id uuid not null references public.vehicles (id) on delete cascade,
  vin text not null,
  status text not null default 'open' check (status in ('open', 'same_vehicle', 'different_vehicles')),
  note text,
  created_at timestamptz not null default now(),
  resolved_at timestamptz,
  unique (vehicle_id, other_vehicle_id),
  check (vehicle_id < other_vehicle_id),
  check ((status = 'open') = (resolved_at is null))
);
comment on table public.vehicle_merge_candidates is
  'Pairs of vehicles with the same VIN. A person says what they are; nothing is merged silently.';
create index vehicle_merge_candidates_by_other on public.vehicle_merge_candidates (other_vehicle_id);

alter table public.vehicle_merge_candidates enable row level security;
create policy operators_read on public.vehicle_merge_candidates
  for select to authenticated using ((select private.is_operator()));
grant select on public.vehicle_merge_candidates to authenticated;
grant all on public.vehicle_merge_candidates to service_role;

create function private.find_shared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Chassis numbers from before the 17 characters were counted by each maker for itself.
  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
  select distinct least(n.id, o.id), greatest(n.id, o.id), n.vin
  from changed n
  cross join lateral (
    select o.id, o.make
    from public.vehicles o
    where o.vin = n.vin and o.id <> n.id
    offset 0 -- by the index, also when the plan was made for a large import
  ) o
  where private.is_vin(n.vin) or lower(o.make) = lower(n.make)
  order by 1, 2
  on conflict (vehicle_id, other_vehicle_id) do nothing;
  return null;
end
$$;
comment on function private.find_shared_vins() is
  'The same VIN on two vehicles, however it came there, is for a person to look at.';
revoke execute on function private.find_shared_vins() from public;

create trigger find_shared_vins_of_new
  after insert on public.vehicles
  referencing new table as changed
  for each statement execute function private.find_shared_vins();

create function private.find_shared_vin() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
  select least(new.id, o.id), greatest(new.id, o.id), new.vin
  from public.vehicles o
  where o.vin = new.vin
    and o.id <> new.id
    and (private.is_vin(new.vin) or lower(o.make) = lower(new.make))
  order by 1, 2
  on conflict (vehicle_id, other_vehicle_id) do nothing;
  return null;
end
$$;
revoke execute on function private.find_shared_vin() from public;

create trigger find_shared_vin_of_changed
  after update of vin, make on public.vehicles
  for each row
  when (new.vin is not null and (old.vin is distinct from new.vin or old.make is distinct from new.make))
  execute function private.find_shared_vin();
