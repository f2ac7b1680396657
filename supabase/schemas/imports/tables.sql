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

create index import_queue_by_day on public.import_queue using brin (created_at);
create index import_queue_by_feed on public.import_queue (discovered_from)
  where status in ('pending', 'processing') and discovered_from is not null;
create index import_queue_waiting_by_host on public.import_queue (private.url_host(canonical_url))
  where status = 'pending';
create index import_queue_due_by_host
  on public.import_queue (priority, private.url_host(canonical_url), created_at, id)
  where status = 'pending' and next_attempt_at is null;
create index import_queue_by_vehicle on public.import_queue (vehicle_id) where vehicle_id is not null;

alter table public.import_queue enable row level security;
create policy operators_read on public.import_queue
  for select to authenticated using ((select private.is_operator()));
grant select on public.import_queue to authenticated;
grant all on public.import_queue to service_role;

create trigger touch_updated_at
  before update on public.import_queue
  for each row execute function private.touch_updated_at();

create trigger complete_address
  before insert or update of listing_url on public.import_queue
  for each row when (private.web_address(new.listing_url) is distinct from new.listing_url)
  execute function private.complete_address('listing_url');
