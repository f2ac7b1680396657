-- When a map is learned, or looked at.

create function private.reading_source(p_host text) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    (select s.slug
     from public.scrape_sources s
     where s.found_by = 'code' and s.hosts && private.parent_domains(p_host)
     order by s.slug
     limit 1),
    p_host);
end
$$;
comment on function private.reading_source(text) is
  'The source of a host as an extraction names it: the slug of its adapter, or the host itself where the general one reads.';
grant execute on function private.reading_source(text) to authenticated, service_role;

create function private.may_learn(p_source text) returns boolean
language sql stable
set search_path = ''
as $$
  select not exists (
    select from public.extraction_map_jobs j where j.source = p_source and j.status in ('pending', 'processing')
  ) and coalesce((
    -- The more often nothing came of it on one day, the longer until the next try.
    select max(j.processed_at) + interval '10 minutes' * 2 ^ least(count(*), 7)
    from public.extraction_map_jobs j
    where j.source = p_source and j.cause <> 'watch' and j.created_at > now() - interval '1 day'
  ), '-infinity') < now()
$$;
comment on function private.may_learn(text) is
  'Whether a job may be made for a source: none is open, and after those of the last day there was a pause of 20, 40, 80 … minutes.';
grant execute on function private.may_learn(text) to service_role;

create function private.unreadable_sources() returns table (source text, hosts text[], pages bigint, known bigint)
language sql stable
set search_path = ''
as $$
  with by_host as (
    select s.source as host, s.url, max(s.created_at) as at, bool_or(s.vehicle_id is not null) as is_known
    from public.scrape_steps s
    where s.created_at > now() - interval '1 day'
      and s.status = 'failed'
      and s.outcome_code = 'unreadable'
      and s.url is not null
    group by s.source, s.url
  ),
  kept as (
    select private.reading_source(b.host) as source, b.*
    from by_host b
    where exists (
      select from public.page_snapshots p
      where p.canonical_url = public.canonical_listing_url(b.url)
        and p.is_good
        and p.last_seen_at > b.at - interval '1 hour')
  )
  select k.source, array_agg(distinct k.host), count(*), count(*) filter (where k.is_known)
  from kept k
  -- What a map that serves was not there to read says nothing against it.
  where k.at > coalesce((
    select max(m.serving_at) + interval '10 minutes' from public.extraction_maps m
    where m.source = k.source and m.status = 'serving'), '-infinity')
  group by k.source
  having count(*) >= 5
$$;
comment on function private.unreadable_sources() is
  'Sources of which five pages or more came on the last day, were kept, and could not be read; known: those of vehicles that are known.';
grant execute on function private.unreadable_sources() to service_role;

create function private.is_to_be_read(p_hosts text[]) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from unnest(p_hosts) h
    join public.scrape_sources s on s.id = private.source_of_host(h)
    where s.is_active and s.lifecycle not in ('rejected', 'retired'))
$$;
comment on function private.is_to_be_read(text[]) is 'Whether one of these hosts is of a source that is wanted.';
grant execute on function private.is_to_be_read(text[]) to service_role;

create function private.fallen_fields() returns table (source text, hosts text[], fields text[])
language sql stable
set search_path = ''
as $$
  with counted as (
    select
      h.source_id, f.key as field,
      sum((f.value ->> 'of')::integer) filter (where h.last_checked > now() - interval '1 day') as of_now,
      sum((f.value ->> 'held')::integer) filter (where h.last_checked > now() - interval '1 day') as held_now,
      sum((f.value ->> 'of')::integer) filter (where h.last_checked <= now() - interval '1 day') as of_before,
      sum((f.value ->> 'held')::integer) filter (where h.last_checked <= now() - interval '1 day') as held_before
    from public.source_health h
    cross join lateral jsonb_each(h.fields) f
    where h.last_checked > now() - interval '15 days'
      and f.key = any (private.learnable_fields())
    group by h.source_id, f.key
  ),
  fallen as (
    select
      c.source_id,
      array_agg(c.field order by c.field) filter (where c.is_fallen) as fields,
      count(*) filter (where not c.is_fallen) as still_read
    from (
      select
        x.source_id, x.field,
        -- What was seldom stated before says nothing.
        x.held_before >= 0.3 * x.of_before and x.held_now * x.of_before < 0.5 * x.held_before * x.of_now as is_fallen
      from counted x
      where x.of_now >= 20 and x.of_before >= 30
    ) c
    group by c.source_id
  )
  select private.reading_source(s.hosts[1]), s.hosts, f.fields
  from fallen f
  join public.scrape_sources s on s.id = f.source_id
  where f.fields <> '{}'
    and f.still_read >= cardinality(f.fields)
    and s.hosts <> '{}' -- the one for any host is many sites
    and s.is_active
    and not exists (
      select from public.extraction_maps m where m.source = private.reading_source(s.hosts[1]) and m.status = 'serving')
$$;
comment on function private.fallen_fields() is
  'Sources of which a field is held of less than half as many new vehicles on the last day as in its own 14 days before, while most of the rest is read: by source_health.';
grant execute on function private.fallen_fields() to service_role;

create function private.watched_sources() returns table (source text, hosts text[])
language sql stable
set search_path = ''
as $$
  select m.source, array_agg(distinct h order by h)
  from public.extraction_maps m
  cross join lateral unnest(m.hosts) h
  where m.status = 'serving'
    and not exists (
      select from public.extraction_map_jobs j
      where j.source = m.source
        and (j.status in ('pending', 'processing') or j.cause = 'watch' and j.created_at > now() - interval '15 minutes'))
    -- Five pages that came since the last look.
    and (select count(*) from (
      select from public.scrape_steps s
      where s.created_at > private.watched_since(m.source, null)
        and s.created_at > now() - interval '1 day'
        and s.source = any (m.hosts)
        and s.step_name = 'extract_data'
      limit 5) newest) = 5
  group by m.source
$$;
comment on function private.watched_sources() is
  'Sources with a map that serves, of which five pages came since it was last looked at.';
grant execute on function private.watched_sources() to service_role;

create function private.queue_map_jobs() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with unreadable as materialized (
    select
      u.source, u.hosts,
      case when u.known >= 5 then 'unreadable' else 'new_source' end as cause
    from private.unreadable_sources() u
    where private.may_learn(u.source)
      and (u.known >= 5 or private.is_to_be_read(u.hosts) and not exists (
        select from public.extraction_map_jobs j
        where j.source = u.source and j.cause = 'new_source' and j.created_at > now() - interval '1 day'))
  )
  insert into public.extraction_map_jobs (source, hosts, cause)
  select u.source, u.hosts, u.cause
  from unreadable u
  union all
  select w.source, w.hosts, 'watch'
  from private.watched_sources() w
  where w.source not in (select u.source from unreadable u)
  on conflict do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.queue_map_jobs() is
  'Makes a job for each source whose pages cannot be read, and for each whose maps are to be looked at. Cron calls it. Gives how many.';
grant execute on function private.queue_map_jobs() to service_role;

create function private.queue_coverage_jobs() returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  insert into public.extraction_map_jobs (source, hosts, cause, fields)
  select f.source, f.hosts, 'coverage', f.fields
  from private.fallen_fields() f
  where private.may_learn(f.source)
  on conflict do nothing;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.queue_coverage_jobs() is
  'Makes a job for each source of which a field is seldom read any more. Cron calls it. Gives how many.';
grant execute on function private.queue_coverage_jobs() to service_role;

create function public.learn_extraction_map(p_host text) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.reading_source(p_host);
  v_id uuid;
begin
  insert into public.extraction_map_jobs (source, hosts, cause)
  values (
    v_source,
    coalesce((select s.hosts from public.scrape_sources s where s.slug = v_source and s.found_by = 'code'), array[p_host]),
    'manual')
  on conflict (source) where status in ('pending', 'processing') do nothing
  returning id into v_id;
  if v_id is null then
    select id into v_id from public.extraction_map_jobs where source = v_source and status in ('pending', 'processing');
  end if;
  return v_id;
end
$$;
comment on function public.learn_extraction_map(text) is
  'By hand: learns a map for the source of a host from its snapshots. Gives the job, also when one is under way.';
revoke execute on function public.learn_extraction_map(text) from public;
grant execute on function public.learn_extraction_map(text) to service_role;
