-- The websites that the system can read. The registry of adapters in code is the truth.

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

create function public.sync_scrape_sources(p_sources jsonb) returns integer
language sql
set search_path = ''
as $$
  with written as (
    insert into public.scrape_sources as held (slug, name, kind, hosts, scraper_name, scraper_version)
    select s.slug, s.name, s.kind, s.hosts, s.scraper_name, s.scraper_version
    from jsonb_to_recordset(p_sources)
      as s(slug text, name text, kind text, hosts text[], scraper_name text, scraper_version text)
    on conflict (slug) do update
    set name = excluded.name,
        kind = excluded.kind,
        hosts = excluded.hosts,
        scraper_name = excluded.scraper_name,
        scraper_version = excluded.scraper_version,
        updated_at = now()
    where (held.name, held.kind, held.hosts, held.scraper_name, held.scraper_version)
      is distinct from
      (excluded.name, excluded.kind, excluded.hosts, excluded.scraper_name, excluded.scraper_version)
    returning 1
  )
  select count(*)::integer from written
$$;
comment on function public.sync_scrape_sources(jsonb) is
  'Takes the registry as [{slug, name, kind, hosts, scraper_name, scraper_version}], writes what differs, gives how many rows changed.';
revoke execute on function public.sync_scrape_sources(jsonb) from public, anon, authenticated;
grant execute on function public.sync_scrape_sources(jsonb) to service_role;
