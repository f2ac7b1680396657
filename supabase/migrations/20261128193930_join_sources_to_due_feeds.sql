-- The sources of due feeds are joined once, and not looked up a feed.
create or replace function private.due_listing_feeds(p_limit integer, p_ids uuid[] default null)
returns setof public.listing_feeds
language sql stable
set search_path = ''
as $$
  select f.*
  from public.listing_feeds f
  left join public.scrape_sources s on s.slug = f.source
  where (f.lease_token is null or f.lease_expires_at <= now())
    and case
      when p_ids is not null then f.id = any (p_ids) -- somebody asks for these: due or not, switched off or not
      else f.enabled
        and f.next_check_at <= now()
        and (s.id is null or private.is_taken_from(s) and private.listings_still_allowed(s) is distinct from 0)
        and (f.source is not null or not exists ( -- one that names no source is of that of its host
          select
          from public.scrape_sources h
          where h.id = private.source_of_host(private.url_host(f.url))
            and not (private.is_taken_from(h) and private.listings_still_allowed(h) is distinct from 0)))
    end
  order by f.next_check_at, f.id
  limit p_limit
$$;
