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
