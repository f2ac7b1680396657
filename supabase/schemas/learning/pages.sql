-- The pages that a job learns from, and what is held of their vehicles from before or elsewhere.

create function private.learnable_fields() returns text[]
language sql immutable parallel safe
return array[
  'year', 'make', 'model', 'trim', 'vin', 'mileage', 'color', 'interior_color', 'engine', 'transmission', 'drivetrain',
  'body_style', 'sale_price', 'high_bid', 'asking_price', 'currency', 'sale_date', 'seller_name', 'location'];
comment on function private.learnable_fields() is 'The fields of which a page can show the place.';
grant execute on function private.learnable_fields() to service_role;

create function private.held_before(v public.vehicles, p_host text, p_page_at timestamptz) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_object_agg(f, held.value), '{}')
  from (select to_jsonb(v) - 'description' as row_) r
  cross join lateral unnest(private.learnable_fields()) f
  cross join lateral (
    select nullif(r.row_ -> f, 'null') as value, v.field_state -> f as state
  ) held
  where case
    when held.value is null then held.state ->> 'why' = 'absent_at_source'
    else coalesce((held.state ->> 'confidence')::numeric, 0) >= 0.8
      and (
        held.state ->> 'source' is distinct from p_host
        or coalesce((held.state ->> 'page_at')::timestamptz, '-infinity') < p_page_at)
  end
$$;
comment on function private.held_before(public.vehicles, text, timestamptz) is
  'What is held of a vehicle with confidence 0.8 or more from another source, or from a page before p_page_at; null for what its source does not state.';
grant execute on function private.held_before(public.vehicles, text, timestamptz) to service_role;

create function private.not_held(v public.vehicles, p_host text) returns text[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(f order by f), '{}')
  from unnest(private.learnable_fields()) f
  where v.field_state -> 'year' ->> 'source' = p_host
    and v.field_state -> f is null
    and nullif(to_jsonb(v) -> f, 'null') is null
$$;
comment on function private.not_held(public.vehicles, text) is
  'The fields that are not held of a vehicle although pages of this host were read: most of them stated none.';
grant execute on function private.not_held(public.vehicles, text) to service_role;

create function private.watched_since(p_source text, p_but uuid) returns timestamptz
language sql stable
set search_path = ''
as $$
  select greatest(
    (select min(m.serving_at) from public.extraction_maps m where m.source = p_source and m.status = 'serving'),
    (select max(j.created_at) from public.extraction_map_jobs j
     where j.source = p_source and j.cause = 'watch' and j.id is distinct from p_but))
$$;
comment on function private.watched_since(text, uuid) is
  'Since when no job has looked at the maps that serve a source, but for the job p_but; null where none serves.';
grant execute on function private.watched_since(text, uuid) to service_role;

create function private.pages_to_learn_from(p_job public.extraction_map_jobs, p_limit integer)
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
comment on function private.pages_to_learn_from(public.extraction_map_jobs, integer) is
  'The newest pages of a job''s source that were kept, with what is held of their vehicles: for unreadable only those that could not be read.';
grant execute on function private.pages_to_learn_from(public.extraction_map_jobs, integer) to service_role;

create function public.sample_map_pages(p_job_id uuid, p_token uuid, p_limit integer default 40) returns integer
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_count integer;
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  delete from public.extraction_map_pages where job_id = j.id;
  insert into public.extraction_map_pages (job_id, number, snapshot_id, vehicle_id, url, facts, not_held)
  select j.id, row_number() over () - 1, p.snapshot_id, p.vehicle_id, p.url, p.facts, p.not_held
  from private.pages_to_learn_from(j, case when j.cause = 'watch' then least(20, p_limit) else p_limit end) p;
  get diagnostics v_count = row_count;
  update public.extraction_map_jobs
  set step = case when cause = 'watch' or state ? 'map_ids' then 'compare' else 'index' end,
      steps_done = steps_done + 1
  where id = j.id;
  return v_count;
end
$$;
comment on function public.sample_map_pages(uuid, uuid, integer) is
  'The first step of a job: chooses its pages. Gives how many, or null when the lease was lost.';
revoke execute on function public.sample_map_pages(uuid, uuid, integer) from public;
grant execute on function public.sample_map_pages(uuid, uuid, integer) to service_role;
