-- Weeks and months against what is wanted of them.

create function private.fill_by_period(p_period text)
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
comment on function private.fill_by_period(text) is
  'The cycles that have ended, a row a week or month (UTC): what came in, against their targets. A source is up in a cycle in which it is not failing; a cycle succeeds that was run, and not for errors of ours missed its target.';
grant execute on function private.fill_by_period(text) to authenticated, service_role;

create view public.fill_weekly with (security_invoker = true) as
select
  starts_on as week,
  vehicles_added, vehicles_target, on_target,
  sources_added, 10 as sources_target,
  avg_quality, quality_target,
  source_uptime, 0.95 as source_uptime_target,
  cycle_success_rate, 0.95 as cycle_success_target,
  cycles, cycles_missed
from private.fill_by_period('week')
order by week desc;
comment on view public.fill_weekly is
  'A row a week (from Monday, UTC), the newest first: vehicles added, sources taken in, mean quality, uptime of the sources (reliability) and success of the cycles (uptime), each beside what is wanted. Cycles that have not ended do not count; null was not measured.';

create view public.fill_monthly with (security_invoker = true) as
select
  m.starts_on as month,
  m.vehicles_added, m.vehicles_target, m.on_target,
  lag(m.vehicles_added) over by_month as vehicles_added_before,
  h.vehicles as vehicles_at_end,
  m.sources_added,
  m.avg_quality, m.quality_target,
  lag(m.avg_quality) over by_month as avg_quality_before,
  m.source_uptime, 0.95 as source_uptime_target,
  m.cycle_success_rate, 0.95 as cycle_success_target,
  m.cycles, m.cycles_missed, m.cycles_capacity_limited
from private.fill_by_period('month') m
left join lateral (
  select sum(s.vehicles_count) as vehicles
  from public.vehicle_score_history s
  where s.day = (
    select max(l.day)
    from public.vehicle_score_history l
    where l.day >= m.starts_on and l.day < m.starts_on + interval '1 month'
  )
) h on true
window by_month as (order by m.starts_on)
order by month desc;
comment on view public.fill_monthly is
  'A row a month (UTC), the newest first: what came in against the target and the month before (growth), how many vehicles there were at its last count, quality and the month before''s, uptime of the sources, success of the cycles, and how many cycles the workers were too slow for (scale). Null was not measured.';

grant select on public.fill_weekly, public.fill_monthly to authenticated, service_role;
