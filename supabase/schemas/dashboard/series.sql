-- Charts: the samples of a range, one step after the other.

create function private.range_step(p_range text) returns text
language sql immutable parallel safe
return case p_range when '3h' then 'minute' when '2d' then 'hour' when '7d' then 'hour' else 'day' end;
comment on function private.range_step(text) is 'Of which steps a chart of a range is made.';

create function private.range_begin(p_range text) returns timestamptz
language sql stable
set search_path = ''
as $$
  select case p_range
    when '3h' then date_trunc('minute', now(), 'UTC') - interval '3 hours'
    when '2d' then date_trunc('hour', now(), 'UTC') - interval '2 days'
    when '7d' then date_trunc('hour', now(), 'UTC') - interval '7 days'
    when '60d' then date_trunc('day', now(), 'UTC') - interval '60 days'
    else greatest(
      coalesce(
        (select min(s.at) from public.dashboard_samples s where s.step = 'day'),
        date_trunc('day', now(), 'UTC')),
      date_trunc('day', now(), 'UTC') - interval '10 years')
  end
$$;
comment on function private.range_begin(text) is 'When a range begins, at a full step; all begins with the first day that was sampled.';

create function private.series(
  p_series text, p_subjects text[], p_range text, p_unit text, p_is_gauge boolean default false, p_names text[] default null
) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_step text := private.range_step(p_range);
  v_begin timestamptz := private.range_begin(p_range);
  v_steps timestamptz[] := array(select g.at from generate_series(v_begin, now(), ('1 ' || v_step)::interval) g(at) order by g.at);
begin
  return (
    with held as materialized (
      select s.subject, s.at, s.value
      from public.dashboard_samples s
      where s.series = p_series and s.subject = any (p_subjects || ''::text) and s.step = v_step and s.at >= v_begin
    )
    select jsonb_build_object(
      'name', p_series,
      'unit', p_unit,
      'kind', case when p_is_gauge then 'gauge' else 'sum' end,
      'step', v_step,
      'x', (select jsonb_agg(extract(epoch from t.at)::bigint order by t.at) from unnest(v_steps) t(at)),
      'y', coalesce((
        select jsonb_agg(jsonb_build_object(
          'subject', coalesce(p_names[s.n], nullif(s.subject, ''), 'all'),
          'values', (
            -- Where all together were counted, a subject without a row had none.
            select jsonb_agg(coalesce(h.value, case when not p_is_gauge and a.value is not null then 0 end) order by t.n)
            from unnest(v_steps) with ordinality t(at, n)
            left join held h on h.subject = s.subject and h.at = t.at
            left join held a on a.subject = '' and a.at = t.at)
        ) order by s.n)
        from unnest(p_subjects) with ordinality s(subject, n)), '[]'))
  );
end
$$;
comment on function private.series(text, text[], text, text, boolean, text[]) is
  'A chart: the values of some subjects over a range, all at the same steps, null where it was not sampled, as {name, unit, kind, step, x, y: [{subject, values}]}.';

create function private.top_subjects(p_series text, p_limit integer default 5) returns text[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    select s.subject
    from public.dashboard_samples s
    where s.step = 'day'
      and s.at in (date_trunc('day', now(), 'UTC'), date_trunc('day', now() - interval '1 day', 'UTC'))
      and s.series = p_series
      and s.subject <> ''
    group by s.subject
    order by sum(s.value) desc, s.subject
    limit p_limit
  );
end
$$;
comment on function private.top_subjects(text, integer) is 'The sites that had most of a series today and yesterday.';

create function private.last_days(p_series text[], p_subjects text[])
returns table (subject text, series text, today double precision, yesterday double precision)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return query
    select
      s.subject, s.series,
      sum(s.value) filter (where s.at = date_trunc('day', now(), 'UTC')),
      sum(s.value) filter (where s.at < date_trunc('day', now(), 'UTC'))
    from public.dashboard_samples s
    where s.series = any (p_series)
      and s.subject = any (p_subjects)
      and s.step = 'day'
      and s.at >= date_trunc('day', now() - interval '1 day', 'UTC')
    group by s.subject, s.series;
end
$$;
comment on function private.last_days(text[], text[]) is
  'What some subjects had of some series today and yesterday (UTC); null, or no row, where nothing was counted.';

grant execute on function
  private.range_step(text),
  private.range_begin(text),
  private.series(text, text[], text, text, boolean, text[]),
  private.top_subjects(text, integer),
  private.last_days(text[], text[])
to authenticated, service_role;
