-- Agent paces feeds of probes.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.learn_from_probe(p_source public.scrape_sources, p_item jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.source_address_patterns as held
    (source_id, pattern, is_listing, learned_from, listings_read, others_read, examples)
  select p_source.id, p.pattern, p.is_listing, p.learned_from, p.listings_read, p.others_read, coalesce(p.examples, '{}')
  from jsonb_to_recordset(coalesce(p_item -> 'patterns', '[]')) as p(
    pattern text, is_listing boolean, learned_from integer, listings_read integer, others_read integer, examples text[])
  on conflict (source_id, pattern) do update
  set is_listing = excluded.is_listing,
      learned_from = excluded.learned_from,
      listings_read = excluded.listings_read,
      others_read = excluded.others_read,
      examples = excluded.examples,
      checked_at = now();
  -- check_interval is an operator's word: the first guess stands where the agent's own stand.
  insert into public.listing_feeds (source, url, kind, about, revisit_interval)
  select p_source.slug, f.url, f.kind, 'found by a probe',
    case f.kind when 'sitemap' then interval '6 hours' when 'rss' then interval '1 hour' else interval '2 hours' end
  from jsonb_to_recordset(coalesce(p_item -> 'feeds', '[]')) as f(url text, kind text)
  where private.source_of_host(private.url_host(f.url)) = p_source.id
  on conflict (canonical_url) do nothing; -- an operator's own stays as it is
end
$$;

create or replace function public.add_sitemap_feeds(p_feed uuid, p_sitemaps jsonb) returns integer
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
