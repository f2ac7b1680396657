-- What discovery is told of the source whose feed it checks.

create function private.listings_still_allowed(s public.scrape_sources) returns integer
language plpgsql stable
set search_path = ''
as $$
begin
  if s.listings_allowed is null or s.lifecycle <> 'probation' then
    return null;
  end if;
  return greatest(0, s.listings_allowed - private.listings_of(s.hosts, s.listings_allowed) - (
    select count(*)::integer
    from public.listing_feeds f
    join public.import_queue q on q.discovered_from = f.url and q.status in ('pending', 'processing')
    where f.source = s.slug));
end
$$;
comment on function private.listings_still_allowed(public.scrape_sources) is
  'How many listings of a source in probation may still be queued: those that were read and those that wait count. Null: any number.';
grant execute on function private.listings_still_allowed(public.scrape_sources) to service_role;

create function private.feed_terms(p_source text) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce((
    select jsonb_build_object(
      'still_allowed', private.listings_still_allowed(s),
      'patterns', (
        select coalesce(jsonb_agg(p.pattern order by p.pattern), '[]')
        from public.source_address_patterns p
        where p.source_id = s.id and p.is_listing))
    from public.scrape_sources s
    where s.slug = p_source), '{"still_allowed": null, "patterns": []}')
$$;
comment on function private.feed_terms(text) is
  'For a check of a source''s feed: {still_allowed: how many listings may be queued, null for any; patterns: how addresses of listings are made}.';
grant execute on function private.feed_terms(text) to service_role;

create function public.add_sitemap_feeds(p_feed uuid, p_sitemaps jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_index public.listing_feeds;
  v_count integer;
begin
  select * into v_index from public.listing_feeds where id = p_feed;
  if not found or v_index.sitemap_level >= 2 then
    return 0;
  end if;
  with named as (
    select distinct on (public.canonical_listing_url(i.url)) i.url, i.lastmod
    from jsonb_to_recordset(p_sitemaps) as i(url text, lastmod timestamptz)
    where private.url_host(i.url) = private.url_host(v_index.url)
      and octet_length(i.url) <= 2048
      and public.canonical_listing_url(i.url) <> v_index.canonical_url
    order by public.canonical_listing_url(i.url), i.lastmod desc nulls last
  ),
  newest as (
    select * from named order by lastmod desc nulls last, url limit 200
  ),
  written as (
    insert into public.listing_feeds as held (source, url, kind, about, check_interval, revisit_interval, sitemap_level)
    select v_index.source, s.url, 'sitemap', 'named by ' || left(v_index.url, 500), v_index.check_interval, v_index.revisit_interval,
      v_index.sitemap_level + 1
    from newest s
    order by public.canonical_listing_url(s.url)
    on conflict (canonical_url) do update
    set next_check_at = now()
    where held.kind = 'sitemap'
      and held.failures = 0
      and held.next_check_at > now()
      and held.last_checked_at < (
        select max(s.lastmod) from newest s where public.canonical_listing_url(s.url) = held.canonical_url)
    returning (xmax = 0) as is_new
  )
  select count(*) filter (where is_new) into v_count from written;
  return v_count;
end
$$;
comment on function public.add_sitemap_feeds(uuid, jsonb) is
  'The sitemaps that an index of sitemaps names, as [{url, lastmod}], become feeds of its source, at most 200 and three deep; one that is a feed already and was changed since is due. Gives how many are new.';
grant execute on function public.add_sitemap_feeds(uuid, jsonb) to service_role;
revoke execute on function public.add_sitemap_feeds(uuid, jsonb) from public, anon, authenticated;
