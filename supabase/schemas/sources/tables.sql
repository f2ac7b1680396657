create table public.scrape_sources (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9_]+$'),
  name text not null,
  kind text not null check (kind in ('auction', 'classified', 'dealer', 'general')),
  hosts text[] not null default '{}',
  scraper_name text not null,
  scraper_version text not null check (scraper_version ~ '^v\d+\.\d+\.\d+$'),
  is_active boolean not null default true,
  lifecycle text not null default 'active' check (lifecycle in (
    'candidate', 'probing', 'probation', 'active', 'degraded', 'retired', 'rejected'
  )),
  lifecycle_at timestamptz not null default now(),
  lifecycle_reason text check (lifecycle_reason <> ''),
  found_by text not null default 'code'
    check (found_by in ('code', 'operator', 'known_list', 'page_link', 'sitemap', 'feed_link')),
  confidence_cap numeric(4, 3) check (confidence_cap > 0 and confidence_cap < 1),
  start_url text check (octet_length(start_url) <= 2048),
  next_look_at timestamptz,
  listings_allowed integer check (listings_allowed >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.scrape_sources is
  'One row a website: those with an adapter follow the registry in code (sync_scrape_sources()), the others were found. is_active is an operator''s.';

comment on column public.scrape_sources.lifecycle is
  'How far the agent trusts it. is_active is beside it, and an operator''s: the agent never sets it.';
comment on column public.scrape_sources.found_by is 'code: it has an adapter; otherwise how its host was found.';
comment on column public.scrape_sources.confidence_cap is
  'No fact of its pages is held with more; null: as the reader says.';

comment on column public.scrape_sources.start_url is 'Where a probe of it begins; null: at its home page.';
comment on column public.scrape_sources.next_look_at is
  'Neither probed nor asked for new listings before: it refused, or is looked at again a month later. Null: at any time.';
comment on column public.scrape_sources.listings_allowed is
  'In probation: so many of its listings may be queued before the next review. Null: any number.';

create index scrape_sources_by_host on public.scrape_sources using gin (hosts);
create index scrape_sources_capped on public.scrape_sources (id) where confidence_cap is not null;
create index scrape_sources_by_lifecycle on public.scrape_sources (lifecycle, next_look_at) where lifecycle <> 'active';

alter table public.scrape_sources enable row level security;
create policy operators_read on public.scrape_sources
  for select to authenticated using ((select private.is_operator()));
grant select on public.scrape_sources to authenticated;
grant all on public.scrape_sources to service_role;

create table public.source_lifecycle_events (
  id bigint generated always as identity primary key,
  source_id uuid not null references public.scrape_sources (id) on delete cascade,
  cycle_id text,
  from_lifecycle text,
  to_lifecycle text not null,
  reason text not null check (reason <> ''),
  metrics jsonb not null default '{}' check (jsonb_typeof(metrics) = 'object'),
  decided_by text not null default 'agent' check (decided_by in ('agent', 'operator')),
  at timestamptz not null default now()
);
comment on table public.source_lifecycle_events is
  'One row each time that a source changed its lifecycle: from, to, why, and who decided it.';

create index source_lifecycle_events_by_source on public.source_lifecycle_events (source_id, at desc);

alter table public.source_lifecycle_events enable row level security;
create policy operators_read on public.source_lifecycle_events
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_lifecycle_events to authenticated;
grant all on public.source_lifecycle_events to service_role;

create table public.source_probes (
  id uuid primary key default gen_random_uuid(),
  source_id uuid not null references public.scrape_sources (id) on delete cascade,
  cycle_id text,
  status text not null default 'pending' check (status in ('pending', 'processing', 'passed', 'failed')),
  attempts integer not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz,
  failure text check (failure in ('forbidden', 'wall', 'unreachable', 'no_listings', 'unreadable', 'another_car', 'invalid')),
  reason text check (reason <> ''),
  like private.lease including all,
  created_at timestamptz not null default now(),
  completed_at timestamptz,

  constraint what_has_failed_says_how check ((status = 'failed') = (failure is not null)),
  constraint what_is_over_says_why check ((status in ('passed', 'failed')) = (completed_at is not null and reason is not null))
);
comment on table public.source_probes is
  'One row a time that a candidate was tried, at most ten requests, with how it ended. Leased while it is under way: who takes it up goes on where its requests stand.';
comment on column public.source_probes.failure is
  'forbidden: robots.txt; wall: it refuses machines; no_listings: no page of a vehicle was found; unreadable: they state too little; another_car: they show data of other cars.';

create unique index source_probes_open on public.source_probes (source_id) where completed_at is null;
create index source_probes_by_source on public.source_probes (source_id, created_at desc);
create index source_probes_by_cycle on public.source_probes (cycle_id) where cycle_id is not null;

alter table public.source_probes enable row level security;
create policy operators_read on public.source_probes
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_probes to authenticated;
grant all on public.source_probes to service_role;

create table public.source_probe_requests (
  id bigint generated always as identity primary key,
  probe_id uuid not null references public.source_probes (id) on delete cascade,
  role text not null check (role in ('home', 'sitemap', 'feed', 'list', 'detail')),
  url text not null,
  times_asked integer not null default 1 check (times_asked > 0),
  outcome text,
  result jsonb not null default '{}' check (jsonb_typeof(result) = 'object'),
  asked_at timestamptz not null default now(),
  unique (probe_id, url)
);
comment on table public.source_probe_requests is
  'One row an address that a probe asked for, and what came: outcome is null until its answer is written. The robots.txt before them is one more request.';

alter table public.source_probe_requests enable row level security;
create policy operators_read on public.source_probe_requests
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_probe_requests to authenticated;
grant all on public.source_probe_requests to service_role;

create table public.source_address_patterns (
  source_id uuid not null references public.scrape_sources (id) on delete cascade,
  pattern text not null check (pattern ~ '^/'),
  is_listing boolean not null,
  learned_from integer not null default 0 check (learned_from >= 0),
  listings_read integer not null default 0 check (listings_read >= 0),
  others_read integer not null default 0 check (others_read >= 0),
  examples text[] not null default '{}',
  checked_at timestamptz not null default now(),
  primary key (source_id, pattern)
);
comment on table public.source_address_patterns is
  'How the addresses of a source''s pages are made, learned from its sitemaps and lists and checked by reading some: /cars/{number}, /lot/{coded}.html. Where is_listing, such an address is queued.';

alter table public.source_address_patterns enable row level security;
create policy operators_read on public.source_address_patterns
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_address_patterns to authenticated;
grant all on public.source_address_patterns to service_role;
