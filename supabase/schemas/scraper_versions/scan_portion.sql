create function private.scan_portion(
  p_scraper text, p_version text, p_fields text[], p_reextract boolean,
  p_host text, p_after uuid, p_limit integer,
  out ids uuid[], out urls text[], out whys text[], out scanned bigint, out next_host text, out next_after uuid,
  out finished boolean
)
language plpgsql stable
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_urls text[];
  v_whys text[];
  v_scanned bigint;
  v_last uuid;
begin
  ids := '{}';
  urls := '{}';
  whys := '{}';
  scanned := 0;
  finished := false;
  next_after := p_after;
  next_host := case when p_after is null then private.next_host_of_scraper(p_scraper, p_host) else p_host end;
  while next_host is not null and scanned < p_limit loop
    execute format(
      $sql$
        with portion as materialized (
          select v.id, h.listing_url, %s as why
          from private.vehicles_on_host($1, $2, $3) h
          join public.vehicles v on v.id = h.id
        )
        select
          coalesce(array_agg(id order by id) filter (where why <> '{}'), '{}'),
          coalesce(array_agg(listing_url order by id) filter (where why <> '{}'), '{}'),
          coalesce(array_agg(array_to_string(why, ',') order by id) filter (where why <> '{}'), '{}'),
          count(*),
          (select id from portion order by id desc limit 1)
        from portion
      $sql$, private.why_affected(p_fields, p_scraper, p_version, p_reextract))
    into v_ids, v_urls, v_whys, v_scanned, v_last
    using next_host, next_after, p_limit - scanned;
    ids := ids || v_ids;
    urls := urls || v_urls;
    whys := whys || v_whys;
    if scanned + v_scanned < p_limit then -- that host is done
      next_host := private.next_host_of_scraper(p_scraper, next_host);
      next_after := null;
    else
      next_after := v_last;
    end if;
    scanned := scanned + v_scanned;
  end loop;
  if next_host is null then
    finished := true;
    next_after := null;
  end if;
end
$$;
comment on function private.scan_portion(text, text, text[], boolean, text, uuid, integer) is
  'Looks at the next p_limit vehicles of a scraper''s sources, by host and id, and gives those that should be read again, with why.';
grant execute on function private.scan_portion(text, text, text[], boolean, text, uuid, integer) to service_role;
