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

create function private.series_values(p_series text, p_subject text, p_step text, p_steps timestamptz[], p_zero boolean)
returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_agg(coalesce(s.value, case when p_zero and a.value is not null then 0 end) order by t.n)
  from unnest(p_steps) with ordinality t(at, n)
  left join public.dashboard_samples s
    on s.series = p_series and s.subject = p_subject and s.step = p_step and s.at = t.at
  -- Where all together were counted, a subject without a row had none.
  left join public.dashboard_samples a
    on p_zero and a.series = p_series and a.subject = '' and a.step = p_step and a.at = t.at
$$;
comment on function private.series_values(text, text, text, timestamptz[], boolean) is
  'The values of a series at these steps; null where it was not sampled.';

create function private.series(
  p_series text, p_subjects text[], p_range text, p_unit text, p_is_gauge boolean default false, p_names text[] default null
) returns jsonb
language sql stable
set search_path = ''
as $$
  with steps as materialized (
    select array_agg(g.at order by g.at) as at
    from generate_series(
      private.range_begin(p_range), now(), ('1 ' || private.range_step(p_range))::interval) g(at)
  )
  select jsonb_build_object(
    'name', p_series,
    'unit', p_unit,
    'kind', case when p_is_gauge then 'gauge' else 'sum' end,
    'step', private.range_step(p_range),
    'x', (select jsonb_agg(extract(epoch from u.at)::bigint order by u.at) from unnest(steps.at) u(at)),
    'y', coalesce((
      select jsonb_agg(jsonb_build_object(
        'subject', coalesce(p_names[s.n], nullif(s.subject, ''), 'all'),
        'values', private.series_values(p_series, s.subject, private.range_step(p_range), steps.at, not p_is_gauge)
      ) order by s.n)
      from unnest(p_subjects) with ordinality s(subject, n)), '[]'))
  from steps
$$;
comment on function private.series(text, text[], text, text, boolean, text[]) is
  'A chart: the values of some subjects over a range, all at the same steps, as {name, unit, kind, step, x, y: [{subject, values}]}.';

create function private.top_subjects(p_series text, p_limit integer default 5) returns text[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(t.subject order by t.value desc, t.subject), '{}')
  from (
    select s.subject, sum(s.value) as value
    from public.dashboard_samples s
    where s.step = 'day'
      and s.at in (date_trunc('day', now(), 'UTC'), date_trunc('day', now() - interval '1 day', 'UTC'))
      and s.series = p_series
      and s.subject <> ''
    group by s.subject
    order by 2 desc, 1
    limit p_limit
  ) t
$$;
comment on function private.top_subjects(text, integer) is 'The sites that had most of a series today and yesterday.';

create function private.day_sum(p_series text, p_subject text, p_days_ago integer) returns double precision
language sql stable
set search_path = ''
as $$
  select s.value
  from public.dashboard_samples s
  where s.series = p_series and s.subject = p_subject and s.step = 'day'
    and s.at = date_trunc('day', now(), 'UTC') - p_days_ago * interval '1 day'
$$;
comment on function private.day_sum(text, text, integer) is 'The sum of a day (UTC), so many days ago; null when none of it was counted.';

grant execute on function
  private.range_step(text),
  private.range_begin(text),
  private.series_values(text, text, text, timestamptz[], boolean),
  private.series(text, text[], text, text, boolean, text[]),
  private.top_subjects(text, integer),
  private.day_sum(text, text, integer)
to authenticated, service_role;
