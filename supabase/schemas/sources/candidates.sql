-- Sites that may be sources: found by the agent, or named by an operator.

create function private.why_no_candidate(p_url text) returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_url text := private.web_address(p_url);
  v_host text := private.url_host(v_url);
begin
  return case
    when v_url is null then 'it is no address of a page, as https://host/path'
    when octet_length(v_url) > 2048 then 'its address is longer than 2048 bytes'
    when v_url ~* '^https?://[^/?#]*@' then 'its address holds a name or a password'
    when v_url ~* '^https?://[^/?#]*:\d+' and v_url !~* '^https?://[^/?#]*:(80|443)(?:[/?#]|$)'
      then 'its address names a port: only 80 and 443 are asked'
    when v_host ~ '^\[' or v_host ~ '^(0x[0-9a-f]*|\d+)(\.(0x[0-9a-f]*|\d+))*$' then v_host || ' is an IP address, not a site'
    when v_host !~ '\.' or v_host ~ '(^|\.)(localhost|localdomain|local|internal|intranet|lan|home|corp|home\.arpa|onion|alt)$'
      then v_host || ' is no host on the public internet'
    when v_host ~ '(^|\.)supabase\.(co|com|in|net|red)$' then v_host || ' is a project of Supabase, as this one is'
    when v_host !~ '^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$' or length(v_host) > 253 then v_host || ' is no name of a host'
  end;
end
$$;
comment on function private.why_no_candidate(text) is
  'Why an address can be no source, by its text alone; null when it may be one.';
grant execute on function private.why_no_candidate(text) to service_role;

create function private.slug_of_host(p_host text) returns text
language sql stable
set search_path = ''
as $$
  select case
    when exists (select from public.scrape_sources where slug = s.slug) then s.slug || '_' || left(md5(p_host), 8)
    else s.slug
  end
  from (select regexp_replace(p_host, '[^a-z0-9]+', '_', 'g') as slug) s
$$;
comment on function private.slug_of_host(text) is 'The slug of a source that is found at this host.';
grant execute on function private.slug_of_host(text) to service_role;

create function public.add_source_candidates(p_items jsonb, p_cycle_id text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_room integer := 1000 - (select count(*) from public.scrape_sources where lifecycle = 'candidate');
  v_result jsonb;
begin
  perform set_config('sources.change', jsonb_build_object('by', 'agent', 'cycle_id', p_cycle_id)::text, true);
  with named as (
    select distinct on (private.url_host(private.web_address(i.url)))
      i.*, private.web_address(i.url) as address, private.url_host(private.web_address(i.url)) as host,
      private.why_no_candidate(i.url) as why
    from jsonb_to_recordset(p_items) as i(url text, name text, kind text, found_by text, reason text)
    order by private.url_host(private.web_address(i.url)), i.url
  ),
  unknown as (
    select n.*
    from named n
    where n.why is null and private.source_of_host(n.host) is null
    order by n.host
    limit greatest(v_room, 0)
  ),
  added as (
    insert into public.scrape_sources (
      slug, name, kind, hosts, scraper_name, scraper_version, lifecycle, lifecycle_reason, found_by, start_url)
    select
      private.slug_of_host(u.host), coalesce(nullif(u.name, ''), u.host), coalesce(u.kind, 'dealer'), array[u.host],
      g.scraper_name, g.scraper_version, 'candidate', coalesce(nullif(u.reason, ''), 'found'), u.found_by,
      case when u.address !~* '^https?://[^/]+/?$' then u.address end
    from unknown u
    cross join lateral (
      select coalesce(max(s.scraper_name), 'general_scraper') as scraper_name, coalesce(max(s.scraper_version), 'v0.0.0') as scraper_version
      from public.scrape_sources s
      where s.slug = 'general'
    ) g
    on conflict (slug) do nothing
    returning hosts[1] as host
  )
  select jsonb_build_object(
    'added', (select coalesce(jsonb_agg(host order by host), '[]') from added),
    'known', (select count(*) from named n where n.why is null) - (select count(*) from added),
    'refused', (
      select coalesce(jsonb_agg(jsonb_build_object('url', left(url, 200), 'why', why) order by url), '[]')
      from named where why is not null))
  into v_result;
  perform set_config('sources.change', '', true);
  return v_result;
end
$$;
comment on function public.add_source_candidates(jsonb, text) is
  'Takes sites that the agent found as [{url, name, kind, found_by, reason}]: those of which nothing is known become candidates, at most 1,000 at a time. Gives {added: [host], known, refused: [{url, why}]}.';

create function public.add_source_candidate(p_url text) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_url text := private.web_address(p_url);
  v_why text := private.why_no_candidate(p_url);
  v_id uuid;
begin
  if v_why is not null then
    raise exception '"%" can be no source: %', left(p_url, 200), v_why using errcode = '22023';
  end if;
  v_id := private.source_of_host(private.url_host(v_url));
  if v_id is null then
    perform public.add_source_candidates(jsonb_build_array(jsonb_build_object(
      'url', v_url, 'found_by', 'operator', 'reason', 'named by an operator')));
    v_id := private.source_of_host(private.url_host(v_url));
  end if;
  if v_id is null then
    raise exception 'there are 1,000 candidates already'
      using hint = 'Refuse some: select reject_source(host, reason); see source_lifecycle.';
  end if;
  update public.scrape_sources
  set next_look_at = null, -- an operator's are looked at first
      start_url = case when v_url !~* '^https?://[^/]+/?$' then v_url else start_url end
  where id = v_id and lifecycle = 'candidate';
  return v_id;
end
$$;
comment on function public.add_source_candidate(text) is
  'An operator names a site: it is probed in the next cycle. Gives the id of its source, also where it is one already.';
grant execute on function public.add_source_candidates(jsonb, text), public.add_source_candidate(text) to service_role;
revoke execute on function public.add_source_candidates(jsonb, text), public.add_source_candidate(text)
  from public, anon, authenticated;

create function public.sample_listings(p_count integer) returns jsonb
language sql volatile
set search_path = ''
as $$
  select coalesce(jsonb_agg(l.listing_url), '[]')
  from (
    select listing_url
    from public.vehicle_listings
    where id = any (array(
      select 1 + floor(random() * (select max(id) from public.vehicle_listings))::bigint
      from generate_series(1, least(p_count, 100) * 10)))
      and kind <> 'dealer'
      and page_at is not null
      -- Who has so many candidates needs no more.
      and (select count(*) from public.scrape_sources where lifecycle = 'candidate' and found_by = 'page_link') < 200
    limit p_count
  ) l
$$;
comment on function public.sample_listings(integer) is
  'Addresses of some listings on marketplaces and auctions, drawn by lot, whose snapshots may name the seller''s own site; none while 200 such sites wait to be probed.';
grant execute on function public.sample_listings(integer) to service_role;
revoke execute on function public.sample_listings(integer) from public, anon, authenticated;
