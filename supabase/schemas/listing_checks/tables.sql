-- Looking again: when each listing is looked at next, what looks saw, and how often things change.

create table public.listing_checks (
  id uuid primary key default gen_random_uuid(),
  listing_id bigint not null unique,
  vehicle_id uuid not null,
  listing_url text not null,
  source_host text generated always as (private.url_host(listing_url)) stored,

  requeue_at timestamptz not null default now(),
  priority integer not null generated always as (private.minute_of(requeue_at)) stored,
  known_at timestamptz,
  index_price numeric(14, 2) check (index_price >= 0),
  failed_rounds smallint not null default 0 check (failed_rounds >= 0),

  status text not null default 'complete' check (status in ('pending', 'processing', 'complete', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  max_attempts integer not null default 3 check (max_attempts > 0),
  next_attempt_at timestamptz,
  outcome_code text,
  error_message text,
  like private.lease including all,
  blocked_days integer not null default 0,
  last_blocked_on date,
  created_at timestamptz not null default now(),
  processed_at timestamptz,

  -- A listing that joins another vehicle takes its row along.
  foreign key (vehicle_id, listing_id) references public.vehicle_listings (vehicle_id, id)
    on update cascade on delete cascade
) with (fillfactor = 80);
comment on table public.listing_checks is
  'One row a listing that is for sale or live: when it is looked at next. complete: looked at, and requeue_at is the next time; pending: due, or waiting for its host; failed: could not be read, and requeue_at is the next time too. A listing that has ended has none.';
comment on column public.listing_checks.requeue_at is
  'The next look. While the row is pending: since when it is due; infinity: the listing has ended.';
comment on column public.listing_checks.priority is
  'The minute of requeue_at: what has been due longest goes first.';
comment on column public.listing_checks.known_at is
  'When status and price were last known: its page was read, was unchanged, or an index page stated the same price.';
comment on column public.listing_checks.index_price is
  'What an index page stated last. One that goes on stating another price than the page brings no look a second time.';
comment on column public.listing_checks.failed_rounds is
  'How often in a row it could not be read with all its attempts.';
comment on column public.listing_checks.next_attempt_at is
  'A pending row is not claimed before; null means it is due now.';

create index listing_checks_next on public.listing_checks (requeue_at) where status in ('complete', 'failed');
create index listing_checks_by_vehicle on public.listing_checks (vehicle_id);

alter table public.listing_checks enable row level security;
create policy operators_read on public.listing_checks
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_checks to authenticated;
grant all on public.listing_checks to service_role;

create table public.listing_looks (
  id bigint generated always as identity primary key,
  listing_id bigint not null,
  at timestamptz not null default now(),
  source_host text not null,
  kind text not null,
  age_band smallint not null,
  gap_days real check (gap_days > 0),
  changed boolean not null,
  way text not null check (way in ('page', 'not_modified', 'index'))
);
comment on table public.listing_looks is
  'One row a look at a listing, only ever added to: how long after the one before, whether status or price had changed, and how it was seen. Kept 14 days: refresh_change_rates() has added them up by then.';
comment on column public.listing_looks.gap_days is
  'Days since status and price were known before. Null where that says nothing of how often things change: an auction that was live, an index page that states no price.';
comment on column public.listing_looks.way is
  'page: it was fetched; not_modified: the site said that it is unchanged; index: an index page named it, which cost no request.';

create index listing_looks_by_time on public.listing_looks (at);

alter table public.listing_looks enable row level security;
create policy operators_read on public.listing_looks
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_looks to authenticated;
grant all on public.listing_looks to service_role;

create table public.listing_gap_counts (
  source_host text not null,
  kind text not null,
  age_band smallint not null,
  gap_band smallint not null,
  looks double precision not null check (looks >= 0),
  changes double precision not null check (changes >= 0),
  days double precision not null check (days >= 0),
  primary key (source_host, kind, age_band, gap_band),
  check (changes <= looks)
);
comment on table public.listing_gap_counts is
  'The looks of a group by how long after the one before they were: what its rate of change is estimated from. They fade, half of them in 45 days, so a site that changes its ways is believed.';

alter table public.listing_gap_counts enable row level security;
create policy operators_read on public.listing_gap_counts
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_gap_counts to authenticated;
grant all on public.listing_gap_counts to service_role;

create table public.listing_change_rates (
  source_host text not null,
  kind text not null,
  age_band smallint not null,
  listings integer not null default 0 check (listings >= 0),
  looks double precision not null default 0,
  changes double precision not null default 0,
  rate_per_day double precision not null check (rate_per_day > 0),
  look_every interval not null check (look_every between interval '6 hours' and interval '14 days'),
  primary key (source_host, kind, age_band)
);
comment on table public.listing_change_rates is
  'One row a group of listings (site, kind, how old the offer is): how often its status or price changes, and how often it is looked at therefore. Site * is all sites of the kind, for one that is new. Written anew every hour.';
comment on column public.listing_change_rates.looks is 'Looks that the rate is estimated from, faded.';

alter table public.listing_change_rates enable row level security;
create policy operators_read on public.listing_change_rates
  for select to authenticated using ((select private.is_operator()));
grant select on public.listing_change_rates to authenticated;
grant all on public.listing_change_rates to service_role;

create table private.change_rates_refreshed (
  one boolean primary key default true check (one),
  up_to timestamptz not null
);
comment on table private.change_rates_refreshed is 'One row: up to when the looks are added up in listing_gap_counts.';
alter table private.change_rates_refreshed enable row level security;
grant all on private.change_rates_refreshed to service_role;
