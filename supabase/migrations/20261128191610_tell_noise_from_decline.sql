-- Tell noise from decline.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.health_of_source(numeric, numeric, numeric, bigint, bigint, numeric, numeric);

create or replace function private.fields_that_fell(p_cycle_id text)
returns table (source_id uuid, field text, completeness numeric, usual numeric, vehicles integer)
language sql stable
set search_path = ''
as $$
  with c as (
    select k.slot, p.quality_floor
    from public.fill_cycles k
    cross join public.fill_policy p
    where k.cycle_id = p_cycle_id
  ),
  low as materialized (
    select h.source_id, f.key as field, (f.value ->> 'of')::integer as of, s.share
    from c, public.source_health h
    cross join lateral jsonb_each(h.fields) f
    cross join lateral (select (f.value ->> 'held')::numeric / (f.value ->> 'of')::numeric as share) s
    where h.cycle_id = p_cycle_id
      and h.avg_quality_score < h.baseline_quality_score - 0.005 -- whose vehicles are as ever, need not be looked through
      and (f.value ->> 'of')::integer >= 5
      and s.share < c.quality_floor
    order by (c.quality_floor - s.share) * (f.value ->> 'of')::integer desc
    limit 200
  ),
  usual as (
    select
      l.source_id, l.field,
      percentile_cont(0.5) within group (order by (h.fields -> l.field ->> 'held')::numeric / (h.fields -> l.field ->> 'of')::numeric)
        as median
    from c
    join public.fill_cycles k on k.slot < c.slot and k.slot >= c.slot - interval '14 days'
    join public.source_health h on h.cycle_id = k.cycle_id
    join low l on l.source_id = h.source_id
    where (h.fields -> l.field ->> 'of')::integer >= 5
    group by 1, 2
    having count(*) >= 3
  )
  select l.source_id, l.field, round(l.share, 4), round(u.median::numeric, 4), l.of
  from low l
  join usual u using (source_id, field)
  where l.share < u.median - 0.1
    and l.of * (u.median - l.share) >= 3 -- no matter of one or two vehicles
$$;

create or replace function private.finish_source_health(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with hosts as (
    select
      p.host,
      sum((p.counts ->> 'vehicles')::integer) as vehicles,
      sum((p.counts ->> 'asked')::integer) as asked,
      sum((p.counts ->> 'failed')::integer) as failed,
      sum((p.counts ->> 'read')::integer) as read,
      sum((p.counts ->> 'worked')::integer) as worked
    from private.fill_quality_portions p
    where p.cycle_id = p_cycle_id and p.part <> 'history'
    group by p.host
  ),
  of_host as materialized (
    select h.*, s.id as source_id
    from hosts h
    cross join lateral private.source_that_reads(h.host) s(id)
    where s.id is not null
  ),
  of_source as (
    select source_id, array_agg(host order by host) as hosts, sum(vehicles) as vehicles, sum(asked) as asked, sum(failed) as failed,
      sum(read) as read, sum(worked) as worked
    from of_host
    group by source_id
  ),
  of_field as (
    select
      o.source_id, f.key as field,
      sum((f.value ->> 'of')::integer) as of,
      sum((f.value ->> 'held')::integer) as held,
      sum((f.value ->> 'unsure')::integer) as unsure
    from private.fill_quality_portions p
    join of_host o using (host)
    cross join lateral jsonb_each(p.counts -> 'fields') f
    where p.cycle_id = p_cycle_id and p.part = 'vehicles'
    group by 1, 2
  ),
  quality as (
    select
      source_id,
      sum(held * private.field_points(field)) / sum(of * private.field_points(field)) as quality,
      jsonb_object_agg(field, jsonb_build_object('of', of, 'held', held, 'unsure', unsure)) as fields
    from of_field
    group by source_id
  ),
  usual as (
    select
      h.source_id,
      percentile_cont(0.5) within group (order by h.success_rate) filter (where h.readings >= 5) as success,
      percentile_cont(0.5) within group (order by h.avg_quality_score) filter (where h.vehicles_extracted >= 5) as quality,
      count(*) filter (where h.readings >= 5) as readings_n,
      count(*) filter (where h.vehicles_extracted >= 5) as quality_n
    from public.source_health h
    join public.fill_cycles c using (cycle_id)
    where h.source_id in (select source_id from of_source)
      and c.slot < (select slot from public.fill_cycles where cycle_id = p_cycle_id)
      and c.slot >= (select slot from public.fill_cycles where cycle_id = p_cycle_id) - interval '14 days'
    group by h.source_id
  )
  insert into public.source_health as held (
    source_id, cycle_id, vehicles_extracted, success_rate, error_rate, avg_quality_score, status, why,
    readings, requests, baseline_success_rate, baseline_quality_score, hosts, fields, last_checked
  )
  select
    m.source_id, p_cycle_id, m.vehicles, m.success, m.error, m.quality, s.status, s.why,
    m.read, m.asked, m.usual_success, m.usual_quality, m.hosts, m.fields, now()
  from (
    select
      o.source_id, o.hosts,
      coalesce(o.vehicles, 0) as vehicles, coalesce(o.read, 0) as read, coalesce(o.asked, 0) as asked,
      round(o.worked / nullif(o.read, 0)::numeric, 4) as success,
      round(o.failed / nullif(o.asked, 0)::numeric, 4) as error,
      round(q.quality, 4) as quality,
      coalesce(q.fields, '{}') as fields,
      -- What is usual shows after three cycles.
      case when u.readings_n >= 3 then round(u.success::numeric, 4) end as usual_success,
      case when u.quality_n >= 3 then round(u.quality::numeric, 4) end as usual_quality
    from of_source o
    left join quality q using (source_id)
    left join usual u using (source_id)
  ) m
  cross join lateral private.health_of_source(
    m.success, m.error, m.quality, m.read::bigint, m.asked::bigint, m.vehicles::bigint, m.usual_success, m.usual_quality) s
  on conflict (cycle_id, source_id) do update
  set vehicles_extracted = excluded.vehicles_extracted,
      success_rate = excluded.success_rate,
      error_rate = excluded.error_rate,
      avg_quality_score = excluded.avg_quality_score,
      status = excluded.status,
      why = excluded.why,
      readings = excluded.readings,
      requests = excluded.requests,
      baseline_success_rate = excluded.baseline_success_rate,
      baseline_quality_score = excluded.baseline_quality_score,
      hosts = excluded.hosts,
      fields = excluded.fields,
      last_checked = excluded.last_checked;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;

create or replace function private.health_of_source(
  p_success numeric, p_error numeric, p_quality numeric, p_readings bigint, p_requests bigint, p_vehicles bigint,
  p_usual_success numeric, p_usual_quality numeric,
  out status text, out why text
)
language sql immutable parallel safe
return (
  select (
    case
      when greatest(p_readings, p_requests) < 5 then null -- too little to say
      when w.fewer_work and p_success < 0.5 * coalesce(p_usual_success, 1) or w.most_fail and p_error > 0.9 then 'failing'
      when w.fewer_work or w.most_fail or w.less_complete then 'degraded'
      else 'healthy'
    end,
    nullif(concat_ws('; ',
      case when w.fewer_work then format('%s of 100 readings work%s', round(100 * p_success),
        case when p_usual_success is not null then format(', usually %s', round(100 * p_usual_success)) end) end,
      case when w.most_fail then format('%s of 100 requests fail', round(100 * p_error)) end,
      case when w.less_complete then format('its vehicles are complete to %s of 100, usually %s',
        round(100 * p_quality), round(100 * p_usual_quality)) end
    ), '')
  )
  from (
    select
      -- A tenth fewer than usual, and no matter of one or two pages.
      coalesce(p_success < 0.9 * coalesce(p_usual_success, 0.9)
        and p_readings * (coalesce(p_usual_success, 0.9) - p_success) >= 3, false) as fewer_work,
      coalesce(p_error > 0.5 and p_requests >= 5, false) as most_fail,
      coalesce(p_quality < 0.9 * p_usual_quality and p_vehicles >= 10, false) as less_complete
  ) w
);

comment on function
  private.health_of_source(numeric, numeric, numeric, bigint, bigint, bigint, numeric, numeric) is
  'degraded: a tenth under what is usual for it (without a history: under 0.81 of its readings work) by three readings or more, or ten vehicles that are a tenth less complete, or more than half of its requests fail. failing: under half of what is usual, or nearly no request works. Null with fewer than five readings and requests.';

revoke all
  on function
    private.health_of_source(numeric, numeric, numeric, bigint, bigint, bigint, numeric, numeric)
  from public;

grant execute
  on function
    private.health_of_source(numeric, numeric, numeric, bigint, bigint, bigint, numeric, numeric)
  to postgres, service_role;
