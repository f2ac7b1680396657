-- Wait for first pictures.

-- A function may name what comes below it.
set check_function_bodies = off;

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
        and coalesce(v.field_state -> 'model' ->> 'method', 'manual') not like 'manual%' as landed,
      -- What waits for its first try is not known to be missing.
      v_has_images and not ('images' = any (q.missing_fields) and exists (
        select from public.image_downloads d
        where d.vehicle_id = v.id and d.status in ('pending', 'leased') and d.attempts <= (d.status = 'leased')::integer
      )) as has_images
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
        || case when n.has_images then array['images'] else '{}' end
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
    order by source_host
    on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
  )
  select jsonb_build_object('from', n.created_at, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.created_at desc, n.id desc
  limit 1;
  return v_last;
end
$$;

create or replace function private.count_scores(p_cycle_id text, p_portion integer, p_host text, p_after uuid, p_limit integer)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_last jsonb;
begin
  delete from private.fill_quality_portions where cycle_id = p_cycle_id and part = 'history' and portion = p_portion;
  with next as materialized (
    -- Of the wide row only what stands in the index.
    select v.source_host, v.id
    from public.vehicles v
    where v.source_host is not null
      and (p_host is null or (v.source_host, v.id) > (p_host, p_after))
    order by v.source_host, v.id
    limit p_limit
  ),
  written as (
    insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
    select
      p_cycle_id, 'history', p_portion, n.source_host,
      jsonb_build_object(
        'count', count(*), 'score', sum(s.score), 'complete', count(*) filter (where s.state = 'complete'))
    from next n
    join public.micro_scrape_state s on s.vehicle_id = n.id
    group by n.source_host
    order by n.source_host
    on conflict (cycle_id, part, portion, host) do update set counts = excluded.counts
  )
  select jsonb_build_object('from', n.source_host, 'after', n.id) into v_last
  from next n
  where (select count(*) from next) = p_limit
  order by n.source_host desc, n.id desc
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
$$;

create or replace function public.act_on_quality(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_again jsonb;
  v_caps jsonb;
  v_joined integer;
begin
  if not exists (select from public.fill_cycles where cycle_id = p_cycle_id) then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  v_again := private.read_again_what_fell(p_cycle_id);
  v_caps := private.move_confidence_caps(p_cycle_id);
  v_joined := private.join_proven_vehicles(5); -- cron does the rest; each may wait a second for a lock
  if v_joined > 0 then
    insert into public.fill_decisions (cycle_id, lever, to_value, reason)
    values (p_cycle_id, 'join', v_joined::text,
      'proved to be one car by their VINs: vehicle_merges says why, unmerge_vehicle() takes it back');
  end if;
  return v_again || v_caps || jsonb_build_object('joined', v_joined);
end
$$;

comment on column public.quality_metrics.completeness is 'Held with confidence 0.5 or more, among the vehicles of the cycle to which the field applies (sample_size): which price a vehicle has goes by how it is offered, and pictures apply where some are wanted and none waits for its first try.';

comment on function private.fields_that_fell(text) is 'Of the sources whose vehicles of a cycle are less complete than usual, the fields that these hold less often than the quality floor asks, and by a tenth less than is usual for this source (median of its cycles of 14 days).';
