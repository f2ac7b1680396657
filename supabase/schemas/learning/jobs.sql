-- The steps of a job, each written down under its lease.

create function private.match_map_pages(p_job_id uuid, p_pages jsonb) returns void
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
comment on function private.match_map_pages(uuid, jsonb) is
  'Gives the pages of which no vehicle is known the one vehicle that is held with a VIN that they show, with what other sources said of it.';
grant execute on function private.match_map_pages(uuid, jsonb) to service_role;

create function public.checkpoint_map_job(
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
comment on function public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb) is
  'Writes down what a step of a job came to, and which is next; p_pages: [{number, page_index, left_out, vins}]. False when the lease was lost.';

create function public.finish_map_job(p_job_id uuid, p_token uuid, p_result text) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  update public.extraction_map_jobs
  set step = 'done',
      result = p_result,
      state = state - 'learned',
      steps_done = steps_done + 1
  where id = p_job_id and lease_token = p_token;
  if not found then
    return false;
  end if;
  delete from public.extraction_map_pages where job_id = p_job_id;
  perform private.settle_queue_row('extraction_map_jobs', p_job_id, p_token, 'ok', null, null);
  return true;
end
$$;
comment on function public.finish_map_job(uuid, uuid, text) is
  'Ends a job with its result in words. False when the lease was lost.';

create function public.write_extraction_maps(p_job_id uuid, p_token uuid, p_maps jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_version integer;
  v_ids uuid[];
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  v_version := coalesce((select max(version) from public.extraction_maps where source = j.source), 0) + 1;
  with written as (
    insert into public.extraction_maps
      (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, learned_from)
    select
      j.source, j.hosts, m.template, v_version,
      case when m.confidence >= 0.75 and cardinality(m.fields) > 0 then 'shadow' else 'draft' end,
      j.cause, m.rules, m.fields, m.support, m.held_out, m.errors, m.learned_from
    from jsonb_to_recordset(p_maps) as m(
      template text, confidence numeric, rules jsonb, fields text[], support integer, held_out integer, errors integer,
      learned_from uuid[])
    returning id
  )
  select coalesce(array_agg(id), '{}') into v_ids from written;
  update public.extraction_map_jobs
  set step = 'compare',
      state = jsonb_build_object('map_ids', v_ids),
      steps_done = steps_done + 1,
      attempts = 1
  where id = j.id;
  return cardinality(v_ids);
end
$$;
comment on function public.write_extraction_maps(uuid, uuid, jsonb) is
  'Writes what a job has learned, a map a template: in shadow where its surest rule is held with 0.75 or more, else a draft. Gives how many, or null when the lease was lost.';

create function public.settle_map_comparisons(
  p_job_id uuid, p_token uuid, p_comparisons jsonb, p_pages integer, p_adapter_reads integer
) returns text
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_result text;
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  insert into public.extraction_map_comparisons
    (map_id, snapshot_id, field_name, map_value, other_value, agrees, while_serving)
  select c.map_id, c.snapshot_id, c.field_name, c.map_value, c.other_value, c.agrees, j.cause = 'watch'
  from jsonb_to_recordset(p_comparisons) as c(
    map_id uuid, snapshot_id uuid, field_name text, map_value text, other_value text, agrees boolean)
  on conflict do nothing;
  v_result := case
    when j.cause = 'watch' then private.judge_serving_maps(j.source, p_pages, p_adapter_reads)
    else private.judge_shadow_maps(j, p_adapter_reads)
  end;
  if v_result is null then -- there is too little to compare it with as yet
    delete from public.extraction_map_pages where job_id = j.id;
    -- Of the pages that it compared nothing is kept but what was compared.
    update public.extraction_map_jobs
    set step = 'sample', state = jsonb_build_object('map_ids', state -> 'map_ids'), steps_done = steps_done + 1
    where id = j.id;
    perform public.release_queue('extraction_map_jobs', jsonb_build_array(jsonb_build_object(
      'id', j.id, 'lease_token', p_token, 'retry_at', now() + interval '15 minutes',
      'error', 'in shadow: fewer than 20 pages were read by the adapter, too')));
    return 'in shadow';
  end if;
  perform public.finish_map_job(j.id, p_token, v_result);
  return v_result;
end
$$;
comment on function public.settle_map_comparisons(uuid, uuid, jsonb, integer, integer) is
  'The last step of a job: what its maps read beside what the adapter reads. Decides what serves and what is retired, and gives it in words; null when the lease was lost.';

create function public.map_job_pages(p_job_id uuid, p_from integer, p_limit integer) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(n) order by n.number), '[]')
  from (
    select
      p.number, p.url, p.facts,
      to_jsonb(s) - 'is_good' - 'last_seen_at' || '{"last_seen_ms_ago": 0}' as snapshot
    from public.extraction_map_pages p
    join public.page_snapshots s on s.id = p.snapshot_id
    where p.job_id = p_job_id and p.number >= p_from and p.left_out is null
    order by p.number
    limit p_limit
  ) n
$$;
comment on function public.map_job_pages(uuid, integer, integer) is
  'The next pages of a job, but for those that are left out: [{number, url, facts, snapshot}].';

revoke execute on function
  public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb),
  public.finish_map_job(uuid, uuid, text),
  public.write_extraction_maps(uuid, uuid, jsonb),
  public.settle_map_comparisons(uuid, uuid, jsonb, integer, integer),
  public.map_job_pages(uuid, integer, integer)
from public;
grant execute on function
  public.checkpoint_map_job(uuid, uuid, text, jsonb, jsonb),
  public.finish_map_job(uuid, uuid, text),
  public.write_extraction_maps(uuid, uuid, jsonb),
  public.settle_map_comparisons(uuid, uuid, jsonb, integer, integer),
  public.map_job_pages(uuid, integer, integer)
to service_role;
