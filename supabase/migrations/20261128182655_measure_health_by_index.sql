-- Measure health by index.

-- A function may name what comes below it.
set check_function_bodies = off;

alter table public.source_health
  drop constraint source_health_cycle_id_source_id_key;

create or replace function private.count_quality_of_vehicles(
  p_cycle_id text, p_portion integer, p_from timestamptz, p_until timestamptz, p_after uuid, p_limit integer
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_has_images boolean := (select galleries <> 'none' from public.fill_policy);
  v_last jsonb;
begin
  delete from private.fill_quality_portions where cycle_id = p_cycle_id and part = 'vehicles' and portion = p_portion;
  with next as materialized (
    select
      v.id, v.created_at, v.source_host,
      private.price_field(v.sale_status) as price,
      q.missing_fields, q.low_confidence_fields,
      v.year is not null and v.make is not null and v.model is not null
        and coalesce(v.field_state -> 'year' ->> 'method', 'manual') not like 'manual%'
        and coalesce(v.field_state -> 'make' ->> 'method', 'manual') not like 'manual%'
        and coalesce(v.field_state -> 'model' ->> 'method', 'manual') not like 'manual%' as landed
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where v.created_at >= p_from
      and v.created_at < p_until
      and (p_after is null or (v.created_at, v.id) > (p_from, p_after))
      and v.source_host is not null
    order by v.created_at, v.id
    limit p_limit
  ),
  counted as (
    select
      n.source_host, f.field,
      count(*) as of,
      count(*) filter (where f.field <> all (n.missing_fields || n.low_confidence_fields)) as held,
      count(*) filter (where f.field = any (n.low_confidence_fields)) as unsure
    from next n
    cross join lateral unnest(
      array['year', 'make', 'model', 'vin', n.price, 'description', 'mileage', 'color', 'engine', 'transmission']
        || case when v_has_images then array['images'] else '{}' end
    ) f(field)
    where n.landed
    group by 1, 2
  ),
  written as (
    insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
    select
      p_cycle_id, 'vehicles', p_portion, source_host,
      jsonb_build_object(
        'vehicles', max(of), -- the year applies to each
        'fields', jsonb_object_agg(field, jsonb_build_object('of', of, 'held', held, 'unsure', unsure)))
    from counted
    group by source_host
  )
  select jsonb_build_object('from', n.created_at, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.created_at desc, n.id desc
  limit 1;
  return v_last;
end
$$;

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
      and (f.value ->> 'of')::integer >= 5
      and s.share < c.quality_floor
    order by (c.quality_floor - s.share) * (f.value ->> 'of')::integer desc
    limit 1000
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
$$;

create or replace function private.fill_by_period(p_period text)
returns table (
  starts_on date, vehicles_added bigint, vehicles_target bigint, on_target boolean,
  sources_added bigint, avg_quality numeric, quality_target numeric, source_uptime numeric, cycle_success_rate numeric,
  cycles bigint, cycles_missed bigint, cycles_capacity_limited bigint
)
language sql stable
set search_path = ''
as $$
  with cycles as (
    select
      date_trunc(p_period, c.slot at time zone 'UTC')::date as starts_on,
      sum(c.vehicles_added) as added,
      sum(c.target) as target,
      sum(c.data_quality_score * c.vehicles_added) filter (where c.vehicles_added > 0)
        / sum(c.vehicles_added) filter (where c.data_quality_score is not null and c.vehicles_added > 0) as quality,
      count(*) as cycles,
      count(*) filter (where c.status = 'missed') as missed,
      count(*) filter (where c.status = 'completed' and c.verdict is distinct from 'faulty') as worked,
      count(*) filter (where c.verdict = 'capacity_limited') as capacity_limited
    from public.fill_cycles c
    where c.status <> 'running'
    group by 1
  ),
  up as (
    select
      date_trunc(p_period, c.slot at time zone 'UTC')::date as starts_on,
      count(*) filter (where h.status <> 'failing') / count(*)::numeric as share
    from public.source_health h
    join public.fill_cycles c using (cycle_id)
    where h.status is not null
    group by 1
  ),
  taken_in as (
    -- A source that was found is taken in once, when its listings begin to be taken.
    select date_trunc(p_period, f.at at time zone 'UTC')::date as starts_on, count(*) as sources
    from (
      select e.source_id, min(e.at) as at
      from public.source_lifecycle_events e
      where private.is_in_service(e.to_lifecycle) and e.from_lifecycle in ('candidate', 'probing')
      group by e.source_id
    ) f
    group by 1
  )
  select
    c.starts_on, c.added, c.target, coalesce(c.added, 0) >= c.target, coalesce(t.sources, 0),
    round(c.quality, 2), round(p.quality_floor, 2), round(u.share, 3), round(c.worked / c.cycles::numeric, 3),
    c.cycles, c.missed, c.capacity_limited
  from cycles c
  cross join public.fill_policy p
  left join up u using (starts_on)
  left join taken_in t using (starts_on)
$$;

create or replace function public.measure_fill_quality(p_cycle_id text, p_cursor jsonb default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_part text := coalesce(p_cursor ->> 'part', 'vehicles');
  v_portion integer := coalesce((p_cursor ->> 'portion')::integer, 0);
  v_from text := p_cursor ->> 'from';
  v_after uuid := (p_cursor ->> 'after')::uuid;
  v_enough timestamptz := clock_timestamp() + interval '300 milliseconds';
  v_until timestamptz;
  v_start timestamptz;
  v_day date;
  v_last jsonb;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  if v_part not in ('vehicles', 'counts', 'history', 'sources', 'fields') then
    raise exception 'a cursor of measure_fill_quality has no part "%"', v_part using errcode = '22023';
  end if;
  v_day := (c.slot at time zone 'UTC')::date;
  v_until := least(c.slot + interval '2 hours', now());
  if p_cursor is null then -- from its beginning, whatever was left of another time
    delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  end if;

  while v_part in ('vehicles', 'counts', 'history') and clock_timestamp() < v_enough loop
    if v_part = 'counts' then -- five minutes of the slot at a time
      v_start := c.slot + v_portion * interval '5 minutes';
      perform private.count_requests_of_cycle(p_cycle_id, v_portion, v_start, least(v_start + interval '5 minutes', v_until));
      perform private.count_readings_of_cycle(p_cycle_id, v_portion, v_start, least(v_start + interval '5 minutes', v_until));
      v_last := case when v_portion < 23 then '{}' end;
    elsif v_part = 'vehicles' then
      v_last := private.count_quality_of_vehicles(
        p_cycle_id, v_portion, coalesce(v_from::timestamptz, c.slot), v_until, v_after, 5000);
    else
      v_last := private.count_scores(p_cycle_id, v_portion, v_from, v_after, 10000);
    end if;
    v_from := v_last ->> 'from';
    v_after := (v_last ->> 'after')::uuid;
    v_portion := v_portion + 1;
    if v_last is null then
      v_part := case
        when v_part = 'vehicles' then 'counts'
        when v_part = 'counts' and not exists (select from public.vehicle_score_history where day = v_day) then 'history'
        else 'sources'
      end;
      v_portion := 0;
    end if;
  end loop;

  if v_part = 'sources' and p_cursor ->> 'part' = 'sources' then -- a call of its own
    perform private.finish_source_health(p_cycle_id);
    v_part := 'fields';
  end if;
  if p_cursor ->> 'part' is distinct from 'fields' then
    return jsonb_build_object('done', false, 'cursor', jsonb_strip_nulls(jsonb_build_object(
      'part', v_part, 'portion', v_portion, 'from', v_from, 'after', v_after)));
  end if;

  perform private.finish_quality_metrics(p_cycle_id, v_until);
  perform private.finish_score_history(p_cycle_id, v_day);
  delete from private.fill_quality_portions where cycle_id = p_cycle_id;
  perform private.prune_fill_quality(10000);
  return jsonb_build_object('done', true, 'cursor', null) || (
    select jsonb_build_object(
      'sources', count(h.id),
      'data_quality_score', k.data_quality_score,
      'vehicles', (select coalesce(sum(vehicles_extracted), 0) from public.source_health where cycle_id = p_cycle_id),
      'healthy', count(*) filter (where h.status = 'healthy'),
      'degraded', count(*) filter (where h.status = 'degraded'),
      'failing', count(*) filter (where h.status = 'failing'))
    from public.fill_cycles k
    left join public.source_health h using (cycle_id)
    where k.cycle_id = p_cycle_id
    group by k.data_quality_score
  );
end
$$;

alter table public.source_health
  add
    constraint source_health_cycle_id_source_id_readings_success_rate_vehi_key unique (cycle_id, source_id)
    include (readings, success_rate, vehicles_extracted, avg_quality_score);
