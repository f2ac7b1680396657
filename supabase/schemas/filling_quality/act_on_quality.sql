-- What is done about low quality. Each action is a row of fill_decisions; nothing here writes a fact.

create function private.fields_that_fell(p_cycle_id text)
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
comment on function private.fields_that_fell(text) is
  'Of the sources whose vehicles of a cycle are less complete than usual, the fields that these hold less often than the quality floor asks, and by a tenth less than is usual for this source (median of its cycles of 14 days).';
grant execute on function private.fields_that_fell(text) to service_role;

create function private.read_field_again(p_cycle_id text, p_source_id uuid, p_field text, p_limit integer)
returns table (looked_at integer, queued integer)
language plpgsql
set search_path = ''
as $$
declare
  v_lacking uuid[];
  v_done uuid[];
begin
  -- The newest of the slot: what is wrong shows in them.
  v_lacking := array(
    select v.id
    from public.fill_cycles c
    join public.source_health h on h.cycle_id = c.cycle_id and h.source_id = p_source_id
    join public.vehicles v
      on v.created_at >= c.slot and v.created_at < c.slot + interval '2 hours'
      and v.source_host = any (h.hosts)
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    where c.cycle_id = p_cycle_id
      and p_field = any (q.missing_fields || q.low_confidence_fields)
      and v.field_state -> p_field ->> 'why' is distinct from 'removed_by_hand'
    order by v.created_at desc, v.id
    limit p_limit
  );
  -- Gap filling looks at all but those that are complete without this field.
  v_done := array(
    select vehicle_id from public.micro_scrape_state
    where vehicle_id = any (v_lacking) and state = 'complete'
  );
  looked_at := public.reopen_micro_scrape(array(
    select vehicle_id from public.micro_scrape_state
    where vehicle_id = any (v_lacking) and state in ('waiting', 'exhausted')
  ));
  queued := public.queue_vehicles_for_backfill(v_done, 'quality_fell', 8, 'database-fill-agent');
  return next;
end
$$;
comment on function private.read_field_again(text, uuid, text, integer) is
  'Has the vehicles of a cycle and source that lack a field read again: by gap filling, or by backfill those that are complete without it. Gives how many of each.';
grant execute on function private.read_field_again(text, uuid, text, integer) to service_role;

create function private.read_again_what_fell(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  f record;
  n record;
  v_looked_at integer := 0;
  v_queued integer := 0;
begin
  for f in
    select t.*, s.slug
    from private.fields_that_fell(p_cycle_id) t
    join public.scrape_sources s on s.id = t.source_id
    where t.field <> 'images' -- pictures are downloaded by their own worker
      and not exists ( -- once a day
        select from public.fill_decisions d
        where d.lever in ('micro_scrape', 'backfill')
          and d.subject = s.slug || ' ' || t.field
          and d.decided_at > now() - interval '1 day'
      )
    order by (t.usual - t.completeness) * t.vehicles desc
    limit 10
  loop
    select * into n from private.read_field_again(p_cycle_id, f.source_id, f.field, 200);
    insert into public.fill_decisions (cycle_id, lever, subject, to_value, reason, metrics)
    select
      p_cycle_id, d.lever, f.slug || ' ' || f.field, d.count::text,
      format('%s of %s is held by %s of 100 vehicles, usually by %s: %s', f.field, f.slug,
        round(100 * f.completeness), round(100 * f.usual), d.what),
      jsonb_build_object('completeness', f.completeness, 'usual', f.usual, 'vehicles', f.vehicles)
    from (values
      ('micro_scrape', n.looked_at, n.looked_at || ' are looked at again'),
      ('backfill', n.queued, n.queued || ' that are complete without it are read again')
    ) d(lever, count, what)
    where d.count > 0;
    v_looked_at := v_looked_at + n.looked_at;
    v_queued := v_queued + n.queued;
  end loop;
  return jsonb_build_object('micro_scrape', v_looked_at, 'backfill', v_queued);
end
$$;
comment on function private.read_again_what_fell(text) is
  'For the ten fields and sources that fell furthest: has at most 200 vehicles of each read again, once a day. Gives {micro_scrape, backfill}: how many.';
grant execute on function private.read_again_what_fell(text) to service_role;

create function public.act_on_quality(p_cycle_id text) returns jsonb
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
comment on function public.act_on_quality(text) is
  'After measure_fill_quality(): has read again what fell below the floor and below what is usual for its source, believes sources less or more by what audits say, and joins vehicles that are proved to be one car. Gives how many of each: {micro_scrape, backfill, caps_lowered, caps_raised, joined}. Every action is a row of fill_decisions; a person''s value is never touched.';
revoke execute on function public.act_on_quality(text) from public, anon, authenticated;
grant execute on function public.act_on_quality(text) to service_role;
