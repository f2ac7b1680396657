-- Writing samples: each minute is added to its hour and its day at once, so that nothing has to be rolled up later.

create function private.add_samples(p_rows jsonb) returns integer
language sql
set search_path = ''
as $$
  with given as materialized (
    select
      r.series, coalesce(r.subject, '') as subject, date_trunc('minute', r.at, 'UTC') as at, sum(r.value) as value,
      coalesce(bool_or(r.by_minute), false) as by_minute, coalesce(bool_or(r.is_gauge), false) as is_gauge
    from jsonb_to_recordset(p_rows) as r(
      series text, subject text, at timestamptz, value double precision, by_minute boolean, is_gauge boolean)
    group by 1, 2, 3
  ),
  minutes as (
    insert into public.dashboard_samples (series, subject, step, at, value)
    select g.series, g.subject, 'minute', g.at, g.value from given g where g.by_minute
    on conflict (series, subject, step, at) do nothing
  ),
  longer as (
    select
      g.series, g.subject, s.step, date_trunc(s.step, g.at, 'UTC') as at, bool_or(g.is_gauge) as is_gauge,
      case when bool_or(g.is_gauge) then avg(g.value) else sum(g.value) end as value,
      count(*)::integer as samples
    from given g
    cross join (values ('hour'), ('day')) s(step)
    group by 1, 2, 3, 4
  ),
  added as (
    insert into public.dashboard_samples as held (series, subject, step, at, value, samples)
    select l.series, l.subject, l.step, l.at, l.value, l.samples from longer l where not l.is_gauge
    on conflict (series, subject, step, at) do update
    set value = held.value + excluded.value,
        samples = held.samples + excluded.samples
    returning 1
  ),
  averaged as (
    insert into public.dashboard_samples as held (series, subject, step, at, value, samples)
    select l.series, l.subject, l.step, l.at, l.value, l.samples from longer l where l.is_gauge
    on conflict (series, subject, step, at) do update
    set value = held.value + (excluded.value - held.value) * excluded.samples / (held.samples + excluded.samples),
        samples = held.samples + excluded.samples
    returning 1
  )
  select (select count(*) from added)::integer + (select count(*) from averaged)::integer
$$;
comment on function private.add_samples(jsonb) is
  'Adds minutes to the samples, [{series, subject, at, value, by_minute, is_gauge}]: to their hour and day, and as a row of their own where by_minute. Of a gauge hours and days are means. The caller sees to it that a minute is given once.';

create function private.prune_dashboard_samples(p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_minutes integer;
  v_hours integer;
begin
  delete from public.dashboard_samples
  where (series, subject, step, at) in (
    select series, subject, step, at
    from public.dashboard_samples
    where step = 'minute' and at < now() - interval '2 days'
    order by at
    limit p_limit
  );
  get diagnostics v_minutes = row_count;
  delete from public.dashboard_samples
  where (series, subject, step, at) in (
    select series, subject, step, at
    from public.dashboard_samples
    where step = 'hour' and at < now() - interval '60 days'
    order by at
    limit p_limit
  );
  get diagnostics v_hours = row_count;
  return v_minutes + v_hours;
end
$$;
comment on function private.prune_dashboard_samples(integer) is
  'Forgets minutes after two days and hours after sixty, at most so many of each. Gives how many.';

grant execute on function
  private.add_samples(jsonb),
  private.prune_dashboard_samples(integer)
to service_role;
