create table public.scrape_sources (
  id uuid primary key default gen_random_uuid(),
  slug text not null unique check (slug ~ '^[a-z0-9_]+$'),
  name text not null,
  kind text not null check (kind in ('auction', 'classified', 'dealer', 'general')),
  hosts text[] not null default '{}',
  scraper_name text not null,
  scraper_version text not null check (scraper_version ~ '^v\d+\.\d+\.\d+$'),
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.scrape_sources is
  'One row a website with an adapter. Synchronised from the registry in code by sync_scrape_sources(); is_active is an operator''s.';

alter table public.scrape_sources enable row level security;
create policy operators_read on public.scrape_sources
  for select to authenticated using ((select private.is_operator()));
grant select on public.scrape_sources to authenticated;
grant all on public.scrape_sources to service_role;
