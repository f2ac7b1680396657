-- What a cycle and a day came to, in the words of the document that asked for it.

create function private.utc_text(p_at timestamptz) returns text
language sql stable parallel safe
set search_path = ''
return to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
comment on function private.utc_text(timestamptz) is 'A time as 2025-12-24T18:00:00Z.';
grant execute on function private.utc_text(timestamptz) to authenticated, service_role;

create function public.fill_cycle_report(p_cycle_id text) returns json
language plpgsql stable
set search_path = ''
as $$
declare
  c public.fill_cycles;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  return json_build_object(
    'cycle_id', c.cycle_id,
    'started_at', private.utc_text(c.started_at),
    'completed_at', private.utc_text(c.completed_at),
    'vehicles_added', c.vehicles_added,
    'vehicles_queued', c.vehicles_queued,
    'total_progress', c.vehicles_added + c.vehicles_queued,
    'target', c.target,
    'on_target', c.on_target,
    'data_quality', round(c.data_quality_score, 2),
    'sources_active', c.sources_active,
    'sources_discovered', c.sources_discovered,
    'next_cycle', private.utc_text(c.slot + interval '2 hours')
  );
end
$$;
comment on function public.fill_cycle_report(text) is
  'What a cycle came to. total_progress is the sum of what was added and queued, for show: on_target goes by vehicles_added alone. What was not measured is null. (json keeps the order of the keys.)';
revoke execute on function public.fill_cycle_report(text) from public, anon, authenticated;
grant execute on function public.fill_cycle_report(text) to authenticated, service_role;

create function public.fill_daily_report(p_date date default null) returns json
language sql stable
set search_path = ''
as $$
  with day as (
    select coalesce(p_date, (now() at time zone 'UTC')::date) as date
  ),
  cycles as (
    select c.*
    from day
    join public.fill_cycles c
      on c.slot >= day.date::timestamp at time zone 'UTC'
      and c.slot < (day.date + 1)::timestamp at time zone 'UTC'
  )
  select json_build_object(
    'date', (select date from day),
    'vehicles_added', sum(c.vehicles_added),
    'vehicles_queued', sum(c.vehicles_queued),
    'cycles_completed', count(*) filter (where c.status = 'completed'),
    'cycles_on_target', count(*) filter (where c.on_target),
    'avg_quality', round(
      sum(c.data_quality_score * c.vehicles_added) filter (where c.vehicles_added > 0)
        / sum(c.vehicles_added) filter (where c.data_quality_score is not null and c.vehicles_added > 0), 2),
    'sources_active', (array_agg(c.sources_active order by c.slot desc) filter (where c.sources_active is not null))[1],
    'sources_discovered', sum(c.sources_discovered),
    'status', case
      when sum(c.vehicles_added) filter (where c.status <> 'running')
        >= sum(c.target) filter (where c.status <> 'running') then 'ON_TARGET'
      when count(*) filter (where c.status <> 'running') > 0 then 'BELOW_TARGET'
    end
  )
  from cycles c
$$;
comment on function public.fill_daily_report(date) is
  'What a day (UTC; without one: today) came to. avg_quality is the mean over the vehicles that were added, sources_active as the last cycle found it. status is ON_TARGET when the cycles that have ended added what their targets sum to, else BELOW_TARGET; null when none has ended. What was not measured is null. (json keeps the order of the keys.)';
revoke execute on function public.fill_daily_report(date) from public, anon, authenticated;
grant execute on function public.fill_daily_report(date) to authenticated, service_role;
