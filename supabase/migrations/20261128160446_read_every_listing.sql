-- Read every listing.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.next_host_of_scraper(p_scraper text, p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text := p_after;
begin
  loop -- one look into the index of hosts for each host, however many vehicles it has
    v_host := private.next_listing_host(v_host);
    if v_host is null or private.scraper_of_host(v_host) = p_scraper then
      return v_host;
    end if;
  end loop;
end
$$;

create or replace function private.next_listing_host(p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
begin
  return least(
    (select v.source_host from public.vehicles v where v.source_host > p_after order by v.source_host limit 1),
    (select l.source_host from public.vehicle_listings l where l.source_host > p_after order by l.source_host limit 1));
end
$$;

create or replace function private.scan_portion(
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

create or replace function private.vehicles_on_host(p_host text, p_after uuid, p_limit bigint)
returns table (id uuid, listing_url text)
language plpgsql stable rows 1000 -- its plan is kept
set search_path = ''
as $$
declare
  v_after uuid := coalesce(p_after, '00000000-0000-0000-0000-000000000000');
begin
  return query
  select i.id, coalesce(l.listing_url, v.discovery_url)
  from (
    -- Those found there, also of a release before there were listings, and those that have another listing there.
    (select f.id from public.vehicles f where f.source_host = p_host and f.id > v_after order by f.id limit p_limit)
    union
    (
      select a.vehicle_id
      from public.vehicle_listings a
      where a.source_host = p_host and a.vehicle_id > v_after
      order by a.vehicle_id
      limit p_limit
    )
    order by 1
    limit p_limit
  ) i
  join public.vehicles v on v.id = i.id
  left join lateral (
    select w.listing_url
    from public.vehicle_listings w
    where w.vehicle_id = i.id and w.source_host = p_host
    order by w.listed_at desc, w.id desc
    limit 1
  ) l on true
  order by 1;
end
$$;

create or replace function public.vehicles_of_scraper(
  p_scraper text, p_host text default '', p_after uuid default null, p_limit integer default 100
) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text;
  v_rows jsonb;
begin
  if not exists (select from public.scrape_sources where scraper_name = p_scraper) then
    perform private.refuse_bad_version(p_scraper, 'v0.0.0', '{vin}', 1);
  end if;
  v_host := case when p_after is null then private.next_host_of_scraper(p_scraper, p_host) else p_host end;
  while v_host is not null loop
    select jsonb_agg(jsonb_build_object(
      'id', v.id,
      'url', h.listing_url,
      'held', (
        select coalesce(jsonb_object_agg(f, to_jsonb(v) -> f), '{}')
        from unnest(private.fact_columns()) f
        where to_jsonb(v) -> f <> 'null'),
      'methods', (
        select coalesce(jsonb_object_agg(s.key, s.value -> 'method'), '{}')
        from jsonb_each(v.field_state) s
        where s.value ? 'method')
    ) order by v.id)
    into v_rows
    from private.vehicles_on_host(v_host, p_after, p_limit) h
    join public.vehicles v on v.id = h.id;
    exit when v_rows is not null;
    p_after := null;
    v_host := private.next_host_of_scraper(p_scraper, v_host);
  end loop;
  return jsonb_build_object(
    'vehicles', coalesce(v_rows, '[]'),
    'next_host', v_host,
    'next_after', v_rows -> -1 -> 'id'
  );
end
$$;

comment on function private.next_listing_host(text) is 'The next host, by name, on which a vehicle has a listing.';

comment on function private.vehicles_on_host(text, uuid, bigint) is 'The next vehicles, by id, that have a listing on a host, and the newest of these.';

revoke all on function private.next_listing_host(text) from public;

grant execute on function private.next_listing_host(text) to postgres, service_role;

revoke all on function private.vehicles_on_host(text, uuid, bigint) from public;

grant execute on function private.vehicles_on_host(text, uuid, bigint) to postgres, service_role;
