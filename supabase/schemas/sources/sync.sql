-- The websites that the system can read. Of those with an adapter the registry in code is the truth.

create function public.sync_scrape_sources(p_sources jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
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
        found_by = 'code',
        updated_at = now()
    where (held.name, held.kind, held.hosts, held.scraper_name, held.scraper_version)
      is distinct from
      (excluded.name, excluded.kind, excluded.hosts, excluded.scraper_name, excluded.scraper_version)
    returning 1
  )
  select count(*) into v_count from written;
  -- What was found is read by a scraper of the code, and always by the one that is deployed.
  update public.scrape_sources f
  set scraper_version = c.scraper_version
  from public.scrape_sources c
  where f.found_by <> 'code'
    and c.found_by = 'code'
    and c.scraper_name = f.scraper_name
    and c.scraper_version <> f.scraper_version;
  if v_count > 0 then
    perform private.end_waits_for_deployment(10000); -- cron goes on with the rest
  end if;
  return v_count;
end
$$;
comment on function public.sync_scrape_sources(jsonb) is
  'Takes the registry as [{slug, name, kind, hosts, scraper_name, scraper_version}], writes what differs, gives how many rows changed. How far a source is trusted (lifecycle, is_active) stays; those that were found follow the version of their scraper.';
revoke execute on function public.sync_scrape_sources(jsonb) from public, anon, authenticated;
grant execute on function public.sync_scrape_sources(jsonb) to service_role;

create function public.sync_deployed_scrapers(p_sources jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_changed integer := public.sync_scrape_sources(p_sources);
begin
  return jsonb_build_object('changed', v_changed, 'ahead', (
    select coalesce(jsonb_agg(to_jsonb(a) order by a.scraper_name), '[]') from public.scrapers_ahead_of_registry a));
end
$$;
comment on function public.sync_deployed_scrapers(jsonb) is
  'As sync_scrape_sources(), and gives what its caller warns of: {changed, ahead}; ahead: the rows of scrapers_ahead_of_registry.';
revoke execute on function public.sync_deployed_scrapers(jsonb) from public, anon, authenticated;
grant execute on function public.sync_deployed_scrapers(jsonb) to service_role;
