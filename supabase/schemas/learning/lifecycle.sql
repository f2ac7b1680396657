-- What serves, and what no longer does.

create function private.map_scraper(p_source text) returns text
language sql immutable parallel safe
return 'map:' || p_source;
comment on function private.map_scraper(text) is
  'Under which name of a scraper the maps of a source are registered, so that its pages are read again from snapshots.';
grant execute on function private.map_scraper(text) to authenticated, service_role;

create function private.serve_extraction_maps(p_map_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  m record;
begin
  update public.extraction_maps
  set status = 'serving', serving_at = now()
  where id = any (p_map_ids) and status = 'shadow';

  for m in -- one source: the maps of a job
    select s.source, s.version, min(s.hosts) as hosts, array_agg(distinct f order by f) as fields
    from public.extraction_maps s
    cross join lateral unnest(s.fields) f
    where s.id = any (p_map_ids)
    group by s.source, s.version
  loop
    -- What the new ones were learned for is what the old ones did not read.
    update public.extraction_maps
    set status = 'retired', retired_at = now(), retired_because = format('replaced by version %s', m.version)
    where source = m.source
      and version < m.version
      and (status in ('draft', 'shadow') or status = 'serving' and id in (
        select replaced::uuid
        from public.extraction_maps n
        cross join lateral jsonb_array_elements_text(coalesce(n.rules -> 'replaces', '[]')) replaced
        where n.id = any (p_map_ids)));

    perform public.register_scraper_version(
      private.map_scraper(m.source), format('v%s.0.0', m.version), m.fields, 2,
      p_description => format('extraction map %s of %s', m.version, m.source));
    update public.extraction_maps s
    set scraper_version_id = v.id
    from public.scraper_versions v
    where s.id = any (p_map_ids)
      and v.scraper_name = private.map_scraper(m.source)
      and v.version = format('v%s.0.0', m.version);

    -- Listings that could not be read when they came in.
    update public.import_queue
    set status = 'pending', next_attempt_at = null
    where id in (
      select q.id
      from public.import_queue q
      where q.status in ('pending', 'failed')
        and q.outcome_code = 'unreadable'
        and private.url_host(q.listing_url) = any (m.hosts)
      order by q.id
      limit 10000
      for update skip locked);
  end loop;
end
$$;
comment on function private.serve_extraction_maps(uuid[]) is
  'Lets maps of one job read pages: retires those that they replace, registers a scraper version, so that snapshots are read again, and makes listings due that could not be read.';

create function public.retire_extraction_map(p_map_id uuid, p_because text default 'retired by hand') returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.extraction_maps
  set status = 'retired', retired_at = now(), retired_because = p_because
  where id = p_map_id and status <> 'retired';
  return found;
end
$$;
comment on function public.retire_extraction_map(uuid, text) is
  'Takes a map out of service, for good; what it read stays. False when it was retired already.';

create function private.drop_contradicted_fields(p_map_ids uuid[], p_while_serving boolean) returns void
language sql
set search_path = ''
as $$
  with contradicted as (
    select c.map_id, array_agg(c.field_name) as fields
    from (
      select x.map_id, x.field_name
      from public.extraction_map_comparisons x
      where x.map_id = any (p_map_ids) and x.agrees is not null and x.while_serving = p_while_serving
      group by x.map_id, x.field_name
      -- In shadow one is enough; of many readings while it serves, two and one in twenty.
      having count(*) filter (where not x.agrees) >= case when p_while_serving then greatest(2, 0.05 * count(*)) else 1 end
    ) c
    group by c.map_id
  ),
  left_over as (
    select m.id, array(select f from unnest(m.fields) f where f <> all (c.fields) order by f) as fields, c.fields as gone
    from public.extraction_maps m
    join contradicted c on c.map_id = m.id
    where m.status in ('shadow', 'serving') and m.fields && c.fields
  )
  update public.extraction_maps m
  set fields = l.fields,
      status = case when l.fields = '{}' then 'retired' else m.status end,
      retired_at = case when l.fields = '{}' then now() end,
      retired_because = case when l.fields = '{}' then 'contradicted: ' || array_to_string(l.gone, ', ') end
  from left_over l
  where m.id = l.id
$$;
comment on function private.drop_contradicted_fields(uuid[], boolean) is
  'Takes out of maps the fields in which what else reads their pages disagrees; a map that has none left is retired.';

create function private.judge_shadow_maps(j public.extraction_map_jobs, p_adapter_reads integer) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := array(select id::uuid from jsonb_array_elements_text(j.state -> 'map_ids') id);
  v_served uuid[];
  v_drafts integer;
begin
  perform private.drop_contradicted_fields(v_ids, false);
  v_served := array(
    select m.id
    from public.extraction_maps m
    where m.id = any (v_ids)
      and m.status = 'shadow'
      -- Nothing else reads its pages: then what was held out speaks for it.
      and (p_adapter_reads = 0 or (
        select count(distinct c.snapshot_id)
        from public.extraction_map_comparisons c
        where c.map_id = m.id and c.agrees is not null) >= 20));
  perform private.serve_extraction_maps(v_served);
  if exists (select from public.extraction_maps m where m.id = any (v_ids) and m.status = 'shadow') then
    if j.created_at > now() - interval '1 day' then
      return null;
    end if;
    update public.extraction_maps
    set status = 'retired', retired_at = now(), retired_because = 'a day in shadow, and too little to compare it with'
    where id = any (v_ids) and status = 'shadow';
  end if;
  select count(*) into v_drafts from public.extraction_maps m where m.id = any (v_ids) and m.status = 'draft';
  return format('%s of %s maps serve%s', cardinality(v_served), cardinality(v_ids),
    case when v_drafts > 0 then format('; %s drafts: too few pages to be sure', v_drafts) else '' end);
end
$$;
comment on function private.judge_shadow_maps(public.extraction_map_jobs, integer) is
  'Which maps of a job serve: nothing contradicts them on 20 pages that the adapter reads too, or it reads none. Null: not decided yet.';

create function private.judge_serving_maps(p_source text, p_pages integer, p_adapter_reads integer) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[] := array(select m.id from public.extraction_maps m where m.source = p_source and m.status = 'serving');
  v_retired integer;
begin
  perform private.drop_contradicted_fields(v_ids, true);
  if p_adapter_reads >= 5 and p_adapter_reads >= 0.8 * p_pages then
    perform public.retire_extraction_map(m.id, format('the adapter reads %s of %s pages again', p_adapter_reads, p_pages))
    from public.extraction_maps m
    where m.id = any (v_ids) and m.status = 'serving';
  end if;
  select count(*) into v_retired from public.extraction_maps m where m.id = any (v_ids) and m.status = 'retired';
  return format('%s of %s maps retired; the adapter read %s of %s pages', v_retired, cardinality(v_ids), p_adapter_reads, p_pages);
end
$$;
comment on function private.judge_serving_maps(text, integer, integer) is
  'Looks at the maps that serve a source: what is contradicted goes, and all go when the adapter reads what they read.';

create function public.serving_extraction_maps(p_known text default null) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object('version', v.version, 'maps', case when v.version is distinct from p_known then (
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', m.id, 'source', m.source, 'version', m.version, 'fields', m.fields, 'rules', m.rules) order by m.id), '[]')
    from public.extraction_maps m
    where m.status = 'serving') end)
  from (
    select coalesce(md5(string_agg(m.id::text || m.fields::text, ' ' order by m.id)), 'none') as version
    from public.extraction_maps m
    where m.status = 'serving'
  ) v
$$;
comment on function public.serving_extraction_maps(text) is
  'The maps that read pages now, as {version, maps}; maps is null when that is the version which the caller knows.';

create function public.extraction_maps_of_job(p_job_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', m.id, 'source', m.source, 'version', m.version, 'fields', m.fields, 'rules', m.rules) order by m.id), '[]')
  from public.extraction_map_jobs j
  join public.extraction_maps m on m.source = j.source
    and case when j.cause = 'watch' then m.status = 'serving' else j.state -> 'map_ids' ? m.id::text end
  where j.id = p_job_id
$$;
comment on function public.extraction_maps_of_job(uuid) is
  'The maps that a job compares: those that it learned, or, for a watch, those that serve. As serving_extraction_maps() gives them.';

revoke execute on function
  public.retire_extraction_map(uuid, text),
  public.serving_extraction_maps(text),
  public.extraction_maps_of_job(uuid)
from public;
grant execute on function
  private.serve_extraction_maps(uuid[]),
  public.retire_extraction_map(uuid, text),
  private.drop_contradicted_fields(uuid[], boolean),
  private.judge_shadow_maps(public.extraction_map_jobs, integer),
  private.judge_serving_maps(text, integer, integer),
  public.serving_extraction_maps(text),
  public.extraction_maps_of_job(uuid)
to service_role;
