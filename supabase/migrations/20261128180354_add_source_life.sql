-- Add source life.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.scrapers_ahead_of_registry;

alter table public.scrape_sources
  add column start_url text;

alter table public.scrape_sources
  add column next_look_at timestamp with time zone;

alter table public.scrape_sources
  add column listings_allowed integer;

create or replace function private.deployed_version(p_scraper text) returns text
language sql stable
set search_path = ''
as $$
  select scraper_version
  from public.scrape_sources
  where scraper_name = p_scraper and found_by = 'code'
  order by private.version_number(scraper_version) desc
  limit 1
$$;

create or replace function private.due_listing_feeds(p_limit integer, p_ids uuid[] default null)
returns setof public.listing_feeds
language sql stable
set search_path = ''
as $$
  select f.*
  from public.listing_feeds f
  where (f.lease_token is null or f.lease_expires_at <= now())
    and case
      when p_ids is not null then f.id = any (p_ids) -- somebody asks for these: due or not, switched off or not
      else f.enabled
        and f.next_check_at <= now()
        and not exists (
          select
          from public.scrape_sources s
          where s.slug = f.source
            and (not s.is_active or not private.is_in_service(s.lifecycle) or s.next_look_at > now()))
    end
  order by f.next_check_at, f.id
  limit p_limit
$$;

create or replace function private.feed_metrics() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'enabled', count(*) filter (where is_on),
    'working', count(*) filter (where is_on and failures = 0 and last_checked_at is not null),
    'failing', count(*) filter (where is_on and failures > 0),
    'never_checked', count(*) filter (where is_on and last_checked_at is null),
    'overdue', count(*) filter (where is_on and next_check_at < now() - interval '1 hour'),
    'last_checked_at', max(last_checked_at),
    'found_at_last_check', coalesce(sum(last_found) filter (where is_on), 0),
    'new_at_last_check', coalesce(sum(last_new) filter (where is_on), 0))
  from (
    select f.*, f.enabled
        and s.is_active is not false
        and (s.id is null or private.is_in_service(s.lifecycle)) as is_on -- a site that is switched off, or no source yet, is not asked
    from public.listing_feeds f
    left join public.scrape_sources s on s.slug = f.source
  ) f
$$;

create or replace function private.is_auction_host(p_host text) returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(p_host = 'bringatrailer.com', false)
    or exists (select from public.scrape_sources where kind = 'auction' and hosts @> array[p_host])
$$;

create or replace function private.is_in_service(p_lifecycle text) returns boolean
language sql immutable parallel safe
return p_lifecycle in ('probation', 'active', 'degraded');

create or replace function private.lifecycle_changed() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.lifecycle_at := now();
  if coalesce(current_setting('sources.change', true), '') = ''
    and new.lifecycle_reason is not distinct from old.lifecycle_reason
  then
    new.lifecycle_reason := 'set by hand';
  end if;
  return new;
end
$$;

create or replace function private.listing_kind(p_host text, p_is_auction boolean) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return case
    when p_is_auction or p_host = 'bringatrailer.com' then 'auction'
    else coalesce((
      select s.kind from public.scrape_sources s where s.hosts @> array[p_host] and s.kind <> 'general' limit 1
    ), 'dealer')
  end;
end
$$;

create or replace function private.listings_of(p_hosts text[], p_limit integer) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from (select from public.vehicle_listings where source_host = any (p_hosts) and page_at is not null limit p_limit) l
$$;

create or replace function private.note_lifecycle() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_change jsonb := coalesce(nullif(current_setting('sources.change', true), ''), '{}')::jsonb;
begin
  insert into public.source_lifecycle_events (source_id, cycle_id, from_lifecycle, to_lifecycle, reason, metrics, decided_by)
  values (
    new.id, v_change ->> 'cycle_id', case when tg_op = 'UPDATE' then old.lifecycle end, new.lifecycle,
    coalesce(new.lifecycle_reason, 'added by hand'), coalesce(v_change -> 'metrics', '{}'),
    case when tg_op = 'INSERT' and new.found_by = 'operator' then 'operator' else coalesce(v_change ->> 'by', 'operator') end);
  return null;
end
$$;

create or replace function private.parent_domains(p_host text) returns text[]
language sql immutable parallel safe
return (
  select array_agg(array_to_string(part[n:], '.') order by n)
  from (select string_to_array(p_host, '.') as part) p
  cross join lateral generate_subscripts(part, 1) n
);

create or replace function private.queue_again_what_older_read(p_version_id uuid, p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_version public.scraper_versions := (select v from public.scraper_versions v where v.id = p_version_id);
  v_deployed_at timestamptz := (
    select max(updated_at) from public.scrape_sources where scraper_name = v_version.scraper_name and found_by = 'code');
  v_id uuid;
  v_count integer := 0;
begin
  if private.version_number(private.deployed_version(v_version.scraper_name)) < private.version_number(v_version.version) then
    return 0; -- it would be read by the same reader again
  end if;
  for v_id in
    select b.id
    from public.backfill_queue b
    where b.scraper_version_id = p_version_id
      and b.status = 'completed'
      and (private.version_number(b.read_by_version) < private.version_number(v_version.version)
        or b.read_by_version is null and b.processed_at < v_deployed_at)
    order by b.id
    limit p_limit
    for update skip locked
  loop
    begin
      update public.backfill_queue set status = 'pending' where id = v_id;
      v_count := v_count + 1;
    exception when unique_violation then
      null; -- it waits already, in a row of its own
    end;
  end loop;
  return v_count;
end
$$;

create or replace function private.reopen_for_new_versions(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with outdated as (
    select s.vehicle_id, a.scraper_version
    from public.scrape_sources a
    join public.micro_scrape_state s
      on a.found_by = 'code'
      and s.state = 'exhausted'
      and s.last_scraper = a.scraper_name
      -- Two ranges, so that the index skips what the present version has read.
      and (s.last_scraper_version < a.scraper_version or s.last_scraper_version > a.scraper_version)
      and private.version_number(s.last_scraper_version) < private.version_number(a.scraper_version)
    limit p_limit
    for update of s skip locked
  ),
  reopened as (
    update public.micro_scrape_state s
    set state = 'due', due_at = now(), no_gain_passes = 0,
        last_scraper_version = outdated.scraper_version -- one chance a version, also if it reads no page
    from outdated
    where s.vehicle_id = outdated.vehicle_id
    returning 1
  )
  select count(*)::integer from reopened
$$;

create or replace function private.review_probation(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_source record;
  v_count integer := 0;
begin
  for v_source in -- those in probation are few
    select s.id, s.hosts, s.lifecycle_at, private.listings_of(s.hosts, 50) as landed
    from public.scrape_sources s
    where s.lifecycle = 'probation' and s.is_active
    order by s.slug
  loop
    if v_source.landed >= 50 and private.set_lifecycle(
      v_source.id, 'active', 'fifty of its listings came in', p_cycle_id, jsonb_build_object('listings', v_source.landed))
    then
      update public.scrape_sources set confidence_cap = null, listings_allowed = null where id = v_source.id;
      v_count := v_count + 1;
    elsif v_source.landed < 50 then
      update public.scrape_sources set listings_allowed = least(50, v_source.landed + 20) where id = v_source.id;
    end if;
  end loop;
  return v_count;
end
$$;

create or replace function private.review_retired(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in
    select id
    from public.scrape_sources
    where lifecycle = 'retired' and is_active and coalesce(next_look_at, lifecycle_at + interval '1 month') <= now()
    order by slug
  loop
    v_count := v_count + private.set_lifecycle(
      v_id, (select case found_by when 'code' then 'degraded' else 'candidate' end from public.scrape_sources where id = v_id),
      'looked at again after a month', p_cycle_id)::integer;
    update public.scrape_sources set next_look_at = null where id = v_id;
  end loop;
  return v_count;
end
$$;

create or replace function private.scraper_of_host(p_host text) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select s.scraper_name
    from public.scrape_sources s
    left join lateral (
      select length(own) as exactness
      from unnest(s.hosts) own
      where p_host = own or p_host like '%.' || own
      order by 1 desc
      limit 1
    ) its on true
    where s.found_by = 'code' -- what was found is read by the scraper for any host
      and (its.exactness is not null or s.hosts = '{}')
    order by its.exactness desc nulls last
    limit 1
  );
end
$$;

create or replace function private.set_lifecycle(
  p_source uuid, p_to text, p_reason text, p_cycle_id text default null, p_metrics jsonb default '{}',
  p_by text default 'agent'
) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_from public.scrape_sources;
begin
  select * into v_from from public.scrape_sources where id = p_source for no key update;
  if not found
    or v_from.lifecycle = p_to
    -- A person's no stands until a person takes it back.
    or p_by = 'agent' and (not v_from.is_active or v_from.lifecycle = 'rejected')
  then
    return false;
  end if;
  perform set_config(
    'sources.change', jsonb_build_object('by', p_by, 'cycle_id', p_cycle_id, 'metrics', p_metrics)::text, true);
  update public.scrape_sources
  set lifecycle = p_to,
      lifecycle_reason = p_reason,
      updated_at = now()
  where id = p_source;
  perform set_config('sources.change', '', true);
  if p_by = 'agent' then
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    values (
      (select c.cycle_id from public.fill_cycles c where c.cycle_id = p_cycle_id),
      'lifecycle', v_from.slug, v_from.lifecycle, p_to, p_reason, p_metrics);
  end if;
  return true;
end
$$;

create or replace function private.slug_of_host(p_host text) returns text
language sql stable
set search_path = ''
as $$
  select case
    when exists (select from public.scrape_sources where slug = s.slug) then s.slug || '_' || left(md5(p_host), 8)
    else s.slug
  end
  from (select regexp_replace(p_host, '[^a-z0-9]+', '_', 'g') as slug) s
$$;

create or replace function private.source_named(p_source text) returns public.scrape_sources
language plpgsql stable
set search_path = ''
as $$
declare
  v_source public.scrape_sources;
  v_id uuid := coalesce(
    private.as_uuid(p_source),
    (select id from public.scrape_sources where slug = p_source),
    private.source_of_host(coalesce(private.url_host(private.web_address(p_source)), p_source)));
begin
  select * into v_source from public.scrape_sources where id = v_id;
  if v_source.id is null then
    raise exception 'no source "%"', left(p_source, 200)
      using errcode = '22023', hint = 'select host, state, why from source_lifecycle; or add it: select add_source_candidate(''https://…'');';
  end if;
  return v_source;
end
$$;

create or replace function private.source_of_host(p_host text) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select s.id
    from public.scrape_sources s
    cross join lateral unnest(s.hosts) own
    where s.hosts && private.parent_domains(p_host)
      and (p_host = own or p_host like '%.' || own)
    order by length(own) desc, s.found_by = 'code' desc, s.created_at
    limit 1
  );
end
$$;

create or replace function private.why_no_candidate(p_url text) returns text
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

create or replace function public.add_source_candidate(p_url text) returns uuid
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

create or replace function public.add_source_candidates(p_items jsonb, p_cycle_id text default null) returns jsonb
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

create or replace function public.approve_source(p_source text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_source public.scrape_sources := private.source_named(p_source);
  v_to text := case
    when private.is_in_service(v_source.lifecycle) then v_source.lifecycle
    when v_source.found_by = 'code' then 'active'
    when exists (select from public.listing_feeds where source = v_source.slug) then 'probation'
    else 'candidate'
  end;
begin
  perform private.set_lifecycle(v_source.id, v_to, 'approved by an operator', null, '{}', 'operator');
  update public.scrape_sources
  set next_look_at = null,
      confidence_cap = case when v_to = 'probation' and v_source.lifecycle <> 'probation' then 0.79 else confidence_cap end,
      listings_allowed = case when v_to = 'probation' and v_source.lifecycle <> 'probation' then 20 else listings_allowed end
  where id = v_source.id;
  return v_to;
end
$$;

create or replace function public.reject_source(p_source text, p_reason text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_source public.scrape_sources := private.source_named(p_source);
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception 'say why: select reject_source(%, ''reason'')', quote_literal(p_source) using errcode = '22023';
  end if;
  perform private.set_lifecycle(v_source.id, 'rejected', p_reason, null, '{}', 'operator');
  return 'rejected';
end
$$;

create or replace function public.review_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  return jsonb_build_object(
    'activated', private.review_probation(p_cycle_id),
    'second_looks', private.review_retired(p_cycle_id));
end
$$;

create or replace function public.sync_scrape_sources(p_sources jsonb) returns integer
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

alter table public.scrape_sources
  add constraint scrape_sources_listings_allowed_check check ((listings_allowed >= 0));

alter table public.scrape_sources
  add constraint scrape_sources_start_url_check check ((octet_length(start_url) <= 2048));

create view public.scrapers_ahead_of_registry with (security_invoker = true) as
select
  d.scraper_name,
  d.deployed_version,
  r.version as registered_version,
  case
    when r.version is null then 'no version was ever registered'
    else 'what it reads better is not registered: no vehicle was queued for it'
  end as meaning
from (
  select distinct on (scraper_name) scraper_name, scraper_version as deployed_version
  from public.scrape_sources
  where found_by = 'code'
  order by scraper_name, private.version_number(scraper_version) desc
) d
cross join lateral (select private.newest_version(d.scraper_name) as version) r
where r.version is null
  or private.version_number(r.version) < private.version_number(d.deployed_version)
order by d.scraper_name;

create index if not exists scrape_sources_by_host on public.scrape_sources using gin (hosts);

create index if not exists scrape_sources_by_lifecycle on public.scrape_sources using btree (lifecycle, next_look_at)
  where (lifecycle <> 'active'::text);

create trigger lifecycle_changed
  before update of lifecycle on public.scrape_sources
  for each row
  when ((new.lifecycle is distinct from old.lifecycle))
  execute function private.lifecycle_changed();

create trigger note_found
  after insert on public.scrape_sources
  for each row
  when ((new.found_by <> 'code'::text))
  execute function private.note_lifecycle();

create trigger note_lifecycle
  after update of lifecycle on public.scrape_sources
  for each row
  when ((new.lifecycle is distinct from old.lifecycle))
  execute function private.note_lifecycle();

comment on column public.scrape_sources.listings_allowed is 'In probation: so many of its listings may be queued before the next review. Null: any number.';

comment on column public.scrape_sources.next_look_at is 'Neither probed nor asked for new listings before: it refused, or is looked at again a month later. Null: at any time.';

comment on column public.scrape_sources.start_url is 'Where a probe of it begins; null: at its home page.';

comment on function private.due_listing_feeds(integer, uuid[]) is 'The feeds to check now, longest due first: those switched on, of sites that are switched on and in service; or those named.';

comment on function private.is_in_service(text) is 'Whether listings are taken from a source that has come so far.';

comment on function private.lifecycle_changed() is 'A change of lifecycle has a time, and a reason of its own.';

comment on function private.listings_of(text[], integer) is 'Listings of these hosts that were read, counted up to p_limit.';

comment on function private.note_lifecycle() is 'Writes the event of a change. Who decides with set_lifecycle() says more of it; what else changes a row is a person.';

comment on function private.parent_domains(text) is 'A host and the domains that it stands under, the longest first: {a.cars.example, cars.example, example}.';

comment on function private.review_probation(text) is 'Moves the sources whose probation is over. Gives how many.';

comment on function private.review_retired(text) is 'Gives sources that were retired a month ago a second look: one with an adapter is asked again, another is probed anew. Gives how many.';

comment on function private.set_lifecycle(uuid, text, text, text, jsonb, text) is
  'Changes how far a source is trusted, with why and the metrics behind it. The agent changes none that a person switched off, and none that was rejected: gives whether it was changed.';

comment on function private.slug_of_host(text) is 'The slug of a source that is found at this host.';

comment on function private.source_named(text) is 'A source by its id, its slug, its host or any address on it. Raises where there is none.';

comment on function private.source_of_host(text) is 'The source that a host, as source_hosts names it, belongs to: the one that names it or a parent domain of it, one with an adapter first. Null where there is none.';

comment on function private.why_no_candidate(text) is 'Why an address can be no source, by its text alone; null when it may be one.';

comment on function public.add_source_candidate(text) is 'An operator names a site: it is probed in the next cycle. Gives the id of its source, also where it is one already.';

comment on function public.add_source_candidates(jsonb, text) is 'Takes sites that the agent found as [{url, name, kind, found_by, reason}]: those of which nothing is known become candidates, at most 1,000 at a time. Gives {added: [host], known, refused: [{url, why}]}.';

comment on function public.approve_source(text) is 'An operator takes a source in, by id, slug or host: one that passed its probe goes into probation, another is probed in the next cycle, also when it had been rejected. Gives its lifecycle.';

comment on function public.reject_source(text, text) is 'An operator refuses a source, by id, slug or host: nothing is taken from it until approve_source(). Its vehicles stay.';

comment on function public.review_sources(text) is 'Moves sources on by what came of them, each with an event: out of probation, degraded and back, retired, looked at again. Gives how many of each.';

comment on function public.sync_scrape_sources(jsonb) is 'Takes the registry as [{slug, name, kind, hosts, scraper_name, scraper_version}], writes what differs, gives how many rows changed. How far a source is trusted (lifecycle, is_active) stays; those that were found follow the version of their scraper.';

comment on view public.scrapers_ahead_of_registry is 'Scrapers whose deployed code is newer than their newest registered version: scripts/deploy-scraper-version.js registers it.';

revoke all on function private.is_in_service(text) from public;

grant execute on function private.is_in_service(text) to authenticated, postgres, service_role;

revoke all on function private.lifecycle_changed() from public;

grant execute on function private.lifecycle_changed() to postgres;

revoke all on function private.listings_of(text[], integer) from public;

grant execute on function private.listings_of(text[], integer) to postgres, service_role;

revoke all on function private.note_lifecycle() from public;

grant execute on function private.note_lifecycle() to postgres;

revoke all on function private.parent_domains(text) from public;

grant execute on function private.parent_domains(text) to authenticated, postgres, service_role;

revoke all on function private.review_probation(text) from public;

grant execute on function private.review_probation(text) to postgres, service_role;

revoke all on function private.review_retired(text) from public;

grant execute on function private.review_retired(text) to postgres, service_role;

revoke all on function private.set_lifecycle(uuid, text, text, text, jsonb, text) from public;

grant execute
  on function private.set_lifecycle(uuid, text, text, text, jsonb, text)
  to postgres, service_role;

revoke all on function private.slug_of_host(text) from public;

grant execute on function private.slug_of_host(text) to postgres, service_role;

revoke all on function private.source_named(text) from public;

grant execute on function private.source_named(text) to postgres, service_role;

revoke all on function private.source_of_host(text) from public;

grant execute on function private.source_of_host(text) to authenticated, postgres, service_role;

revoke all on function private.why_no_candidate(text) from public;

grant execute on function private.why_no_candidate(text) to postgres, service_role;

revoke all on function public.add_source_candidate(text) from public;

grant execute on function public.add_source_candidate(text) to postgres, service_role;

revoke all on function public.add_source_candidates(jsonb, text) from public;

grant execute on function public.add_source_candidates(jsonb, text) to postgres, service_role;

revoke all on function public.approve_source(text) from public;

grant execute on function public.approve_source(text) to postgres, service_role;

revoke all on function public.reject_source(text, text) from public;

grant execute on function public.reject_source(text, text) to postgres, service_role;

revoke all on function public.review_sources(text) from public;

grant execute on function public.review_sources(text) to postgres, service_role;

grant select on table public.scrapers_ahead_of_registry to authenticated;

grant all on table public.scrapers_ahead_of_registry to postgres, service_role;
