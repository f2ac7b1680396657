-- Learn of new sources and fallen fields.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.unreadable_sources();

create or replace function private.fallen_fields() returns table (source text, hosts text[], fields text[])
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

create or replace function private.is_to_be_read(p_hosts text[]) returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from unnest(p_hosts) h
    join public.scrape_sources s on s.id = private.source_of_host(h)
    where s.is_active and s.lifecycle not in ('rejected', 'retired'))
$$;

create or replace function private.match_map_pages(p_job_id uuid, p_pages jsonb) returns void
language sql
set search_path = ''
as $$
  with one as (
    select r.number, min(v.id::text)::uuid as vehicle_id
    from jsonb_to_recordset(p_pages) as r(number integer, vins text[])
    join public.vehicles v on v.vin = any (r.vins)
    group by r.number
    having count(*) = 1 -- of several nobody knows which is the page's own
  )
  update public.extraction_map_pages p
  set vehicle_id = v.id,
      facts = private.held_before(v, '', 'infinity')
  from one
  join public.vehicles v on v.id = one.vehicle_id
  where p.job_id = p_job_id and p.number = one.number and p.vehicle_id is null
$$;

create or replace function private.pages_to_learn_from(p_job public.extraction_map_jobs, p_limit integer)
returns table (snapshot_id uuid, vehicle_id uuid, url text, facts jsonb, not_held text[])
language sql stable
set search_path = ''
as $$
  with read as (
    select distinct on (s.url) s.url, s.source as host, s.vehicle_id, s.outcome_code, s.created_at
    from public.scrape_steps s
    where s.created_at > now() - interval '3 days'
      and s.source = any (p_job.hosts)
      and s.step_name = 'extract_data'
      and (s.status = 'success' or s.outcome_code = 'unreadable')
      and s.url is not null
    order by s.url, s.created_at desc
  ),
  newest as (
    select r.*, p.id as snapshot_id, p.fetched_at
    from read r
    cross join lateral (
      select p.id, p.fetched_at
      from public.page_snapshots p
      where p.canonical_url = public.canonical_listing_url(r.url)
        and p.is_good
        and p.last_seen_at > r.created_at - interval '1 hour'
      order by p.last_seen_at desc
      limit 1
    ) p
    where case p_job.cause
      when 'unreadable' then r.outcome_code = 'unreadable' and r.vehicle_id is not null
      when 'new_source' then r.outcome_code = 'unreadable'
      when 'watch' then r.created_at > private.watched_since(p_job.source, p_job.id)
      else true
    end
    order by r.created_at desc, r.url
    limit 20 * p_limit
  ),
  known as (
    select
      n.*,
      private.held_before(v, n.host, n.fetched_at) as held,
      case when p_job.cause = 'unreadable' and v.id is not null then private.not_held(v, n.host) end as not_held
    from newest n
    left join public.vehicles v on v.id = n.vehicle_id
  )
  select k.snapshot_id, k.vehicle_id, k.url, coalesce(k.held, '{}'), coalesce(k.not_held, '{}')
  from known k
  where case
    when p_job.cause = 'watch' then true
    when k.vehicle_id is null then p_job.cause in ('new_source', 'manual') -- its VIN may tell which vehicle it is
    when p_job.cause = 'coverage' then exists (
      select from jsonb_each(k.held) e where e.key = any (p_job.fields) and e.value <> 'null')
    else (select count(*) from jsonb_each(k.held) e where e.value <> 'null') >= 3
  end
  order by k.vehicle_id is null, k.created_at desc, k.url
  limit p_limit
$$;

create or replace function private.queue_coverage_jobs() returns integer
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

create or replace function private.queue_map_jobs() returns integer
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

create or replace function private.unreadable_sources() returns table (source text, hosts text[], pages bigint, known bigint)
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

create or replace function public.checkpoint_map_job(
  p_job_id uuid, p_token uuid, p_step text, p_state jsonb, p_pages jsonb default '[]'
) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.extraction_map_jobs
  set step = p_step,
      state = p_state,
      steps_done = steps_done + 1,
      attempts = 1 -- it goes on: only what fails at the same step counts
  where id = p_job_id and lease_token = p_token;
  if not found then
    return false;
  end if;
  update public.extraction_map_pages p
  set page_index = r.page_index,
      left_out = r.left_out
  from jsonb_to_recordset(p_pages) as r(number integer, page_index jsonb, left_out text)
  where p.job_id = p_job_id and p.number = r.number;
  perform private.match_map_pages(p_job_id, p_pages);
  return true;
end
$$;

comment on function private.fallen_fields() is 'Sources of which a field is held of less than half as many new vehicles on the last day as in its own 14 days before, while most of the rest is read: by source_health.';

comment on function private.is_to_be_read(text[]) is 'Whether one of these hosts is of a source that is wanted.';

comment on function private.match_map_pages(uuid, jsonb) is 'Gives the pages of which no vehicle is known the one vehicle that is held with a VIN that they show, with what other sources said of it.';

comment on function private.queue_coverage_jobs() is 'Makes a job for each source of which a field is seldom read any more. Cron calls it. Gives how many.';

comment on function private.queue_map_jobs() is 'Makes a job for each source whose pages cannot be read, and for each whose maps are to be looked at. Cron calls it. Gives how many.';

comment on function private.unreadable_sources() is 'Sources of which five pages or more came on the last day, were kept, and could not be read; known: those of vehicles that are known.';

comment on function public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb) is 'Writes down what a step of a job came to, and which is next; p_pages: [{number, page_index, left_out, vins}]. False when the lease was lost.';

revoke all on function private.fallen_fields() from public;

grant execute on function private.fallen_fields() to postgres, service_role;

revoke all on function private.is_to_be_read(text[]) from public;

grant execute on function private.is_to_be_read(text[]) to postgres, service_role;

revoke all on function private.match_map_pages(uuid, jsonb) from public;

grant execute on function private.match_map_pages(uuid, jsonb) to postgres, service_role;

revoke all on function private.queue_coverage_jobs() from public;

grant execute on function private.queue_coverage_jobs() to postgres, service_role;

revoke all on function private.unreadable_sources() from public;

grant execute on function private.unreadable_sources() to postgres, service_role;

-- supabase/schemas/learning/cron.sql
select cron.schedule('queue-map-jobs', '9-59/10 * * * *', 'select private.queue_map_jobs()');
select cron.schedule('queue-coverage-jobs', '34 * * * *', 'select private.queue_coverage_jobs()');
