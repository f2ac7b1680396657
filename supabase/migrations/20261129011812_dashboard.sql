-- Dashboard.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.source_host_status;

create table public.dashboard_parts (
  part text not null,
  state jsonb,
  made_at timestamp with time zone,
  counted_to timestamp with time zone,
  took_ms numeric(10,1),
  next_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  error_message text,
  constraint dashboard_parts_error_message_check check ((error_message <> ''::text)),
  constraint dashboard_parts_part_check check ((part <> ''::text)),
  constraint dashboard_parts_pkey primary key (part),
  constraint dashboard_parts_took_ms_check check ((took_ms >= (0)::numeric))
);

alter table public.dashboard_parts
  enable row level security;

create table public.dashboard_samples (
  series text not null,
  subject text not null default ''::text,
  step text not null,
  at timestamp with time zone not null,
  value double precision not null,
  samples integer not null default 1,
  constraint a_step_begins_on_its_full_minute_hour_or_day check ((at = date_trunc(step, at, 'UTC'::text))),
  constraint dashboard_samples_pkey primary key (series, subject, step, at),
  constraint dashboard_samples_samples_check check ((samples > 0)),
  constraint dashboard_samples_series_check
    check
    ((series = any (array['vehicles_added'::text, 'listings_found'::text, 'images_stored'::text,
    'requests'::text,
    'requests_served'::text,
    'requests_refused'::text,
    'requests_failed'::text,
    'bytes_fetched'::text,
    'bytes_stored'::text,
    'invocations'::text,
    'queue_done'::text,
    'queue_due'::text,
    'queue_waiting'::text, 'queue_oldest_seconds'::text, 'dead_letters'::text, 'conflicts'::text]))),
  constraint dashboard_samples_step_check
    check ((step = any (array['minute'::text, 'hour'::text, 'day'::text])))
);

alter table public.dashboard_samples
  enable row level security;

alter table public.dashboard_samples
  set (fillfactor=80);

create table public.operator_actions (
  id bigint generated always as identity not null,
  operator_id uuid not null,
  at timestamp with time zone not null default now(),
  action text not null,
  subject text,
  args jsonb not null default '{}'::jsonb,
  before jsonb,
  after jsonb,
  outcome text not null,
  said text not null,
  constraint operator_actions_action_check check ((action <> ''::text)),
  constraint operator_actions_args_check check ((jsonb_typeof(args) = 'object'::text)),
  constraint operator_actions_outcome_check
    check
    ((outcome = any (array['done'::text, 'nothing_to_do'::text, 'already_done'::text, 'changed'::text,
    'refused'::text, 'failed'::text]))),
  constraint operator_actions_pkey primary key (id),
  constraint operator_actions_said_check check ((said <> ''::text)),
  constraint operator_actions_subject_check check ((subject <> ''::text))
);

alter table public.operator_actions
  enable row level security;

create or replace function private.activity_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with last as materialized (
    select a.*, private.operator_name(a.operator_id) as operator from public.operator_actions a order by a.at desc, a.id desc limit 50
  )
  select jsonb_build_object(
    'at', null,
    'state', 'ok',
    'says', coalesce((
      select format('%s, last by %s', private.counted_words((
          select count(*) from (select from public.operator_actions a where a.at > now() - interval '1 day' limit 10000) d), 'action in 24 hours', 'actions in 24 hours'),
        l.operator)
      from last l order by l.at desc, l.id desc limit 1), 'No operator has done anything here yet.'),
    'summary', '{}'::jsonb,
    'rows', coalesce((
      select jsonb_agg(private.panel_row(
        l.id::text, case l.outcome when 'done' then 'ok' when 'failed' then 'bad' else 'idle' end, replace(l.outcome, '_', ' '),
        l.action, l.said,
        jsonb_build_object('action_id', l.id, 'at', l.at, 'operator', l.operator, 'action', l.action, 'subject', l.subject,
          'outcome', l.outcome, 'said', l.said, 'before', l.before, 'after', l.after, 'args', l.args),
        null, l.at, null, null, '[]',
        case when private.as_uuid(l.args ->> 'p_vehicle_id') is not null then jsonb_build_object('vehicle', l.args ->> 'p_vehicle_id') end
      ) order by l.at desc, l.id desc)
      from last l), '[]'),
    'rows_left', null,
    'series', '[]'::jsonb,
    'empty', case when not exists (select from last) then 'What operators do here is listed, with who did it and how it stood before.' end)
$$;

create or replace function private.add_samples(p_rows jsonb) returns integer
language sql
set search_path = ''
as $$
  with given as materialized (
    select
      r.series, coalesce(r.subject, '') as subject, date_trunc('minute', r.at, 'UTC') as at, sum(r.value) as value,
      bool_or(r.by_minute) as by_minute, bool_or(r.is_gauge) as is_gauge
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

create or replace function private.cost_of_days(p_from timestamptz)
returns table (day timestamptz, requests numeric, gb_fetched numeric, gb_stored numeric, invocations numeric, price numeric)
language sql stable
set search_path = ''
as $$
  with rates as (
    select private.rate_of('request') as request, private.rate_of('gb_fetched') as gb_fetched,
      private.rate_of('gb_stored_month') as gb_stored, private.rate_of('invocation') as invocation
  ),
  days as (
    select s.at,
      coalesce(sum(s.value) filter (where s.series = 'requests'), 0)::numeric as requests,
      coalesce(sum(s.value) filter (where s.series = 'bytes_fetched'), 0)::numeric / 1e9 as gb_fetched,
      coalesce(sum(s.value) filter (where s.series = 'bytes_stored'), 0)::numeric / 1e9 as gb_stored,
      coalesce(sum(s.value) filter (where s.series = 'invocations'), 0)::numeric as invocations
    from public.dashboard_samples s
    where s.subject = '' and s.step = 'day' and s.at >= p_from
      and s.series in ('requests', 'bytes_fetched', 'bytes_stored', 'invocations')
    group by s.at
  )
  select d.at, d.requests, d.gb_fetched, d.gb_stored, d.invocations,
    case when coalesce(r.request, r.gb_fetched, r.gb_stored, r.invocation) is not null then
      d.requests * coalesce(r.request, 0) + d.gb_fetched * coalesce(r.gb_fetched, 0)
        + d.gb_stored * coalesce(r.gb_stored, 0) + d.invocations * coalesce(r.invocation, 0) end
  from days d
  cross join rates r
$$;

create or replace function private.count_part(p_part text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_began timestamptz := clock_timestamp();
  -- What a transaction of now will commit has a time of before: a minute is counted when it is over for a minute.
  v_last timestamptz := date_trunc('minute', now()) - interval '1 minute';
  v_from timestamptz;
  v_to timestamptz;
  v_error text;
  v_took numeric;
begin
  select counted_to into v_from from public.dashboard_parts where part = p_part;
  v_from := coalesce(v_from, date_trunc('day', now() - interval '1 day', 'UTC'));
  v_to := least(v_from + interval '1 hour', v_last);
  if v_from >= v_to then
    return true;
  end if;
  begin
    perform private.count_samples(p_part, v_from, v_to);
  exception when others then
    v_error := format('%s (%s)', sqlerrm, sqlstate);
    v_to := v_from;
  end;
  v_took := 1000 * extract(epoch from clock_timestamp() - v_began);
  insert into public.dashboard_parts as held (part, made_at, counted_to, took_ms, next_at, error_message)
  values (
    p_part, now(), v_to, v_took, now() + greatest(interval '30 seconds', interval '1 millisecond' * v_took * 200), v_error)
  on conflict (part) do update
  set made_at = excluded.made_at,
      counted_to = excluded.counted_to,
      took_ms = excluded.took_ms,
      next_at = excluded.next_at,
      error_message = excluded.error_message;
  return v_error is null;
end
$$;

create or replace function private.count_samples(p_part text, p_from timestamptz, p_to timestamptz) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_series text[] := case p_part
    when 'vehicles' then array['vehicles_added']
    when 'listings' then array['listings_found']
    when 'requests' then array['requests', 'requests_served', 'requests_refused', 'requests_failed', 'bytes_fetched']
    when 'files' then array['images_stored', 'bytes_stored']
    when 'invocations' then array['invocations']
    when 'work' then array['queue_done']
  end;
  v_rows jsonb;
begin
  execute format(
    $sql$
      with counted as materialized (select series, subject, at, value from private.%I($1, $2))
      select jsonb_agg(to_jsonb(r))
      from (
        select c.*, $4 = 'work' as by_minute, false as is_gauge from counted c where c.subject <> ''
        union all
        -- All together has a row in each minute, also where nothing came: what was counted is 0, what was not has no row.
        select s.series, '', m.at, coalesce(sum(c.value), 0), true, false
        from unnest($3) s(series)
        cross join generate_series($1, $2 - interval '1 minute', interval '1 minute') m(at)
        left join counted c on c.series = s.series and c.at = m.at
        group by s.series, m.at
      ) r
    $sql$, 'counted_' || p_part)
  into v_rows
  using p_from, p_to, v_series, p_part;
  return private.add_samples(coalesce(v_rows, '[]'));
end
$$;

create or replace function private.counted_files(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  with kept as (
    select coalesce(v.source_host, 'by hand') as host, date_trunc('minute', i.created_at) as minute, count(*) as images, sum(i.bytes) as bytes
    from public.vehicle_images i
    join public.vehicles v on v.id = i.vehicle_id
    where i.created_at >= p_from and i.created_at < p_to
    group by 1, 2
    union all
    select private.url_host(s.canonical_url), date_trunc('minute', s.fetched_at), 0, sum(s.stored_bytes)
    from public.page_snapshots s
    where s.fetched_at >= p_from and s.fetched_at < p_to
    group by 1, 2
  )
  select s.series, k.host, k.minute, sum(s.value)
  from kept k
  cross join lateral (values ('images_stored', k.images), ('bytes_stored', k.bytes)) s(series, value)
  where s.value > 0
  group by 1, 2, 3
$$;

create or replace function private.counted_invocations(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  with recursive names as (
    -- The index begins with the name: so many looks as there are functions, not as there are calls.
    select min(i.function_name) as name from public.worker_invocations i
    union all
    select (select min(i.function_name) from public.worker_invocations i where i.function_name > n.name)
    from names n
    where n.name is not null
  )
  select 'invocations', '', date_trunc('minute', i.invoked_at), count(*)
  from names n
  join public.worker_invocations i
    on i.function_name = n.name and i.invoked_at >= p_from and i.invoked_at < p_to
  group by 3
$$;

create or replace function private.counted_listings(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  select 'listings_found', coalesce(private.url_host(q.listing_url), 'unknown'), date_trunc('minute', q.created_at), count(*)
  from public.import_queue q
  where q.created_at >= p_from and q.created_at < p_to
  group by 2, 3
$$;

create or replace function private.counted_requests(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  select s.series, c.host, c.minute, s.value
  from (
    select
      coalesce(a.host, a.source) as host,
      date_trunc('minute', a.created_at) as minute,
      count(*) as requests,
      count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone')) as served,
      count(*) filter (where a.outcome in ('blocked', 'robots_disallowed', 'rate_limited')) as refused,
      count(*) filter (where a.outcome in ('timeout', 'network', 'server_error')) as failed,
      sum(a.bytes) as bytes
    from public.scraping_health a
    where a.created_at >= p_from and a.created_at < p_to
    group by 1, 2
  ) c
  cross join lateral (values
    ('requests', c.requests), ('requests_served', c.served), ('requests_refused', c.refused), ('requests_failed', c.failed),
    ('bytes_fetched', c.bytes)
  ) s(series, value)
  where s.value > 0
$$;

create or replace function private.counted_vehicles(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  select 'vehicles_added', coalesce(v.source_host, 'by hand'), date_trunc('minute', v.created_at), count(*)
  from public.vehicles v
  where v.created_at >= p_from and v.created_at < p_to and private.has_landed(v)
  group by 2, 3
$$;

create or replace function private.counted_words(p_count bigint, p_one text, p_many text) returns text
language sql immutable parallel safe
return case when p_count = 1 then '1 ' || p_one else coalesce(to_char(p_count, 'FM999,999,999,990'), 'no') || ' ' || p_many end;

create or replace function private.counted_work(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues order by table_name loop -- one short statement a queue table
    return query execute format(
      $sql$
        select 'queue_done', %1$L, date_trunc('minute', t.processed_at), count(*)::double precision
        from public.%1$I t
        where t.status = %2$L and t.processed_at >= $1 and t.processed_at < $2
        group by 3
      $sql$, q.table_name, q.done_status)
    using p_from, p_to;
  end loop;
end
$$;

create or replace function private.coverage_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with measured as materialized (
    select m.field_name as field, c.slot, m.completeness, m.sample_size, m.cycle_id
    from public.fill_cycles c
    join public.quality_metrics m on m.cycle_id = c.cycle_id
    where c.slot >= now() - interval '35 days' and m.completeness is not null
  ),
  last as (
    select c.cycle_id, c.slot, c.data_quality_score
    from public.fill_cycles c
    where c.data_quality_score is not null
    order by c.slot desc
    limit 1
  ),
  fields as materialized (
    select
      m.field,
      sum(m.completeness * m.sample_size) filter (where m.slot >= now() - interval '7 days')
        / nullif(sum(m.sample_size) filter (where m.slot >= now() - interval '7 days'), 0) as completeness,
      coalesce(sum(m.sample_size) filter (where m.slot >= now() - interval '7 days'), 0) as sample_size,
      sum(m.completeness * m.sample_size) filter (where m.slot < now() - interval '7 days')
        / nullif(sum(m.sample_size) filter (where m.slot < now() - interval '7 days'), 0) as baseline,
      coalesce(sum(m.sample_size) filter (where m.slot < now() - interval '7 days'), 0) as baseline_sample_size
    from measured m
    group by m.field
  ),
  judged as materialized (
    select f.*, f.completeness - f.baseline as change,
      -- A tenth of what is usual, and more than chance would do: three standard errors of the week.
      coalesce(f.completeness < f.baseline - greatest(
        0.1 * f.baseline, 3 * sqrt(f.baseline * (1 - f.baseline) / greatest(f.sample_size, 1))), false) as fell,
      a.accuracy, a.accuracy_sample_size, a.issues
    from fields f
    left join last l on true
    left join public.quality_metrics a on a.cycle_id = l.cycle_id and a.field_name = f.field
  ),
  days as materialized (
    select m.field, date_trunc('day', m.slot, 'UTC') as day,
      sum(m.completeness * m.sample_size) / sum(m.sample_size) as completeness
    from measured m
    group by 1, 2
  ),
  shown_days as (
    select d.day from days d group by d.day
  )
  select jsonb_build_object(
    'at', l.slot + interval '2 hours',
    'state', case when j.fields = 0 then 'unknown' when j.fell > 0 then 'bad' else 'ok' end,
    'says', case
      when j.fields = 0 then 'Not measured yet: each cycle in which vehicles come in measures it.'
      when j.fell > 0 then (
        select format('%s is held by %s of 100 vehicles of this week, usually %s%s', w.field, round(100 * w.completeness), round(100 * w.baseline),
          case when j.fell > 1 then format(' (and %s more fell)', j.fell - 1) else '' end)
        from judged w where w.fell order by w.change limit 1)
      when j.compared = 0 then format('%s measured; what is usual is known after a week', private.counted_words(j.fields, 'field is', 'fields are'))
      else 'No field fell against its four weeks before.'
    end,
    'summary', jsonb_build_object(
      'data_quality_score', l.data_quality_score, 'cycle_id', l.cycle_id,
      'fell', coalesce((select jsonb_agg(w.field order by w.change) from judged w where w.fell), '[]')),
    'rows', coalesce((
      select jsonb_agg(private.panel_row(
        w.field,
        case when w.fell then 'bad' when w.change < -0.02 then 'warn' when w.completeness is null then 'idle' else 'ok' end,
        case when w.fell then 'fell' when w.completeness is null then 'not measured' when w.baseline is null then 'new' when w.change > 0.02 then 'rose' else 'usual' end,
        w.field,
        case when w.completeness is null then 'no vehicle of this week to which it applies'
          else format('%s of 100 hold it%s', round(100 * w.completeness), coalesce(format(', usually %s', round(100 * w.baseline)), '')) end,
        jsonb_build_object(
          'field', w.field, 'completeness', round(w.completeness, 4), 'baseline', round(w.baseline, 4), 'change', round(w.change, 4),
          'sample_size', w.sample_size, 'baseline_sample_size', w.baseline_sample_size,
          'accuracy', w.accuracy, 'accuracy_n', w.accuracy_sample_size, 'issues', to_jsonb(w.issues)),
        nullif(array_to_string(w.issues, '; '), ''), null, null,
        format('select slot, completeness, sample_size, issues from quality_metrics join fill_cycles using (cycle_id) where field_name = %L order by slot desc limit 20;', w.field)
      ) order by w.fell desc, w.change nulls last, w.field)
      from judged w), '[]'),
    'rows_left', 0,
    'series', jsonb_build_array(jsonb_build_object(
      'name', 'completeness', 'unit', 'share', 'kind', 'gauge', 'step', 'day',
      'x', coalesce((select jsonb_agg(extract(epoch from s.day)::bigint order by s.day) from shown_days s), '[]'),
      'y', coalesce((
        select jsonb_agg(jsonb_build_object('subject', w.field, 'values', (
          select jsonb_agg(round(d.completeness, 4) order by s.day)
          from shown_days s left join days d on d.day = s.day and d.field = w.field)) order by w.fell desc, w.change nulls last, w.field)
        from judged w), '[]'))),
    'empty', case when j.fields = 0 then 'database-fill-agent measures it at the end of each cycle in which vehicles came in.' end)
  from (select count(*) as fields, count(*) filter (where fell) as fell, count(change) as compared from judged) j
  left join last l on true
$$;

create or replace function private.cycle_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with now_stands as (
    select s.state, s.added, s.target, s.projected, s.verdict, s.cycle_id, s.slot, s.next, s.next_at, s.since, s.why, s.what_to_type
    from jsonb_to_record(private.part_state('cycle')) as s(
      state text, slot timestamptz, cycle_id text, added integer, target integer, projected integer, verdict text,
      next text, next_at timestamptz, since timestamptz, why text, what_to_type text)
  ),
  last as (
    select c.* from public.fill_cycles c order by c.slot desc limit 24
  ),
  policy as (
    select (to_jsonb(p) - 'only_row' - 'updated_at') || jsonb_build_object('seen', private.policy_seen(p)) as row, p.is_enabled
    from public.fill_policy p
  )
  select jsonb_build_object(
    'at', (select made_at from public.dashboard_parts where part = 'cycle'),
    'state', case
      when s.state is null then 'unknown'
      when s.state in ('stuck', 'failing') then 'bad'
      when s.state = 'off' then 'idle'
      when s.projected < s.target then 'warn'
      else 'ok'
    end,
    'says', case
      when s.state is null then 'Not measured yet.'
      when s.state = 'off' then 'An operator switched the fill agent off.'
      else format('%s of %s in this slot%s%s',
        to_char(s.added, 'FM999,999,990'), private.counted_words(s.target, 'vehicle', 'vehicles'),
        coalesce(format(', %s at this rate', to_char(s.projected, 'FM999,999,990')), ''),
        case when s.state in ('stuck', 'failing') then format(': %s, %s', s.state, s.why)
          when s.verdict is not null then format(': %s', replace(s.verdict, '_', ' ')) else '' end)
    end,
    'summary', jsonb_build_object(
      'slot', s.slot, 'cycle_id', s.cycle_id, 'status', s.state, 'added', s.added, 'target', s.target,
      'projected', s.projected, 'verdict', s.verdict, 'next', s.next, 'next_at', s.next_at, 'why', s.why,
      'what_to_type', s.what_to_type, 'policy', p.row,
      'next_actions', coalesce((
        select to_jsonb(l.next_actions) from last l where l.status = 'completed' and l.verdict is not null order by l.slot desc limit 1), '[]')),
    'rows', (
      select coalesce(jsonb_agg(private.panel_row(
        l.cycle_id,
        case when l.status = 'missed' then 'bad' when l.on_target is false then 'warn' when l.on_target then 'ok' else 'idle' end,
        case when l.status = 'completed' then case when l.on_target then 'on target' else coalesce(replace(l.verdict, '_', ' '), 'below target') end else l.status end,
        private.utc_text(l.slot),
        case when l.status = 'missed' then 'nobody ran it'
          else format('%s of %s added', coalesce(l.vehicles_added::text, 'not yet counted'), l.target) end,
        jsonb_build_object(
          'slot', l.slot, 'status', l.status, 'added', l.vehicles_added, 'target', l.target, 'on_target', l.on_target,
          'verdict', l.verdict, 'queued', l.vehicles_queued, 'data_quality_score', l.data_quality_score,
          'next_actions', to_jsonb(l.next_actions)),
        nullif(array_to_string(l.errors, '; '), ''), l.started_at, l.completed_at,
        format('node scripts/fill-report.js --cycle %s', l.cycle_id)
      ) order by l.slot desc), '[]')
      from last l),
    'rows_left', null,
    'series', jsonb_build_array(private.series('vehicles_added', array[''], p_range, 'vehicles')),
    'empty', case when not exists (select from last) then 'No cycle has begun yet: the first begins at the next even hour (UTC).' end)
  from policy p
  left join now_stands s on true
$$;

create or replace function private.dashboard_panels() returns text[]
language sql immutable parallel safe
return array['running', 'cycle', 'supply', 'queues', 'hosts', 'sources', 'coverage', 'truth', 'maps', 'money'];

create or replace function private.day_sum(p_series text, p_subject text, p_days_ago integer) returns double precision
language sql stable
set search_path = ''
as $$
  select s.value
  from public.dashboard_samples s
  where s.series = p_series and s.subject = p_subject and s.step = 'day'
    and s.at = date_trunc('day', now(), 'UTC') - p_days_ago * interval '1 day'
$$;

create or replace function private.did(
  p_outcome text, p_said text, p_subject text, p_before jsonb default null, p_after jsonb default null,
  p_by uuid default null, p_at timestamptz default null
) returns jsonb
language sql immutable parallel safe
return jsonb_build_object(
  'outcome', p_outcome, 'said', p_said, 'subject', p_subject, 'before', p_before, 'after', p_after, 'by', p_by, 'at', p_at
);

create or replace function private.do_add_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := public.add_source_candidate(p_args ->> 'p_url');
  v public.scrape_sources;
begin
  select * into v from public.scrape_sources where id = v_id;
  return private.did('done', format('%s is a %s: it is probed when its turn comes', coalesce(v.hosts[1], v.slug), v.lifecycle), 'source ' || v.slug,
    null, jsonb_build_object('source_id', v_id, 'lifecycle', v.lifecycle));
end
$$;

create or replace function private.do_approve_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_named(p_args ->> 'p_source');
  v_to text := public.approve_source(v.id::text);
begin
  return private.did(
    case when v.lifecycle = v_to then 'nothing_to_do' else 'done' end,
    case when v.lifecycle <> v_to then format('%s is in %s now', coalesce(v.hosts[1], v.slug), v_to)
      else format('%s is in %s already', coalesce(v.hosts[1], v.slug), v_to) end,
    'source ' || v.slug, jsonb_build_object('lifecycle', v.lifecycle), jsonb_build_object('lifecycle', v_to));
end
$$;

create or replace function private.do_check_feed(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  f public.listing_feeds;
begin
  update public.listing_feeds set next_check_at = now() where id = (p_args ->> 'p_feed_id')::uuid and enabled returning * into f;
  if f.id is null then
    raise exception 'no feed that is on has the id %', p_args ->> 'p_feed_id' using errcode = '22023';
  end if;
  perform private.invoke_worker('discover-listings');
  return private.did('done', format('%s is checked in the next minutes', f.url), 'feed ' || f.id);
end
$$;

create or replace function private.do_learn_map(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(private.web_address(p_args ->> 'p_host')), p_args ->> 'p_host');
  v_job uuid;
begin
  if v_host is null or private.source_of_host(v_host) is null then
    raise exception 'no source has the host "%"', left(coalesce(v_host, ''), 200) using errcode = '22023';
  end if;
  v_job := public.learn_extraction_map(v_host);
  return private.did('done', format('the pages of %s are being learned', v_host), 'host ' || v_host, null, jsonb_build_object('job_id', v_job));
end
$$;

create or replace function private.do_redrive(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_queue text := p_args ->> 'p_queue';
  v_id uuid := (p_args ->> 'p_id')::uuid;
  v_count integer;
  v jsonb;
begin
  if v_id is not null then
    if v_queue is null then
      raise exception 'of which queue is the row %', v_id using errcode = '22023';
    end if;
    v_count := public.redrive_queue((private.queue(v_queue)).table_name, array[v_id], 1);
    v := jsonb_build_object(v_queue, v_count);
  else
    v := public.redrive_dead_letters(v_queue, p_args ->> 'p_outcome', 1000);
    select sum(value::integer) into v_count from jsonb_each_text(v);
  end if;
  -- What is shown is measured now and then: now, after what was just done.
  perform private.sample_part('dead_letters');
  perform private.sample_part('queues');
  return private.did(
    case when v_count > 0 then 'done' else 'nothing_to_do' end,
    case when v_count > 0 then format('%s put back, with fresh attempts', private.counted_words(v_count, 'row was', 'rows were'))
      when v_id is not null then 'it is not given up any more: somebody or something was first'
      else 'nothing of that stands among the dead letters' end,
    case when v_id is not null then format('%s %s', v_queue, v_id) else coalesce(v_queue, 'all queues') end, null, v);
end
$$;

create or replace function private.do_reject_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_named(p_args ->> 'p_source');
begin
  if v.lifecycle = 'rejected' then
    return private.did('nothing_to_do', format('%s is rejected already', coalesce(v.hosts[1], v.slug)), 'source ' || v.slug);
  end if;
  perform public.reject_source(v.id::text, p_args ->> 'p_reason');
  return private.did('done', format('nothing is taken from %s any more', coalesce(v.hosts[1], v.slug)), 'source ' || v.slug,
    jsonb_build_object('lifecycle', v.lifecycle), jsonb_build_object('lifecycle', 'rejected'));
end
$$;

create or replace function private.do_release_field(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v jsonb := public.release_field((p_args ->> 'p_vehicle_id')::uuid, p_args ->> 'p_field');
begin
  return private.did(
    case when (v ->> 'released')::boolean then 'done' else 'nothing_to_do' end,
    case when (v ->> 'released')::boolean then format('%s is the pages'' again: "%s"', p_args ->> 'p_field', coalesce(v ->> 'new', 'empty'))
      else format('no person has set %s', p_args ->> 'p_field') end,
    format('vehicle %s %s', p_args ->> 'p_vehicle_id', p_args ->> 'p_field'),
    jsonb_build_object('held', v -> 'old'), jsonb_build_object('held', v -> 'new'));
end
$$;

create or replace function private.do_reopen(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := (p_args ->> 'p_vehicle_id')::uuid;
  v_before jsonb := (select jsonb_build_object('state', state, 'due_at', due_at) from public.micro_scrape_state where vehicle_id = v_id);
  v_count integer := public.reopen_micro_scrape(array[v_id]);
begin
  return private.did(
    case when v_count > 0 then 'done' else 'nothing_to_do' end,
    case when v_count > 0 then 'it is looked at again, within a minute'
      when v_before is null then 'it has no listing to look at'
      else 'a worker is looking at it now' end,
    'vehicle ' || v_id, v_before, case when v_count > 0 then '{"state": "due"}'::jsonb end);
end
$$;

create or replace function private.do_resolve_candidate(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_subject text := 'pair ' || coalesce(p_args ->> 'p_id', '');
  v_decision text := case p_args ->> 'p_decision' when 'merge' then 'same_vehicle' when 'different' then 'different_vehicles' end;
  v_status text := (select status from public.vehicle_merge_candidates where id = (p_args ->> 'p_id')::uuid);
  v_other public.operator_actions;
  v jsonb;
begin
  if v_decision is null then
    raise exception 'a decision is merge or different, not "%"', p_args ->> 'p_decision' using errcode = '22023';
  end if;
  v_other := private.last_done(v_subject);
  if v_status is distinct from 'open' and v_other.id is not null then
    return private.did('already_done', format('already decided: %s', v_other.args ->> 'p_decision'), v_subject, null, null,
      v_other.operator_id, v_other.at);
  end if;
  v := public.resolve_merge_candidate((p_args ->> 'p_id')::uuid, v_decision, nullif(btrim(p_args ->> 'p_note'), ''));
  return private.did('done', case v_decision when 'same_vehicle' then 'they are one vehicle now' else 'they stay two vehicles' end,
    v_subject, null, v);
end
$$;

create or replace function private.do_resume_host(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_before jsonb := (
    select jsonb_build_object('breaker', breaker, 'opened_because', opened_because, 'retry_at', retry_at, 'retry_after', retry_after)
    from public.source_hosts where host = coalesce(private.url_host(p_args ->> 'p_host'), p_args ->> 'p_host'));
  v jsonb := public.resume_host(p_args ->> 'p_host');
begin
  perform private.sample_part('hosts_in_the_way');
  return private.did('done', format('%s is asked again', p_args ->> 'p_host'), 'host ' || (p_args ->> 'p_host'), v_before, v);
end
$$;

create or replace function private.do_retire_map(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id uuid := (p_args ->> 'p_map_id')::uuid;
  v_reason text := nullif(btrim(p_args ->> 'p_reason'), '');
  v_status text := (select status from public.extraction_maps where id = v_id);
begin
  if v_status is null then
    raise exception 'no map has the id %', v_id using errcode = '22023';
  end if;
  if not public.retire_extraction_map(v_id, coalesce(v_reason, 'retired by an operator')) then
    return private.did('nothing_to_do', 'it is retired already', 'map ' || v_id);
  end if;
  return private.did('done', 'it reads no page any more', 'map ' || v_id, jsonb_build_object('status', v_status), '{"status": "retired"}');
end
$$;

create or replace function private.do_review(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id bigint := (p_args ->> 'p_id')::bigint;
  v_decision text := p_args ->> 'p_decision';
  v_value text := nullif(btrim(p_args ->> 'p_value'), '');
  v_note text := nullif(btrim(p_args ->> 'p_note'), '');
  v_subject text := 'reading ' || v_id;
  m public.extraction_metadata;
  v public.vehicles;
  v_other public.operator_actions;
  v_held text;
  v_before jsonb;
  v_did jsonb;
begin
  if v_decision is null or v_decision not in ('accept', 'reject', 'correct') then
    raise exception 'a decision is accept, reject or correct, not "%"', v_decision using errcode = '22023';
  end if;
  if v_decision = 'correct' and v_value is null then
    raise exception 'say what it is: a correction needs a value; reject takes the value away' using errcode = '22023';
  end if;
  select vehicle_id into m.vehicle_id from public.extraction_metadata where id = v_id;
  -- The vehicle first, as everybody does who writes: who comes second waits here, and then sees what the first decided.
  select * into v from public.vehicles where id = m.vehicle_id for no key update;
  select * into m from public.extraction_metadata where id = v_id for update;
  if m.id is null then
    raise exception 'no reading has the id %: its vehicle may have been merged or forgotten', v_id using errcode = '22023';
  end if;
  v_held := to_jsonb(v) ->> m.field_name;
  v_before := jsonb_build_object('vehicle_id', v.id, 'field', m.field_name, 'held', v_held, 'reading', m.field_value, 'status', m.validation_status);
  if m.validation_status not in ('accepted', 'conflict') then
    v_other := private.last_done(v_subject);
    if v_other.id is not null then
      return private.did('already_done', format('already decided (%s): %s is "%s" now', v_other.args ->> 'p_decision', m.field_name, coalesce(v_held, 'empty')),
        v_subject, v_before, null, v_other.operator_id, v_other.at);
    end if;
    return private.did('changed', format('nothing is left to decide: the reading is %s, and %s is "%s" now', m.validation_status, m.field_name,
      coalesce(v_held, 'empty')), v_subject, v_before, v_before);
  end if;
  if p_args ->> 'p_seen' <> private.value_seen(v_held, v.field_state -> m.field_name, m.validation_status, m.field_value) then
    v_other := private.last_done(format('vehicle %s %s', v.id, m.field_name));
    return private.did('changed', format('%s is "%s" now, which is not what you saw: look again', m.field_name, coalesce(v_held, 'empty')),
      v_subject, v_before, v_before, v_other.operator_id, v_other.at);
  end if;

  if v_decision = 'correct' and lower(v_value) is not distinct from lower(m.field_value) then
    v_decision := 'accept';
  end if;
  if v_decision = 'correct' then
    perform private.write_reviewed_value(v.id, m.field_name, v_value, v_note);
    update public.extraction_metadata
    set validation_status = 'rejected', reviewed_at = now(), reviewed_by = auth.jwt() ->> 'email', review_note = v_note
    where id = v_id;
  else
    v_did := public.review_extraction(v_id, v_decision, v_note);
  end if;
  select to_jsonb(k) ->> m.field_name into v_held from public.vehicles k where k.id = v.id;
  return private.did('done', format('%s: %s is "%s" now', case v_decision when 'accept' then 'accepted' when 'reject' then 'rejected' else 'corrected' end,
    m.field_name, coalesce(v_held, 'empty')), v_subject, v_before,
    jsonb_build_object('vehicle_id', v.id, 'field', m.field_name, 'held', v_held,
      'score', (select overall_score from public.vehicle_quality_scores where vehicle_id = v.id)));
end
$$;

create or replace function private.do_set_cost_rate(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_item text := p_args ->> 'p_item';
  v_before jsonb := (select to_jsonb(r) - 'updated_at' from public.cost_rates r where r.item = v_item);
begin
  if p_args ->> 'p_price' is null then
    delete from public.cost_rates where item = v_item;
    return private.did(case when v_before is null then 'nothing_to_do' else 'done' end, format('%s has no price', v_item), 'rate ' || v_item, v_before);
  end if;
  insert into public.cost_rates (item, price, per)
  values (v_item, (p_args ->> 'p_price')::numeric, coalesce((p_args ->> 'p_per')::numeric, 1))
  on conflict (item) do update set price = excluded.price, per = excluded.per;
  return private.did('done', format('%s: %s for %s', v_item, p_args ->> 'p_price', coalesce(p_args ->> 'p_per', '1')), 'rate ' || v_item, v_before,
    (select to_jsonb(r) - 'updated_at' from public.cost_rates r where r.item = v_item));
end
$$;

create or replace function private.do_set_field(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_field text := p_args ->> 'p_field';
  v_value text := nullif(btrim(p_args ->> 'p_value'), '');
  v_subject text := format('vehicle %s %s', p_args ->> 'p_vehicle_id', v_field);
  v public.vehicles;
  v_other public.operator_actions;
  v_held text;
  v_state jsonb;
begin
  if v_field is null or v_field <> all (private.fact_columns()) then
    raise exception 'vehicles have no field "%"', v_field using errcode = '22023';
  end if;
  select * into v from public.vehicles where id = (p_args ->> 'p_vehicle_id')::uuid for no key update;
  if not found then
    raise exception 'no vehicle has the id %', p_args ->> 'p_vehicle_id' using errcode = '22023';
  end if;
  v_held := to_jsonb(v) ->> v_field;
  v_state := v.field_state -> v_field;
  if v_held is not distinct from v_value and v_state ->> 'method' like 'manual%' then
    return private.did('nothing_to_do', format('%s is "%s" already, by a person', v_field, coalesce(v_held, 'empty')), v_subject);
  end if;
  if p_args ->> 'p_seen' <> private.value_seen(v_held, v_state) then
    v_other := private.last_done(v_subject);
    return private.did('changed', format('%s is "%s" now, which is not what you saw: look again', v_field, coalesce(v_held, 'empty')), v_subject,
      null, jsonb_build_object('held', v_held), v_other.operator_id, v_other.at);
  end if;
  perform private.write_reviewed_value(v.id, v_field, v_value, nullif(btrim(p_args ->> 'p_note'), ''));
  return private.did('done', format('%s is "%s" now', v_field, coalesce(v_value, 'empty')), v_subject,
    jsonb_build_object('held', v_held, 'state', v_state),
    (select jsonb_build_object('held', to_jsonb(k) ->> v_field) from public.vehicles k where k.id = v.id));
end
$$;

create or replace function private.do_set_policy(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_changes jsonb := p_args -> 'p_changes';
  v_fixed text[] := array['only_row', 'updated_at'];
  v_unknown text;
  v_before public.fill_policy;
  v_after public.fill_policy;
  v_other public.operator_actions;
begin
  if jsonb_typeof(v_changes) is distinct from 'object' or v_changes = '{}' then
    raise exception 'p_changes is an object of columns of fill_policy and what they are to be' using errcode = '22023';
  end if;
  select * into v_before from public.fill_policy for update;
  select string_agg(k, ', ') into v_unknown
  from jsonb_object_keys(v_changes) k
  where not to_jsonb(v_before) ? k or k = any (v_fixed);
  if v_unknown is not null then
    raise exception 'fill_policy has no %, or it is not yours to set', v_unknown using errcode = '22023';
  end if;
  if p_args ->> 'p_seen' <> private.policy_seen(v_before) then
    v_other := private.last_done('fill_policy');
    return private.did('changed', 'the policy is not any more what you saw: look again', 'fill_policy', null,
      to_jsonb(v_before) - v_fixed || jsonb_build_object('seen', private.policy_seen(v_before)), v_other.operator_id, v_other.at);
  end if;
  execute (
    select format(
      'update public.fill_policy set %s', string_agg(format('%1$I = (jsonb_populate_record(null::public.fill_policy, $1)).%1$I', k), ', '))
    from jsonb_object_keys(v_changes) k)
  using v_changes;
  select * into v_after from public.fill_policy;
  return private.did(
    case when private.policy_seen(v_after) = private.policy_seen(v_before) then 'nothing_to_do' else 'done' end,
    case when private.policy_seen(v_after) = private.policy_seen(v_before) then 'the policy says so already'
      else 'the policy was changed: ' || (
        select string_agg(format('%s %s → %s', k, to_jsonb(v_before) ->> k, to_jsonb(v_after) ->> k), ', ' order by k)
        from jsonb_object_keys(v_changes) k where to_jsonb(v_before) -> k is distinct from to_jsonb(v_after) -> k) end,
    'fill_policy', to_jsonb(v_before) - v_fixed,
    to_jsonb(v_after) - v_fixed || jsonb_build_object('seen', private.policy_seen(v_after)));
end
$$;

create or replace function private.do_switch_feed(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_on boolean := (p_args ->> 'p_on')::boolean;
  f public.listing_feeds;
begin
  select * into f from public.listing_feeds where id = (p_args ->> 'p_feed_id')::uuid for update;
  if not found or v_on is null then
    raise exception 'no feed has the id %, or nothing is said to be on or off', p_args ->> 'p_feed_id' using errcode = '22023';
  end if;
  if f.enabled = v_on then
    return private.did('nothing_to_do', format('%s is %s already', f.url, case when v_on then 'on' else 'off' end), 'feed ' || f.id);
  end if;
  update public.listing_feeds set enabled = v_on where id = f.id;
  return private.did('done', format('%s is %s now', f.url, case when v_on then 'on' else 'off' end), 'feed ' || f.id,
    jsonb_build_object('enabled', f.enabled), jsonb_build_object('enabled', v_on));
end
$$;

create or replace function private.do_switch_source(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.scrape_sources := private.source_named(p_args ->> 'p_source');
  v_on boolean := (p_args ->> 'p_on')::boolean;
begin
  if v_on is null then
    raise exception 'say whether it is to be on or off' using errcode = '22023';
  end if;
  if v.is_active = v_on then
    return private.did('nothing_to_do', format('%s is %s already', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug);
  end if;
  update public.scrape_sources set is_active = v_on, updated_at = now() where id = v.id;
  return private.did('done', format('%s is %s now', v.slug, case when v_on then 'on' else 'off' end), 'source ' || v.slug,
    jsonb_build_object('is_active', v.is_active), jsonb_build_object('is_active', v_on));
end
$$;

create or replace function private.found_by_words(p_words text[], p_limit integer) returns uuid[]
language sql stable
set search_path = ''
as $$
  with named as (
    select w.word from unnest(p_words) w(word)
    union
    -- Makes of two words.
    select p_words[n] || ' ' || p_words[n + 1] from generate_subscripts(p_words, 1) n where n < cardinality(p_words)
  ),
  years as (
    select w.word::integer as year from unnest(p_words) w(word) where w.word ~ '^(18|19|20)\d\d$' limit 1
  ),
  looked_at as (
    select v.*
    from named n
    cross join lateral (
      select v.id, v.year, v.make, v.model, v.trim, v.created_at
      from public.vehicles v
      where lower(v.make) = n.word and v.year = coalesce((select year from years), v.year)
      limit 20000
    ) v
    union
    select v.id, v.year, v.make, v.model, v.trim, v.created_at
    from (select * from public.vehicles v order by v.created_at desc limit 5000) v
  )
  select array(
    select l.id
    from looked_at l
    where not exists (
      select from unnest(p_words) w(word)
      where strpos(lower(concat_ws(' ', l.year, l.make, l.model, l.trim)), w.word) = 0
    )
    order by l.created_at desc, l.id
    limit p_limit
  )
$$;

create or replace function private.host_waits_until(h public.source_hosts) returns timestamptz
language sql stable
set search_path = ''
return case
  when h.breaker = 'half_open' then h.probe_until
  when h.breaker = 'open' then greatest(h.retry_at, h.retry_after)
  when h.retry_after > now() then h.retry_after
  when h.robots_error is not null and h.robots_fresh_until > now() and h.robots_body is null
    then h.robots_fresh_until
end;

create or replace function private.hosts_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with asked as materialized (
    -- The hours of the last day, this one among them.
    select s.subject as host,
      sum(s.value) filter (where s.series = 'requests') as requests,
      sum(s.value) filter (where s.series = 'requests_served') as served,
      sum(s.value) filter (where s.series = 'requests_refused') as refused,
      sum(s.value) filter (where s.series = 'requests_failed') as failed
    from public.dashboard_samples s
    where s.step = 'hour'
      and s.at > now() - interval '24 hours'
      and s.series in ('requests', 'requests_served', 'requests_refused', 'requests_failed')
    group by s.subject
  ),
  counts as (
    select
      count(*) as hosts,
      count(*) filter (where h.breaker <> 'closed') as open,
      count(*) filter (where h.breaker = 'closed' and h.retry_after > now()) as waiting,
      count(*) filter (where h.slowed_interval_ms is not null) as slowed
    from public.source_hosts h
  ),
  shown as materialized (
    select h.*, a.requests, a.served, a.refused, a.failed,
      private.why_host_waits(h) as waits_because, private.host_waits_until(h) as waits_until,
      private.pace_words(h) as pace_words
    from public.source_hosts h
    left join asked a on a.host = h.host
    order by h.breaker = 'closed', h.retry_after > now() desc nulls last, h.slowed_interval_ms is null,
      a.requests desc nulls last, h.host
    limit 50
  )
  select jsonb_build_object(
    'at', null,
    'state', case when c.open > 0 then 'bad' when c.waiting + c.slowed > 0 then 'warn' when c.hosts = 0 then 'idle' else 'ok' end,
    'says', case
      when c.hosts = 0 then 'No host was asked yet.'
      when c.open > 0 then format('%s in the way%s', private.counted_words(c.open, 'host is', 'hosts are'), (
        select format(': %s%s', s.host, coalesce(format(', asked again at %s', private.utc_text(s.waits_until)), ''))
        from shown s where s.breaker <> 'closed' order by s.requests desc nulls last, s.host limit 1))
      when c.waiting > 0 then format('%s to be left alone for a while; the rest may be asked', private.counted_words(c.waiting, 'host asked', 'hosts asked'))
      else format('%s may be asked%s', private.counted_words(c.hosts, 'host', 'hosts'),
        case when c.slowed > 0 then format(', %s slowed down by their answers', c.slowed) else '' end)
    end,
    'summary', jsonb_build_object(
      'hosts', c.hosts, 'open', c.open, 'waiting', c.waiting, 'slowed', c.slowed,
      'requests_24h', (select requests from asked where host = ''), 'served_24h', (select served from asked where host = '')),
    'rows', coalesce((
      select jsonb_agg(private.panel_row(
        s.host,
        case when s.breaker <> 'closed' then 'bad' when s.waits_until > now() or s.slowed_interval_ms is not null then 'warn'
          when s.requests is null then 'idle' else 'ok' end,
        case when s.breaker = 'half_open' then 'trying' when s.breaker = 'open' then 'not asked' when s.waits_until > now() then 'waits'
          when s.slowed_interval_ms is not null then 'slowed down' else 'asked' end,
        s.host,
        format('one request every %s s%s', round(s.interval_ms / 1000.0, 1),
          coalesce(format('; %s of %s served in 24 hours', coalesce(s.served, 0), s.requests), '; not asked in 24 hours')),
        jsonb_build_object(
          'host', s.host, 'interval_ms', s.interval_ms, 'interval_because', s.pace_words, 'breaker', s.breaker,
          'last_outcome', s.last_outcome, 'last_message', s.last_message, 'last_answered_at', s.last_answered_at,
          'requests_24h', s.requests, 'served_24h', s.served, 'refused_24h', s.refused, 'errors_24h', s.failed,
          'robots_status', s.robots_status, 'robots_error', s.robots_error, 'robots_fetched_at', s.robots_fetched_at,
          'new_pages_left', case when s.budget_until > now() then s.new_pages_budget - s.new_pages_used end),
        nullif(s.waits_because, 'may be asked'), s.opened_at, s.waits_until,
        case when s.breaker <> 'closed' then format('when it serves again: select resume_host(%L);', s.host)
          else format('select * from source_host_status where host = %L;', s.host) end,
        case when s.breaker <> 'closed' or s.retry_after > now() then jsonb_build_array(
          private.panel_action('It serves again: ask it', 'operator_resume_host', jsonb_build_object('p_host', s.host))) else '[]' end,
        jsonb_build_object('url', 'https://' || s.host)
      ) order by s.breaker = 'closed', s.retry_after > now() desc nulls last, s.slowed_interval_ms is null, s.requests desc nulls last, s.host)
      from shown s), '[]'),
    'rows_left', greatest(c.hosts - 50, 0),
    'series', jsonb_build_array(jsonb_set(
      private.series('requests_served', array[''], p_range, 'requests', false, array['served']), '{y}',
      (private.series('requests_served', array[''], p_range, 'requests', false, array['served']) -> 'y')
        || (private.series('requests_refused', array[''], p_range, 'requests', false, array['refused']) -> 'y')
        || (private.series('requests_failed', array[''], p_range, 'requests', false, array['failed']) -> 'y'))
      || '{"name": "requests"}'),
    'empty', case when c.hosts = 0 then 'A host is listed once it was asked.' end)
  from counts c
$$;

create or replace function private.last_done(p_subject text) returns public.operator_actions
language sql stable
set search_path = ''
as $$
  select * from public.operator_actions where subject = p_subject and outcome = 'done' order by at desc, id desc limit 1
$$;

create or replace function private.maps_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with counts as (
    select
      count(*) filter (where m.status = 'serving') as serving,
      count(*) filter (where m.status = 'shadow') as shadow,
      count(*) filter (where m.status = 'draft') as draft,
      count(*) filter (where m.status = 'retired') as retired,
      (select count(*) from public.extraction_map_jobs j where j.status in ('pending', 'processing')) as jobs_open,
      (select count(*) from public.extraction_map_jobs j where j.status = 'failed') as jobs_failed
    from public.extraction_maps m
  ),
  shown as materialized (
    select m.id, m.source, m.template, m.version, m.status, m.cause, m.fields, m.support, m.held_out, m.errors, m.retired_because,
      coalesce(m.retired_at, m.serving_at, m.created_at) as since,
      row_number() over (order by array_position('{shadow,serving,draft,retired}'::text[], m.status),
        coalesce(m.retired_at, m.serving_at, m.created_at) desc, m.id) as n
    from public.extraction_maps m
    order by n
    limit 40
  ),
  compared as (
    select s.id, c.compared, c.agree
    from shown s
    cross join lateral (
      select count(k.agrees) as compared, count(*) filter (where k.agrees) as agree
      from public.extraction_map_comparisons k where k.map_id = s.id
    ) c
  ),
  jobs as (
    select * from public.extraction_map_jobs j where j.status in ('pending', 'processing', 'failed') order by j.status, j.created_at desc limit 10
  ),
  rows as (
    select 0 as place, j.id::text as a, private.panel_row(
      j.id::text, case when j.status = 'failed' then 'warn' else 'ok' end, j.status, j.source,
      format('learning (%s), step %s', replace(j.cause, '_', ' '), j.step),
      jsonb_build_object('job_id', j.id, 'source', j.source, 'cause', j.cause, 'step', j.step, 'status', j.status),
      j.error_message, j.created_at, j.next_attempt_at,
      case when j.status = 'failed' then format('select redrive_queue(''extraction_map_jobs'', array[%L]::uuid[]);', j.id) end,
      case when j.status = 'failed' then jsonb_build_array(private.panel_action('Put it back', 'operator_redrive',
        jsonb_build_object('p_queue', 'extraction_map_jobs', 'p_id', j.id))) else '[]' end) as row
    from jobs j
    union all
    select 1, to_char(s.n, '0000'), private.panel_row(
      s.id::text, case when s.status = 'retired' then 'idle' when c.compared >= 20 and c.agree < 0.9 * c.compared then 'bad' else 'ok' end,
      s.status, format('%s, version %s', s.source, s.version),
      case when s.status = 'retired' then s.retired_because
        else format('gives %s; %s of %s trials on pages held out were right',
          case when s.fields = '{}' then 'no field' else array_to_string(s.fields, ', ') end, s.held_out - s.errors, s.held_out) end,
      jsonb_build_object('map_id', s.id, 'source', s.source, 'template', s.template, 'version', s.version, 'status', s.status,
        'fields', to_jsonb(s.fields), 'support', s.support, 'held_out', s.held_out, 'errors', s.errors, 'compared', c.compared, 'agree', c.agree),
      'learned because: ' || replace(s.cause, '_', ' '), s.since, null,
      case when s.status <> 'retired' then format('select retire_extraction_map(%L);', s.id) end,
      case when s.status <> 'retired' then jsonb_build_array(
        private.panel_action('Retire', 'operator_retire_map', jsonb_build_object('p_map_id', s.id), 'p_reason')) else '[]' end)
    from shown s
    join compared c on c.id = s.id
  )
  select jsonb_build_object(
    'at', null,
    'state', case when c.jobs_failed > 0 then 'warn' when c.serving + c.shadow + c.jobs_open = 0 then 'idle' else 'ok' end,
    'says', case when c.serving + c.shadow + c.draft + c.jobs_open = 0
      then 'No map is needed: every page that comes is read by its adapter.'
      else format('%s, %s in shadow%s', private.counted_words(c.serving, 'map serves', 'maps serve'), c.shadow,
        case when c.jobs_open > 0 then format('; %s', private.counted_words(c.jobs_open, 'is being learned', 'are being learned')) else '' end) end,
    'summary', to_jsonb(c),
    'rows', coalesce((select jsonb_agg(r.row order by r.place, r.a) from rows r), '[]'),
    'rows_left', greatest(c.serving + c.shadow + c.draft + c.retired - 40, 0),
    'series', '[]'::jsonb,
    'empty', case when not exists (select from rows) then 'A map is learned when a source changes its markup, or is new and says little of itself (docs/learning.md).' end)
  from counts c
$$;

create or replace function private.measured_cycle() returns jsonb
language sql stable
set search_path = ''
as $$
  select to_jsonb(s) from private.fill_stands() s
$$;

create or replace function private.measured_dead_letters() returns jsonb
language sql stable
set search_path = ''
as $$
  with dead as materialized (
    select d.* from private.queues q cross join lateral private.dead_letters(q.table_name, null, 1000) d
  ),
  newest as (
    select d.*, row_number() over (order by d.failed_at desc nulls last, d.queue, d.id) as place from dead d
  )
  select jsonb_build_object(
    'count', (select count(*) from dead),
    'at_least', (select coalesce(jsonb_agg(t.queue), '[]') from (select queue from dead group by queue having count(*) >= 1000) t),
    'by', (
      select coalesce(jsonb_agg(to_jsonb(t) order by t.count desc, t.queue, t.outcome_code), '[]')
      from (
        select d.queue, d.outcome_code, count(*) as count, max(d.failed_at) as last_failed_at,
          (array_agg(d.error order by d.failed_at desc nulls last))[1] as error
        from dead d
        group by 1, 2
        order by 3 desc
        limit 20
      ) t),
    'newest', (select coalesce(jsonb_agg(to_jsonb(n) - 'place' order by n.place), '[]') from newest n where n.place <= 30))
$$;

create or replace function private.measured_drift() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'parts', (select coalesce(jsonb_agg(to_jsonb(p) || '{"place": 6}'), '[]') from private.drift_parts() p),
    'by_host', (
      select coalesce(jsonb_object_agg(d.source_host, jsonb_build_object(
        'unreadable', d.unreadable, 'pages_read', d.pages_read, 'example_url', d.example_url, 'example_reason', d.example_reason)), '{}')
      from public.source_drift d
      where d.is_drifting and d.source_host is not null))
$$;

create or replace function private.measured_hosts_in_the_way() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) || '{"place": 5}'), '[]') from private.host_parts() p
$$;

create or replace function private.measured_queues() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'queues', (select coalesce(jsonb_object_agg(q.table_name, private.queue_metrics(q)), '{}') from private.queues q),
    'feeds', private.feed_metrics(),
    'images_due', private.due_images(10001),
    'micro_scrape_due', private.counted('from public.micro_scrape_state where state = ''due''', 'micro_scrape_state_due'))
$$;

create or replace function private.measured_reliability() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(r) order by r.bin), '[]')
  from public.calibration_report r
  where r.confidences = 'held'
$$;

create or replace function private.measured_running() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) - 'place' order by p.place, p.part), '[]')
  from (
    select 1 as place, r.*, null::text as waits, 'cron starts it every ten minutes' as by_itself from private.run_part() r
    union all
    select 2, q.*, null, 'cron looks every 20 seconds, and invokes its worker when there is something to claim' from private.queue_parts() q
    union all
    select 3, o.*, null, 'cron looks every 20 seconds' from private.other_parts() o
    union all
    select 4, w.* from private.worker_parts() w
    union all
    select 7, f.*, null, 'cron begins a cycle every two hours, and looks every 20 seconds' from private.fill_part() f
  ) p
$$;

create or replace function private.measured_truth() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'audits', (select coalesce(jsonb_agg(to_jsonb(a) order by a.field), '[]') from private.audits_of_fields(now()) a),
    'conflicts', private.counted(
      'from public.extraction_metadata where validation_status = ''conflict''', 'extraction_metadata_conflicts'),
    'unsure', private.counted(
      'from public.extraction_metadata where validation_status = ''accepted'' and confidence_score < 0.6', 'extraction_metadata_weak'),
    'audit_open', (
      select count(*)
      from public.audit_readings a
      join public.extraction_metadata m on m.id = a.extraction_id
      where a.week > current_date - 28 and m.reviewed_at is null and m.validation_status = 'accepted'))
$$;

create or replace function private.money_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with days as materialized (
    select * from private.cost_of_days(least(
      date_trunc('day', now(), 'UTC') - interval '30 days',
      case when p_range in ('60d', 'all') then private.range_begin(p_range) end))
  ),
  today as (select * from days where day = date_trunc('day', now(), 'UTC')),
  yesterday as (select * from days where day = date_trunc('day', now(), 'UTC') - interval '1 day'),
  month as (
    select sum(d.price) as price, count(*) as days, (
        select sum(s.value) from public.dashboard_samples s
        where s.series = 'vehicles_added' and s.subject = '' and s.step = 'day' and s.at >= date_trunc('day', now(), 'UTC') - interval '29 days'
      ) as vehicles
    from days d
    where d.day >= date_trunc('day', now(), 'UTC') - interval '29 days'
  ),
  known as (select exists (select from public.cost_rates) as rates),
  sites as materialized (
    select u.host,
      private.day_sum('requests', u.host, 1) as requests, private.day_sum('bytes_fetched', u.host, 1) as fetched,
      private.day_sum('bytes_stored', u.host, 1) as stored, private.day_sum('vehicles_added', u.host, 1) as vehicles,
      private.day_sum('requests', u.host, 0) as requests_today, private.day_sum('bytes_fetched', u.host, 0) as fetched_today,
      private.day_sum('bytes_stored', u.host, 0) as stored_today, private.day_sum('vehicles_added', u.host, 0) as vehicles_today
    from unnest(private.top_subjects('requests', 30)) u(host)
  ),
  priced as (
    select s.*,
      -- A run works on several sites: it is shared out by their requests.
      (select y.invocations from yesterday y) * s.requests::numeric / nullif((select y.requests from yesterday y), 0) as invocations,
      (select t.invocations from today t) * s.requests_today::numeric / nullif((select t.requests from today t), 0) as invocations_today
    from sites s
  ),
  sums as (
    select p.*,
      case when k.rates then coalesce(p.requests, 0)::numeric * coalesce(private.rate_of('request'), 0)
        + coalesce(p.fetched, 0)::numeric / 1e9 * coalesce(private.rate_of('gb_fetched'), 0)
        + coalesce(p.stored, 0)::numeric / 1e9 * coalesce(private.rate_of('gb_stored_month'), 0)
        + coalesce(p.invocations, 0) * coalesce(private.rate_of('invocation'), 0) end as price,
      case when k.rates then coalesce(p.requests_today, 0)::numeric * coalesce(private.rate_of('request'), 0)
        + coalesce(p.fetched_today, 0)::numeric / 1e9 * coalesce(private.rate_of('gb_fetched'), 0)
        + coalesce(p.stored_today, 0)::numeric / 1e9 * coalesce(private.rate_of('gb_stored_month'), 0)
        + coalesce(p.invocations_today, 0) * coalesce(private.rate_of('invocation'), 0) end as price_today
    from priced p cross join known k
  )
  select jsonb_build_object(
    'at', (select min(counted_to) from public.dashboard_parts where part in ('requests', 'files', 'invocations')),
    'state', case when not exists (select from days) then 'unknown' when not k.rates then 'idle' else 'ok' end,
    'says', case
      when not exists (select from days) then 'Not counted yet: the first counts come within minutes.'
      when not k.rates then format('%s yesterday, %s today; no price without a rate',
        private.counted_words((select requests from yesterday)::bigint, 'request', 'requests'),
        coalesce((select to_char(requests, 'FM999,999,990') from today), '0'))
      else format('%s yesterday, %s today so far%s', coalesce(round((select price from yesterday), 2)::text, 'not counted'),
        coalesce(round((select price from today), 2)::text, 'nothing'),
        coalesce(format('; a vehicle costs %s', round(m.price / nullif(m.vehicles, 0)::numeric, 5)), ''))
    end,
    'summary', jsonb_build_object(
      'today', (select round(price, 6) from today), 'yesterday', (select round(price, 6) from yesterday),
      'days_30', round(m.price, 6), 'days_counted', m.days, 'per_vehicle_30', round(m.price / nullif(m.vehicles, 0)::numeric, 6),
      'rates_known', k.rates, 'currency', null,
      'items', (
        select jsonb_object_agg(i.item, jsonb_build_object(
          'n_today', round(i.n_today, 6), 'n_yesterday', round(i.n_yesterday, 6),
          'rate', private.rate_of(i.item), 'price_yesterday', round(i.n_yesterday * private.rate_of(i.item), 6),
          'price_today', round(i.n_today * private.rate_of(i.item), 6)))
        from (values
          ('request', (select requests from today), (select requests from yesterday)),
          ('gb_fetched', (select gb_fetched from today), (select gb_fetched from yesterday)),
          ('gb_stored_month', (select gb_stored from today), (select gb_stored from yesterday)),
          ('invocation', (select invocations from today), (select invocations from yesterday))
        ) i(item, n_today, n_yesterday)),
      'what_to_type', case when not k.rates then 'insert into cost_rates (item, price, per) values (''invocation'', 2, 1000000);' end),
    'rows', coalesce((
      select jsonb_agg(private.panel_row(
        s.host, 'ok', null, s.host,
        format('%s yesterday%s', private.counted_words(coalesce(s.requests, 0)::bigint, 'request', 'requests'),
          coalesce(format(', %s', round(s.price, 4)), '')),
        jsonb_build_object(
          'host', s.host, 'requests', coalesce(s.requests, 0), 'requests_today', coalesce(s.requests_today, 0),
          'mb_fetched', round((coalesce(s.fetched, 0) / 1e6)::numeric, 1), 'mb_stored', round((coalesce(s.stored, 0) / 1e6)::numeric, 1),
          'invocations', round(coalesce(s.invocations, 0), 1), 'price_yesterday', round(s.price, 6), 'price_today', round(s.price_today, 6),
          'vehicles', coalesce(s.vehicles, 0), 'vehicles_today', coalesce(s.vehicles_today, 0),
          'price_per_vehicle', round(s.price / nullif(s.vehicles, 0)::numeric, 6))
      ) order by s.price desc nulls last, s.requests desc nulls last, s.host)
      from sums s), '[]'),
    'rows_left', null,
    'series', jsonb_build_array(
      private.series('requests', array[''], p_range, 'requests'),
      private.series('bytes_fetched', array[''], p_range, 'bytes'),
      private.series('invocations', array[''], p_range, 'invocations'))
      || case when k.rates then jsonb_build_array(jsonb_build_object(
        'name', 'price', 'unit', 'money', 'kind', 'sum', 'step', 'day',
        'x', (select jsonb_agg(extract(epoch from d.day)::bigint order by d.day) from days d),
        'y', jsonb_build_array(jsonb_build_object('subject', 'all', 'values', (select jsonb_agg(round(d.price, 6) order by d.day) from days d)))))
      else '[]' end,
    'empty', case when not exists (select from sites) then 'No site was asked today or yesterday: nothing was used.' end)
  from known k
  cross join month m
$$;

create or replace function private.note_action(
  p_action text, p_subject text, p_args jsonb, p_before jsonb, p_after jsonb, p_outcome text, p_said text,
  p_by uuid default null, p_at timestamptz default null
) returns jsonb
language sql
set search_path = ''
as $$
  with noted as (
    insert into public.operator_actions (operator_id, action, subject, args, before, after, outcome, said)
    values (auth.uid(), p_action, left(p_subject, 500), jsonb_strip_nulls(p_args), p_before, p_after, p_outcome, p_said)
    returning *
  )
  select jsonb_build_object(
    'outcome', n.outcome, 'said', n.said, 'action_id', n.id, 'before', n.before, 'after', n.after,
    'by', case when p_by is not null then private.operator_name(p_by) end, 'at', p_at)
  from noted n
$$;

create or replace function private.operate(p_action text, p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  v jsonb;
  v_constraint text;
begin
  perform private.require_operator();
  begin
    execute format('select private.%I($1)', 'do_' || p_action) into v using p_args;
  exception
    when sqlstate '22023' or no_data_found then
      v := jsonb_build_object('outcome', 'refused', 'said', sqlerrm);
    when check_violation then
      get stacked diagnostics v_constraint = constraint_name;
      v := jsonb_build_object('outcome', 'refused', 'said', 'That value cannot be: ' || coalesce(
        (select pg_get_constraintdef(c.oid) from pg_catalog.pg_constraint c where c.conname = v_constraint and c.contype = 'c' limit 1), sqlerrm));
    when invalid_text_representation or numeric_value_out_of_range or datetime_field_overflow
      or invalid_datetime_format or not_null_violation or string_data_right_truncation then
      v := jsonb_build_object('outcome', 'refused', 'said', 'That value cannot be: ' || sqlerrm);
    when insufficient_privilege then
      raise;
    when others then
      v := jsonb_build_object('outcome', 'failed', 'said', private.words_of_error(sqlstate, sqlerrm));
  end;
  return private.note_action(
    p_action, v ->> 'subject', p_args - 'p_seen', nullif(v -> 'before', 'null'), nullif(v -> 'after', 'null'),
    v ->> 'outcome', v ->> 'said', (v ->> 'by')::uuid, (v ->> 'at')::timestamptz);
end
$$;

create or replace function private.operator_name(p_id uuid) returns text
language sql stable security definer
set search_path = ''
as $$
  select coalesce((select u.email from auth.users u where u.id = p_id and private.is_operator()), 'a removed account')
$$;

create or replace function private.pace_words(h public.source_hosts) returns text
language sql stable
set search_path = ''
return case private.pace_set_by(h)
  when 'its answers slowed it down' then 'slowed down: ' || coalesce(h.paced_because, 'by its answers')
  else private.pace_set_by(h)
end;

create or replace function private.panel(p_panel text, p_range text) returns jsonb
language plpgsql stable
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  v_began timestamptz := clock_timestamp();
  v_panel jsonb;
begin
  perform private.require_operator();
  if p_range is null or p_range not in ('3h', '2d', '7d', '60d', 'all') then
    raise exception 'a range is 3h, 2d, 7d, 60d or all, not "%"', left(p_range, 20) using errcode = '22023';
  end if;
  begin
    if p_panel is null or p_panel <> all (private.dashboard_panels() || 'activity'::text) then
      raise exception 'no panel is called "%"', left(p_panel, 40)
        using errcode = '22023', hint = array_to_string(private.dashboard_panels(), ', ');
    end if;
    execute format('select private.%I($1)', p_panel || '_panel') into v_panel using p_range;
    return jsonb_build_object('panel', p_panel) || v_panel
      || jsonb_build_object('took_ms', round((1000 * extract(epoch from clock_timestamp() - v_began))::numeric, 1));
  exception when others then
    return jsonb_build_object('panel', p_panel, 'error', jsonb_build_object(
      'code', sqlstate,
      'message', sqlerrm,
      'says', private.words_of_error(sqlstate, sqlerrm),
      'what_to_type', case when sqlstate in ('42703', '42P01', '42883', '42704') then 'supabase db push' end));
  end;
end
$$;

create or replace function private.panel_action(p_label text, p_rpc text, p_args jsonb, p_asks text default null) returns jsonb
language sql immutable parallel safe
return jsonb_build_object('label', p_label, 'rpc', p_rpc, 'args', p_args, 'asks', p_asks);

create or replace function private.panel_row(
  p_key text, p_state text, p_word text, p_title text, p_says text, p_values jsonb,
  p_why text default null, p_since timestamptz default null, p_until timestamptz default null,
  p_what_to_type text default null, p_actions jsonb default '[]', p_link jsonb default null
) returns jsonb
language sql immutable parallel safe
return jsonb_build_object(
  'key', p_key, 'state', p_state, 'word', p_word, 'title', p_title, 'says', p_says, 'why', p_why,
  'since', p_since, 'until', case when isfinite(p_until) then p_until end,
  'what_to_type', p_what_to_type, 'actions', coalesce(p_actions, '[]'), 'link', p_link, 'values', p_values
);

create or replace function private.part_state(p_part text) returns jsonb
language sql stable
set search_path = ''
as $$
  select p.state from public.dashboard_parts p where p.part = p_part
$$;

create or replace function private.policy_seen(p public.fill_policy) returns text
language sql immutable parallel safe
return md5((to_jsonb(p) - 'updated_at')::text);

create or replace function private.prune_dashboard_samples(p_limit integer default 10000) returns integer
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

create or replace function private.queues_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with measured as materialized (
    select private.part_state('queues') as queues, private.part_state('dead_letters') as dead
  ),
  queues as materialized (
    select q.key as name, q.value as m, (q.value ->> 'oldest_due_seconds')::double precision as oldest,
      (q.value ->> 'due')::bigint as due, (q.value ->> 'processing')::bigint as processing,
      (q.value ->> 'waiting')::bigint as waiting, (q.value ->> 'done_last_hour')::bigint as done
    from measured, jsonb_each(measured.queues -> 'queues') q
  ),
  sums as (
    select sum(due) as due, sum(waiting) as waiting, sum(processing) as processing, sum(done) as done_last_hour,
      sum((m ->> 'done_last_day')::bigint) as done_last_day,
      count(*) filter (where oldest > 900 and processing = 0 and done = 0) as stuck
    from queues
  ),
  rows as (
    select 1 as place, q.name as a, 0 as b, private.panel_row(
      q.name,
      case when q.oldest > 900 and q.processing = 0 and q.done = 0 then 'bad' when q.oldest > 3600 then 'warn'
        when q.due + q.processing > 0 then 'ok' else 'idle' end,
      case when q.oldest > 900 and q.processing = 0 and q.done = 0 then 'stuck' when q.due + q.processing > 0 then 'working'
        when q.waiting > 0 then 'waiting' else 'idle' end,
      q.name,
      format('%s done in the last hour; %s due, %s in progress, %s waiting',
        to_char(q.done, 'FM999,999,990'), to_char(q.due, 'FM999,999,990'), to_char(q.processing, 'FM999,999,990'),
        to_char(q.waiting, 'FM999,999,990')),
      jsonb_build_object('kind', 'queue', 'due', q.due, 'waiting', q.waiting, 'processing', q.processing,
        'expired', q.m -> 'expired', 'failed', q.m -> 'failed', 'done_last_hour', q.done, 'done_last_day', q.m -> 'done_last_day',
        'oldest_due_at', q.m -> 'oldest_due_at', 'oldest_due_s', q.oldest, 'next_due_at', q.m -> 'next_due_at',
        'function', q.m -> 'function', 'estimated', q.m -> 'estimated', 'at_least', q.m -> 'at_least'),
      null, (q.m ->> 'oldest_due_at')::timestamptz, (q.m ->> 'next_due_at')::timestamptz,
      'node scripts/invoke.js ' || (q.m ->> 'function')) as row
    from queues q
    union all
    select 2, d.value ->> 'queue', (d.value ->> 'count')::integer, private.panel_row(
      format('dead %s %s', d.value ->> 'queue', d.value ->> 'outcome_code'), 'warn', 'given up',
      format('%s: %s', d.value ->> 'queue', coalesce(d.value ->> 'outcome_code', 'attempts spent')),
      private.counted_words((d.value ->> 'count')::bigint, 'row was given up', 'rows were given up'),
      jsonb_build_object('kind', 'dead_letters', 'queue', d.value -> 'queue', 'outcome_code', d.value -> 'outcome_code', 'count', d.value -> 'count'),
      d.value ->> 'error', (d.value ->> 'last_failed_at')::timestamptz, null,
      format('select redrive_dead_letters(%L%s);', d.value ->> 'queue', coalesce(', ' || quote_literal(d.value ->> 'outcome_code'), '')),
      jsonb_build_array(private.panel_action('Put all of them back', 'operator_redrive',
        jsonb_build_object('p_queue', d.value -> 'queue', 'p_outcome', d.value -> 'outcome_code'))))
    from measured, jsonb_array_elements(measured.dead -> 'by') d
    union all
    select 3, to_char(100000 - extract(epoch from now() - (d.value ->> 'failed_at')::timestamptz) / 60, '000000'), 0, private.panel_row(
      format('dead letter %s', d.value ->> 'id'), 'warn', 'given up',
      coalesce(d.value ->> 'url', d.value ->> 'queue'),
      format('%s: %s after %s', d.value ->> 'queue', coalesce(d.value ->> 'outcome_code', 'failed'),
        private.counted_words((d.value ->> 'attempts')::bigint, 'attempt', 'attempts')),
      jsonb_build_object('kind', 'dead_letter') || d.value,
      d.value ->> 'error', (d.value ->> 'failed_at')::timestamptz, (d.value ->> 'queued_again_at')::timestamptz,
      d.value ->> 'what_to_type',
      jsonb_build_array(private.panel_action('Put it back', 'operator_redrive',
        jsonb_build_object('p_queue', d.value -> 'queue', 'p_id', d.value -> 'id'))),
      case when d.value ->> 'vehicle_id' is not null then jsonb_build_object('vehicle', d.value -> 'vehicle_id')
        when d.value ->> 'url' is not null then jsonb_build_object('url', d.value -> 'url') end)
    from measured, jsonb_array_elements(measured.dead -> 'newest') d
  )
  select jsonb_build_object(
    'at', (select made_at from public.dashboard_parts where part = 'queues'),
    'state', case
      when m.queues is null then 'unknown'
      when s.stuck > 0 then 'bad'
      when (m.dead ->> 'count')::integer > 0 then 'warn'
      else 'ok'
    end,
    'says', case
      when m.queues is null then 'Not measured yet.'
      else format('%s done in the last hour, %s due%s%s',
        private.counted_words(s.done_last_hour::bigint, 'row', 'rows'), to_char(s.due, 'FM999,999,990'),
        case when s.stuck > 0 then format('; %s', private.counted_words(s.stuck, 'queue is stuck', 'queues are stuck')) else '' end,
        case when (m.dead ->> 'count')::integer > 0
          then format('; %s%s for you to decide', case when jsonb_array_length(m.dead -> 'at_least') > 0 then 'at least ' else '' end,
            private.counted_words((m.dead ->> 'count')::bigint, 'dead letter', 'dead letters')) else '' end)
    end,
    'summary', jsonb_build_object(
      'due', s.due, 'waiting', s.waiting, 'processing', s.processing, 'done_last_hour', s.done_last_hour,
      'done_last_day', s.done_last_day, 'stuck', s.stuck,
      'dead_letters', m.dead -> 'count', 'dead_letters_at_least', jsonb_array_length(m.dead -> 'at_least') > 0,
      'images_due', m.queues -> 'images_due', 'vehicles_due', m.queues -> 'micro_scrape_due' -> 'count'),
    'rows', coalesce((
      select jsonb_agg(r.row order by r.place, case when r.place = 3 then r.a end desc, r.b desc, r.a)
      from (select * from rows order by place, case when place = 3 then a end desc, b desc, a limit 50) r), '[]'),
    'rows_left', greatest((select count(*) from rows) - 50, 0),
    'series', jsonb_build_array(
      private.series('queue_done', array(select name from queues order by name), p_range, 'rows', false),
      private.series('queue_due', array(select name from queues order by name), p_range, 'rows', true)),
    'empty', case when m.queues is null then 'Nothing was measured yet.' end)
  from measured m
  cross join sums s
$$;

create or replace function private.range_begin(p_range text) returns timestamptz
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

create or replace function private.range_step(p_range text) returns text
language sql immutable parallel safe
return case p_range when '3h' then 'minute' when '2d' then 'hour' when '7d' then 'hour' else 'day' end;

create or replace function private.rate_of(p_item text) returns numeric
language sql stable
set search_path = ''
as $$
  select r.price / r.per from public.cost_rates r where r.item = p_item
$$;

create or replace function private.require_operator() returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not private.is_operator() then
    raise exception 'only operators may use the dashboard'
      using errcode = '42501',
        hint = 'who administers the project sets app_metadata.role of your account to "operator": docs/dashboard.md';
  end if;
end
$$;

create or replace function private.review_ids(p_kind text, p_after_at text, p_after_id bigint, p_limit integer)
returns table (id bigint, at text)
language plpgsql stable
set search_path = ''
as $$
begin
  if p_kind = 'conflict' then
    return query
      select m.id, m.last_confirmed_at::text
      from public.extraction_metadata m
      where m.validation_status = 'conflict'
        and (p_after_id is null or (m.last_confirmed_at, m.id) < (p_after_at::timestamptz, p_after_id))
      order by m.last_confirmed_at desc, m.id desc
      limit p_limit;
  elsif p_kind = 'audit' then
    return query
      select m.id, a.week::text
      from public.audit_readings a
      join public.extraction_metadata m on m.id = a.extraction_id
      where a.week > current_date - 28
        and m.reviewed_at is null
        and m.validation_status = 'accepted'
        and (p_after_id is null or a.week < p_after_at::date or a.week = p_after_at::date and m.id > p_after_id)
      order by a.week desc, m.id
      limit p_limit;
  else
    return query
      select m.id, m.confidence_score::text
      from public.extraction_metadata m
      where m.validation_status = 'accepted'
        and m.confidence_score < 0.6 -- as private.sure_enough() says, and the index
        and (p_after_id is null or (m.confidence_score, m.id) > (p_after_at::numeric, p_after_id))
      order by m.confidence_score, m.id
      limit p_limit;
  end if;
end
$$;

create or replace function private.review_row(p_kind text, p_id bigint) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', m.id,
    'kind', p_kind,
    'vehicle_id', v.id,
    'title', private.vehicle_title(v),
    'field', m.field_name,
    'value', m.field_value,
    'confidence', m.confidence_score,
    'method', m.extraction_method,
    'reading_way', m.reading_way,
    'source_url', m.source_url,
    'evidence', m.evidence,
    'read_at', m.last_confirmed_at,
    'snapshot', (
      select jsonb_build_object('id', p.id, 'bucket', 'page-snapshots', 'path', p.storage_path, 'fetched_at', p.fetched_at)
      from public.page_snapshots p where p.id = m.snapshot_id),
    'held', case when p_kind = 'conflict' then jsonb_build_object(
      'value', h.held, 'confidence', private.field_confidence(v.field_state, m.field_name), 'method', h.state -> 'method',
      'source', h.state -> 'source', 'at', h.state -> 'at',
      'evidence', k.evidence, 'source_url', k.source_url, 'reading_way', k.reading_way) end,
    'why', case p_kind
      when 'conflict' then format('%s says "%s", and "%s" is held', coalesce(private.url_host(m.source_url), m.extraction_method),
        coalesce(m.field_value, 'nothing'), coalesce(h.held, 'nothing'))
      when 'audit' then 'drawn at random: is it what the page says, and true?'
      else 'too unsure to count in the score' || coalesce(': read from ' || m.evidence, ', and nothing says where it stood')
    end,
    'stands_for', (select round(1 / a.probability) from public.audit_readings a where p_kind = 'audit' and a.extraction_id = m.id),
    'points', private.field_points(m.field_name),
    'seen', private.value_seen(h.held, h.state, m.validation_status, m.field_value))
  from public.extraction_metadata m
  join public.vehicles v on v.id = m.vehicle_id
  cross join lateral (select to_jsonb(v) ->> m.field_name as held, v.field_state -> m.field_name as state) h
  left join lateral (
    select a.evidence, a.source_url, a.reading_way from public.extraction_metadata a
    where p_kind = 'conflict' and a.vehicle_id = m.vehicle_id and a.field_name = m.field_name and a.validation_status = 'accepted'
    order by a.last_confirmed_at desc, a.id desc
    limit 1
  ) k on true
  where m.id = p_id
$$;

create or replace function private.running_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with sampler as (
    select
      max(made_at) filter (where part = 'sampler') as at,
      -- Before its first run a database that was just made is not ill.
      (select min(added_at) from private.queues) > now() - interval '5 minutes' as is_new
    from public.dashboard_parts
  ),
  cron as (
    select s.at, case
      when s.at is null and s.is_new then 'starting'
      when s.at is null then 'never'
      when s.at < now() - interval '4 minutes' then 'still'
      else 'ok'
    end as state
    from sampler s
  ),
  parts as materialized (
    select x.value as part, x.value ->> 'state' as word, (x.value ->> 'place')::integer as place, x.value ->> 'part' as name
    from (
      select private.part_state('running') as list
      union all select private.part_state('hosts_in_the_way')
      union all select private.part_state('drift') -> 'parts'
    ) l
    cross join lateral jsonb_array_elements(l.list) x(value)
  ),
  broken as (
    select p.part as name, p.error_message from public.dashboard_parts p where p.error_message is not null order by p.part limit 1
  ),
  ranked as (
    select p.*, row_number() over (order by
      array_position(array['stuck', 'failing', 'running', 'working', 'waiting', 'idle', 'off'], p.word), p.place, p.name) as n
    from parts p
  ),
  wrong as (
    select count(*) filter (where word in ('stuck', 'failing')) as parts, count(*) as of from parts
  ),
  worst as (
    select r.* from ranked r where r.n = 1 and r.word in ('stuck', 'failing')
  ),
  told as (
    select
      case
        when c.state = 'never' then 'Nothing was ever measured: cron does not run.'
        when c.state = 'starting' then 'It is being set up: the first measures come within a minute.'
        when c.state = 'still' then format('Cron stands still: nothing was measured since %s.', private.utc_text(c.at))
        when w.name is not null then format('%s is %s: %s%s', w.name, w.word, coalesce(w.part ->> 'why', w.part ->> 'what'),
          case when n.parts > 1 then format(' (and %s more)', n.parts - 1) else '' end)
        when b.name is not null then format('The dashboard cannot measure %s: %s', b.name, b.error_message)
        else format('It runs: %s parts, and nothing is wrong with any.', n.of)
      end as says,
      case
        when c.state in ('never', 'still') then 'select jobname, schedule, active from cron.job order by jobname;'
        when w.name is not null then w.part ->> 'what_to_type'
        when b.name is not null then format('select * from dashboard_parts where part = %L;', b.name)
      end as what_to_type,
      case
        when c.state in ('never', 'still') or w.name is not null then 'bad'
        when c.state = 'starting' then 'unknown'
        when b.name is not null then 'warn'
        else 'ok'
      end as state
    from cron c
    cross join wrong n
    left join worst w on true
    left join broken b on true
  )
  select jsonb_build_object(
    'at', (select made_at from public.dashboard_parts where part = 'running'),
    'state', t.state,
    'says', t.says,
    'summary', jsonb_build_object(
      'parts', n.of,
      'wrong', n.parts,
      'worst', (
        select jsonb_build_object('part', w.name, 'state', w.word, 'why', w.part -> 'why', 'what_to_type', w.part -> 'what_to_type')
        from worst w),
      'what_to_type', t.what_to_type,
      'cron', c.state,
      'sampler_ms', (select took_ms from public.dashboard_parts where part = 'sampler')),
    'rows', (
      select coalesce(jsonb_agg(private.panel_row(
        r.name, private.state_of_word(r.word), r.word, r.name, r.part ->> 'what',
        jsonb_build_object('part', r.name, 'waits', r.part -> 'waits', 'by_itself', r.part -> 'by_itself'),
        r.part ->> 'why', (r.part ->> 'since')::timestamptz, null, r.part ->> 'what_to_type',
        case
          when r.name like 'host %' and r.word = 'failing' then jsonb_build_array(private.panel_action(
            'It serves again: ask it', 'operator_resume_host', jsonb_build_object('p_host', substr(r.name, 6))))
          else '[]'
        end
      ) order by r.n), '[]')
      from ranked r where r.n <= 50),
    'rows_left', greatest(n.of - 50, 0),
    'series', '[]'::jsonb,
    'empty', case when n.of = 0 then 'Nothing was measured yet.' end)
  from told t
  cross join wrong n
  cross join cron c
$$;

create or replace function private.sample_dashboard() returns void
language plpgsql
set search_path = ''
set lock_timeout = '2s'
as $$
declare
  v_part text;
  v_began timestamptz := clock_timestamp();
begin
  if not pg_try_advisory_xact_lock(hashtextextended('sample_dashboard', 16)) then
    return;
  end if;
  foreach v_part in array array[
    'running', 'cycle', 'queues', 'dead_letters', 'hosts_in_the_way', 'drift', 'truth', 'reliability'
  ] loop
    if not exists (select from public.dashboard_parts where part = v_part and next_at > now()) then
      perform private.sample_part(v_part);
    end if;
  end loop;
  foreach v_part in array array['vehicles', 'listings', 'requests', 'files', 'invocations', 'work'] loop
    if not exists (select from public.dashboard_parts where part = v_part and next_at > now()) then
      perform private.count_part(v_part);
    end if;
  end loop;
  if not exists (
    select from public.dashboard_samples where series = 'queue_due' and step = 'minute' and at = date_trunc('minute', now())
  ) then
    perform private.add_samples(private.sampled_gauges());
  end if;
  perform private.prune_dashboard_samples();
  insert into public.dashboard_parts as held (part, made_at, took_ms)
  values ('sampler', now(), 1000 * extract(epoch from clock_timestamp() - v_began))
  on conflict (part) do update set made_at = excluded.made_at, took_ms = excluded.took_ms;
end
$$;

create or replace function private.sample_part(p_part text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_began timestamptz := clock_timestamp();
  v_state jsonb;
  v_error text;
  v_took numeric;
begin
  begin
    execute format('select private.%I()', 'measured_' || p_part) into v_state;
  exception when others then
    v_error := format('%s (%s)', sqlerrm, sqlstate); -- told on the dashboard; the other parts go on
  end;
  v_took := 1000 * extract(epoch from clock_timestamp() - v_began);
  insert into public.dashboard_parts as held (part, state, made_at, took_ms, next_at, error_message)
  values (
    p_part, v_state, case when v_error is null then now() end, v_took,
    -- What is dear is measured more seldom: a two-hundredth of the time at most.
    now() + greatest(interval '30 seconds', interval '1 millisecond' * v_took * 200), v_error)
  on conflict (part) do update
  set state = coalesce(excluded.state, held.state),
      made_at = coalesce(excluded.made_at, held.made_at),
      took_ms = excluded.took_ms,
      next_at = excluded.next_at,
      error_message = excluded.error_message;
  return v_error is null;
end
$$;

create or replace function private.sampled_gauges() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'series', g.series, 'subject', g.subject, 'at', now(), 'value', g.value, 'by_minute', true, 'is_gauge', true)), '[]')
  from public.dashboard_parts p
  cross join lateral (
    select s.series, q.key as subject, s.value
    from jsonb_each(p.state -> 'queues') q
    cross join lateral (values
      ('queue_due', (q.value ->> 'due')::double precision),
      ('queue_waiting', (q.value ->> 'waiting')::double precision),
      ('queue_oldest_seconds', coalesce((q.value ->> 'oldest_due_seconds')::double precision, 0))
    ) s(series, value)
    where p.part = 'queues'
    union all
    select 'dead_letters', '', (p.state ->> 'count')::double precision where p.part = 'dead_letters'
    union all
    select 'conflicts', '', (p.state -> 'conflicts' ->> 'count')::double precision where p.part = 'truth'
  ) g
  where p.made_at = now() and g.value is not null
$$;

create or replace function private.series(
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

create or replace function private.series_values(p_series text, p_subject text, p_step text, p_steps timestamptz[], p_zero boolean)
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

create or replace function private.sources_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with drift as materialized (
    select d.key as host, d.value as drift from jsonb_each(private.part_state('drift') -> 'by_host') d
  ),
  -- As source_candidates_to_review has them: passed its probe, and waits for a person.
  asked_for as materialized (
    select r.id, r.why, r.read, r.addresses, r.feeds, r.to_approve from public.source_candidates_to_review r limit 50
  ),
  counts as (
    select
      count(*) as sources,
      count(*) filter (where not s.is_active) as off,
      count(*) filter (where s.is_active and s.lifecycle = 'active') as active,
      count(*) filter (where s.is_active and s.lifecycle = 'probation') as probation,
      count(*) filter (where s.is_active and s.lifecycle = 'degraded') as degraded,
      count(*) filter (where s.is_active and s.lifecycle = 'retired') as retired,
      count(*) filter (where s.is_active and s.lifecycle in ('candidate', 'probing')) as candidates,
      count(*) filter (where s.lifecycle = 'rejected') as rejected,
      (select count(*) from asked_for) as to_review,
      (select count(*) from drift) as drifting
    from public.scrape_sources s
  ),
  listed as materialized (
    select s.*, coalesce(s.hosts[1], s.slug) as host, a.id is not null as is_asked_for, a.why as asked_why, a.read, a.addresses, a.to_approve,
      d.drift,
      row_number() over (order by
        a.id is null, d.drift is null, s.is_active is false,
        array_position('{degraded,probation,active,probing,candidate,retired,rejected}'::text[], s.lifecycle),
        s.lifecycle_at desc, s.slug) as n
    from public.scrape_sources s
    left join asked_for a on a.id = s.id
    left join lateral (select d.drift from drift d where d.host = any (s.hosts) limit 1) d on true
  ),
  shown as materialized (
    select l.*, h.success_rate, h.baseline_success_rate, h.avg_quality_score, h.baseline_quality_score, h.status as health, h.why as health_why,
      h.last_checked, v.vehicles_count, v.mean_score, v.complete_count
    from listed l
    left join lateral (
      select * from public.source_health h where h.source_id = l.id order by h.last_checked desc limit 1
    ) h on true
    left join lateral (
      select * from public.vehicle_score_history v where v.source_id = l.id order by v.day desc limit 1
    ) v on true
    where l.n <= 50
  )
  select jsonb_build_object(
    'at', null,
    'state', case when c.drifting > 0 then 'bad' when c.degraded + c.to_review > 0 then 'warn' when c.sources = 0 then 'idle' else 'ok' end,
    'says', format('%s in service%s%s%s', private.counted_words(c.active + c.probation + c.degraded, 'source', 'sources'),
      case when c.drifting > 0 then format('; pages of %s can no longer be read', private.counted_words(c.drifting, 'site', 'sites')) else '' end,
      case when c.degraded > 0 then format('; %s degraded', c.degraded) else '' end,
      case when c.to_review > 0 then format('; %s for you to approve', private.counted_words(c.to_review, 'waits', 'wait')) else '' end),
    'summary', to_jsonb(c),
    'rows', coalesce((
      select jsonb_agg(private.panel_row(
        s.id::text,
        case when s.drift is not null then 'bad' when s.is_asked_for or s.lifecycle = 'degraded' or s.health in ('degraded', 'failing') then 'warn'
          when not s.is_active or s.lifecycle in ('retired', 'rejected', 'candidate', 'probing') then 'idle' else 'ok' end,
        case when not s.is_active then 'off' when s.is_asked_for then 'to approve' when s.drift is not null then 'drifting' else s.lifecycle end,
        s.host,
        case
          when s.is_asked_for then s.asked_why
          when s.drift is not null then format('%s of %s pages of seven days came and could not be read', s.drift ->> 'unreadable', s.drift ->> 'pages_read')
          when s.health is not null then format('%s%s', coalesce(format('%s of 100 readings work', round(100 * s.success_rate)), 'no readings'),
            coalesce(format(', usually %s', round(100 * s.baseline_success_rate)), ''))
          else coalesce(s.lifecycle_reason, case s.found_by when 'code' then 'it has an adapter' else 'found by ' || replace(s.found_by, '_', ' ') end)
        end,
        jsonb_build_object(
          'source_id', s.id, 'slug', s.slug, 'host', s.host, 'kind', s.kind, 'lifecycle', s.lifecycle, 'is_active', s.is_active,
          'vehicles', s.vehicles_count, 'mean_score', s.mean_score,
          'complete_share', round(s.complete_count / nullif(s.vehicles_count, 0)::numeric, 3),
          'success_rate', s.success_rate, 'baseline_success_rate', s.baseline_success_rate,
          'quality', s.avg_quality_score, 'baseline_quality', s.baseline_quality_score, 'health', s.health,
          'vehicles_today', private.day_sum('vehicles_added', s.host, 0), 'vehicles_yesterday', private.day_sum('vehicles_added', s.host, 1),
          'drift', s.drift, 'confidence_cap', s.confidence_cap, 'read', s.read, 'addresses', to_jsonb(s.addresses)),
        case when not s.is_active then 'switched off by an operator'
          else coalesce(s.drift ->> 'example_reason', s.health_why, s.lifecycle_reason) end,
        s.lifecycle_at, s.next_look_at,
        case
          when not s.is_active then format('update scrape_sources set is_active = true where slug = %L;', s.slug)
          when s.is_asked_for then s.to_approve
          when s.drift is not null then format('npx -y deno@2.9.5 task extract PAGE.html --url %s', s.drift ->> 'example_url')
          when s.lifecycle in ('rejected', 'retired') then format('select approve_source(%L);', s.host)
          when s.lifecycle = 'degraded' then format('select * from source_host_status where host = %L;', s.host)
        end,
        case
          when not s.is_active then jsonb_build_array(
            private.panel_action('Switch it on', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', true)))
          when s.is_asked_for then jsonb_build_array(
            private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug)),
            private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug), 'p_reason'))
          when s.lifecycle in ('rejected', 'retired', 'candidate') then jsonb_build_array(
            private.panel_action('Approve', 'operator_approve_source', jsonb_build_object('p_source', s.slug)))
          else jsonb_build_array(
            private.panel_action('Switch it off', 'operator_switch_source', jsonb_build_object('p_source', s.slug, 'p_on', false)),
            private.panel_action('Learn its pages', 'operator_learn_map', jsonb_build_object('p_host', s.host)),
            private.panel_action('Reject', 'operator_reject_source', jsonb_build_object('p_source', s.slug), 'p_reason'))
        end,
        case when s.hosts[1] is not null then jsonb_build_object('url', 'https://' || s.hosts[1]) end
      ) order by s.n)
      from shown s), '[]'),
    'rows_left', greatest(c.sources - 50, 0),
    'series', jsonb_build_array(private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
    'empty', case when c.sources = 0 then 'The first run of discover-listings writes the sources that have an adapter.' end)
  from counts c
$$;

create or replace function private.state_of_word(p_word text) returns text
language sql immutable parallel safe
return case
  when p_word in ('stuck', 'failing', 'faulty') then 'bad'
  when p_word in ('waiting', 'degraded') then 'warn'
  when p_word in ('idle', 'off') then 'idle'
  else 'ok'
end;

create or replace function private.supply_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with sites as materialized (
    select u.host,
      private.day_sum('listings_found', u.host, 0) as listings_today,
      private.day_sum('listings_found', u.host, 1) as listings_yesterday,
      (
        select round((sum(s.value) / 14)::numeric, 1)
        from public.dashboard_samples s
        where s.series = 'listings_found' and s.subject = u.host and s.step = 'day'
          and s.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      ) as listings_usual,
      private.day_sum('vehicles_added', u.host, 0) as vehicles_today,
      private.day_sum('vehicles_added', u.host, 1) as vehicles_yesterday
    from unnest(private.top_subjects('listings_found', 40) || private.top_subjects('vehicles_added', 40)) u(host)
    group by u.host
  ),
  troubled as materialized (
    select f.id
    from public.listing_feeds f
    where f.enabled and f.failures > 0 or not f.enabled and f.off_because is null
    order by f.enabled desc, f.failures desc, f.url
    limit 15
  ),
  feeds as (
    select s.* from troubled t cross join lateral (select * from public.listing_feed_status l where l.id = t.id) s
  ),
  metrics as (
    select private.part_state('queues') -> 'feeds' as feeds,
      private.day_sum('listings_found', '', 0) as found_today, private.day_sum('listings_found', '', 1) as found_yesterday,
      private.day_sum('vehicles_added', '', 0) as added_today, private.day_sum('vehicles_added', '', 1) as added_yesterday
  ),
  rows as (
    select 1 as place, -coalesce(s.vehicles_today, 0) as a, -coalesce(s.listings_today, 0) as b, s.host as c, private.panel_row(
      'site ' || s.host, 'ok', null, s.host,
      format('%s and %s today; yesterday %s and %s',
        private.counted_words(coalesce(s.listings_today, 0)::bigint, 'new listing', 'new listings'),
        private.counted_words(coalesce(s.vehicles_today, 0)::bigint, 'vehicle', 'vehicles'),
        coalesce(s.listings_yesterday, 0), coalesce(s.vehicles_yesterday, 0)),
      to_jsonb(s), p_link => jsonb_build_object('url', 'https://' || s.host)) as row
    from (select * from sites order by vehicles_today desc nulls last, listings_today desc nulls last, host limit 35) s
    union all
    select 0, case when f.state = 'failing' then 0 else 1 end, 0, f.url, private.panel_row(
      'feed ' || f.id, case when f.state = 'failing' then 'bad' else 'idle' end, f.state, f.url,
      case when f.state = 'failing' then format('failed %s', private.counted_words(f.failures, 'time', 'times')) else 'switched off' end,
      jsonb_build_object('feed_id', f.id, 'url', f.url, 'state', f.state, 'last_found_at', f.last_found_at, 'next_check_at', f.next_check_at,
        'source', f.source),
      f.why, f.last_checked_at, f.next_check_at, f.what_to_do,
      case when f.state = 'failing' then jsonb_build_array(
        private.panel_action('Check it now', 'operator_check_feed', jsonb_build_object('p_feed_id', f.id)),
        private.panel_action('Switch it off', 'operator_switch_feed', jsonb_build_object('p_feed_id', f.id, 'p_on', false)))
      else jsonb_build_array(
        private.panel_action('Switch it on', 'operator_switch_feed', jsonb_build_object('p_feed_id', f.id, 'p_on', true))) end,
      jsonb_build_object('url', f.url))
    from feeds f
  )
  select jsonb_build_object(
    'at', (select counted_to from public.dashboard_parts where part = 'listings'),
    'state', case
      when m.found_today is null then 'unknown'
      when (m.feeds ->> 'failing')::integer > 0 then 'warn'
      else 'ok'
    end,
    'says', case
      when m.found_today is null then 'Not counted yet: the first counts come within minutes.'
      else format('%s and %s today, yesterday %s and %s%s',
        private.counted_words(m.found_today::bigint, 'new listing', 'new listings'),
        private.counted_words(m.added_today::bigint, 'vehicle', 'vehicles'),
        coalesce(to_char(m.found_yesterday, 'FM999,999,990'), 'not counted'), coalesce(to_char(m.added_yesterday, 'FM999,999,990'), 'not counted'),
        case when (m.feeds ->> 'failing')::integer > 0
          then format('; %s', private.counted_words((m.feeds ->> 'failing')::integer, 'list fails', 'lists fail')) else '' end)
    end,
    'summary', jsonb_build_object(
      'new_listings_today', m.found_today, 'new_listings_yesterday', m.found_yesterday,
      'vehicles_added_today', m.added_today, 'vehicles_added_yesterday', m.added_yesterday,
      'feeds', m.feeds -> 'enabled', 'feeds_failing', m.feeds -> 'failing', 'feeds_overdue', m.feeds -> 'overdue',
      'day_began_at', date_trunc('day', now(), 'UTC')),
    'rows', coalesce((select jsonb_agg(r.row order by r.place, r.a, r.b, r.c) from rows r), '[]'),
    'rows_left', null,
    'series', jsonb_build_array(
      private.series('listings_found', '{""}' || private.top_subjects('listings_found'), p_range, 'listings'),
      private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
    'empty', case when not exists (select from rows) then 'No site had a new listing today or yesterday, and no list fails.' end)
  from metrics m
$$;

create or replace function private.top_subjects(p_series text, p_limit integer default 5) returns text[]
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

create or replace function private.truth_panel(p_range text) returns jsonb
language sql stable
set search_path = ''
as $$
  with state as materialized (
    select private.part_state('truth') as t, private.part_state('reliability') as r
  ),
  audits as materialized (
    select a.field, a.reviewed + 2 * a.compared as n, a.reviewed, a.rejected, a.compared, a.disagreed,
      1 - (a.rejected + a.disagreed) / nullif(a.reviewed + 2 * a.compared, 0)::numeric as accuracy
    from state, jsonb_to_recordset(state.t -> 'audits') as a(field text, reviewed bigint, rejected bigint, compared bigint, disagreed bigint)
  ),
  sums as (
    select coalesce(sum(n), 0) as n, 1 - sum(rejected + disagreed) / nullif(sum(n), 0)::numeric as accuracy from audits
  ),
  counts as (
    select (t -> 'conflicts' ->> 'count')::bigint as conflicts, (t -> 'unsure' ->> 'count')::bigint as unsure,
      (t ->> 'audit_open')::bigint as audit_open,
      t -> 'conflicts' ->> 'how' = 'at_least' or t -> 'unsure' ->> 'how' = 'at_least' as at_least
    from state
  )
  select jsonb_build_object(
    'at', (select made_at from public.dashboard_parts where part = 'truth'),
    'state', case when c.conflicts is null then 'unknown' when s.n >= 10 and s.accuracy < 0.9 then 'bad'
      when c.audit_open > 0 or c.conflicts > 0 then 'warn' else 'ok' end,
    'says', case
      when c.conflicts is null then 'Not measured yet.'
      else format('%s; %s and %s to look at',
        case when s.n = 0 then 'accuracy is not known: nobody audited anything in 14 days'
          else format('%s of 100 audited readings were right (n = %s)', round(100 * s.accuracy, 1), s.n) end,
        private.counted_words(c.conflicts, 'conflict', 'conflicts'), private.counted_words(c.audit_open, 'audit', 'audits'))
    end,
    'summary', jsonb_build_object(
      'accuracy', round(s.accuracy, 4), 'accuracy_n', s.n, 'days', 14,
      'conflicts', c.conflicts, 'unsure', c.unsure, 'audit_open', c.audit_open, 'conflicts_at_least', c.at_least,
      'reliability', coalesce((
        select jsonb_agg(jsonb_build_object(
          'bin_from', split_part(b.bin, ' to ', 1)::numeric, 'bin_to', split_part(b.bin, ' to ', 2)::numeric,
          'confidence', b.mean_confidence, 'accepted', b.accepted, 'n', b.n) order by b.bin)
        from state, jsonb_to_recordset(state.r) as b(bin text, n bigint, mean_confidence numeric, accepted numeric) where b.bin <> 'all'), '[]'),
      'brier', (select b.value -> 'brier' from state, jsonb_array_elements(state.r) b where b.value ->> 'bin' = 'all'),
      'ece', (select b.value -> 'ece' from state, jsonb_array_elements(state.r) b where b.value ->> 'bin' = 'all'),
      'calibration', (
        select jsonb_build_object('version', k.version, 'status', k.status, 'since', coalesce(k.serving_since, k.made_at), 'labels', k.labels_count)
        from public.calibrations k where k.status in ('serving', 'shadow') order by k.status limit 1)),
    'rows', coalesce((
      select jsonb_agg(private.panel_row(
        a.field, case when a.n >= 10 and a.accuracy < 0.9 then 'bad' when a.accuracy < 1 then 'warn' else 'ok' end, null, a.field,
        format('%s of 100 right (n = %s)', round(100 * a.accuracy, 1), a.n),
        jsonb_build_object('field', a.field, 'accuracy', round(a.accuracy, 4), 'n', a.n, 'rejected', a.rejected, 'reviewed', a.reviewed,
          'compared', a.compared, 'disagreed', a.disagreed),
        nullif(concat_ws('; ',
          case when a.rejected > 0 then format('persons found %s of %s readings wrong', a.rejected, a.reviewed) end,
          case when a.disagreed > 0 then format('independent sources disagree on %s of %s cars', a.disagreed, a.compared) end), ''),
        p_what_to_type => case when a.disagreed > 0 then 'select * from source_agreement;' end
      ) order by a.accuracy, a.n desc, a.field)
      from audits a), '[]'),
    'rows_left', 0,
    'series', jsonb_build_array(private.series('conflicts', array[''], p_range, 'conflicts', true)),
    'empty', case when not exists (select from audits)
      then 'Accuracy comes from audits alone: review what the audit drew, and it is known.' end)
  from counts c
  cross join sums s
$$;

create or replace function private.value_seen(p_held text, p_state jsonb, p_status text default null, p_value text default null) returns text
language sql immutable parallel safe
return md5(jsonb_build_array(p_held, p_state -> 'method', p_state -> 'at', p_state -> 'confidence', p_status, p_value)::text);

create or replace function private.vehicle_fields(v public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'field', f.name,
    'value', r.held,
    'confidence', coalesce((s.state ->> 'confidence')::numeric, case when r.held is not null then 0.5 end),
    'method', s.state -> 'method',
    'version', s.state -> 'version',
    'source', s.state -> 'source',
    'at', s.state -> 'at',
    'why', s.state -> 'why',
    'rejected', s.state -> 'rejected',
    'evidence', m.evidence,
    'reading_id', m.id,
    'reading_way', m.reading_way,
    'source_url', m.source_url,
    'snapshot_id', m.snapshot_id,
    'by_hand', coalesce(s.state ->> 'method' like 'manual%' or s.state ->> 'why' = 'removed_by_hand', false),
    'points', private.field_points(f.name),
    'counts', r.held is not null and private.field_confidence(v.field_state, f.name) >= private.sure_enough(),
    'seen', private.value_seen(r.held, s.state),
    'in_conflict', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'value', c.field_value, 'confidence', c.confidence_score, 'method', c.extraction_method,
        'source_url', c.source_url, 'evidence', c.evidence, 'read_at', c.last_confirmed_at, 'snapshot_id', c.snapshot_id,
        'seen', private.value_seen(r.held, s.state, c.validation_status, c.field_value)
      ) order by c.confidence_score desc, c.id), '[]')
      from public.extraction_metadata c
      where c.vehicle_id = v.id and c.field_name = f.name and c.validation_status = 'conflict')
  ) order by f.n), '[]')
  from unnest(private.fact_columns()) with ordinality f(name, n)
  cross join lateral (select to_jsonb(v) ->> f.name as held) r
  cross join lateral (select v.field_state -> f.name as state) s
  left join lateral (
    select m.* from public.extraction_metadata m
    where m.vehicle_id = v.id and m.field_name = f.name and m.validation_status = 'accepted'
    order by m.last_confirmed_at desc, m.id desc
    limit 1
  ) m on true
$$;

create or replace function private.vehicle_offers(p_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'listings', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'url', l.listing_url, 'host', l.source_host, 'kind', l.kind, 'status', l.status, 'price', l.price, 'currency', l.currency,
        'title', l.title, 'seller', l.seller, 'first_seen_at', l.first_seen_at, 'last_seen_at', l.last_seen_at, 'ended_at', l.ended_at,
        'ended_because', l.ended_because,
        'events', (
          select coalesce(jsonb_agg(jsonb_build_object(
            'event', e.event, 'at', e.at, 'price_from', e.price_from, 'price_to', e.price_to, 'currency', e.currency,
            'status_from', e.status_from, 'status_to', e.status_to) order by e.at desc, e.id desc), '[]')
          from (select * from public.listing_events where listing_id = l.id order by at desc limit 20) e)
      ) order by l.last_seen_at desc, l.id), '[]')
      from (select * from public.vehicle_listings where vehicle_id = p_id order by last_seen_at desc limit 20) l),
    'auctions', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'source_url', a.source_url, 'outcome', a.outcome, 'high_bid', a.high_bid, 'sale_price', a.sale_price, 'currency', a.currency,
        'bids', a.bid_count, 'comments', a.comment_count, 'starts_at', a.starts_at, 'ended_at', a.ends_at, 'seller', a.seller, 'buyer', a.buyer
      ) order by a.ends_at desc nulls last), '[]')
      from (select * from public.auction_events where vehicle_id = p_id order by ends_at desc nulls last limit 20) a),
    'comments', (
      select coalesce(jsonb_agg(jsonb_build_object('author', c.author, 'text', left(c.body, 2000), 'at', c.posted_at) order by c.posted_at desc nulls last), '[]')
      from (
        select c.* from public.auction_events a join public.auction_comments c on c.auction_event_id = a.id
        where a.vehicle_id = p_id order by c.posted_at desc nulls last limit 20) c))
$$;

create or replace function private.vehicle_pages(v public.vehicles) returns jsonb
language sql stable
set search_path = ''
as $$
  with addresses as (
    select v.canonical_url as url where v.canonical_url is not null
    union
    select l.canonical_url from public.vehicle_listings l where l.vehicle_id = v.id and l.canonical_url is not null
  ),
  kept as (
    select p.*
    from addresses a
    cross join lateral (
      select * from public.page_snapshots p where p.canonical_url = a.url order by p.last_seen_at desc limit 10
    ) p
    order by p.last_seen_at desc
    limit 10
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', k.id, 'bucket', 'page-snapshots', 'path', k.storage_path, 'url', k.url, 'fetched_at', k.fetched_at,
    'last_seen_at', k.last_seen_at, 'bytes', k.bytes, 'status', k.status, 'content_type', k.content_type, 'is_good', k.is_good
  ) order by k.last_seen_at desc), '[]')
  from kept k
$$;

create or replace function private.vehicle_queue_rows(p_id uuid) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
  v_rows jsonb := '[]';
  v_more jsonb;
begin
  for q in select * from private.queues order by table_name loop -- one short statement a queue table
    execute format(
      $sql$
        select jsonb_agg(jsonb_build_object(
          'queue', %1$L, 'id', t.id, 'status', t.status, 'attempts', t.%2$I,
          'next_attempt_at', case when isfinite(t.%3$I) then t.%3$I end,
          'outcome_code', t.outcome_code, 'error', t.error_message, 'created_at', t.created_at, 'processed_at', t.processed_at
        ) order by t.created_at desc)
        from (select * from public.%1$I where vehicle_id = $1 order by created_at desc limit 10) t
      $sql$, q.table_name, q.attempts_column, q.due_column)
    into v_more
    using p_id;
    v_rows := v_rows || coalesce(v_more, '[]');
  end loop;
  return v_rows;
end
$$;

create or replace function private.vehicle_readings(p_id uuid, p_limit integer) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', m.id, 'field', m.field_name, 'value', m.field_value, 'previous_value', m.previous_value, 'method', m.extraction_method,
    'version', m.scraper_version, 'confidence', m.confidence_score, 'declared_confidence', m.declared_confidence,
    'status', m.validation_status, 'evidence', m.evidence, 'reading_way', m.reading_way, 'source_url', m.source_url,
    'snapshot_id', m.snapshot_id, 'extracted_at', m.extracted_at, 'last_confirmed_at', m.last_confirmed_at,
    'reviewed_at', m.reviewed_at, 'reviewed_by', m.reviewed_by, 'note', m.review_note
  ) order by m.last_confirmed_at desc, m.id desc), '[]')
  from (
    select * from public.extraction_metadata where vehicle_id = p_id order by last_confirmed_at desc, id desc limit p_limit
  ) m
$$;

create or replace function private.vehicle_title(v public.vehicles) returns text
language sql immutable parallel safe
return coalesce(nullif(concat_ws(' ', v.year, v.make, v.model, v.trim), ''), 'a vehicle of which nothing is known yet');

create or replace function private.vehicle_work(p_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'queues', private.vehicle_queue_rows(p_id),
    'micro_scrape', (
      select jsonb_build_object(
        'state', s.state, 'due_at', case when isfinite(s.due_at) then s.due_at end, 'no_gain_passes', s.no_gain_passes,
        'failures', s.failures, 'last_checked_at', s.last_checked_at, 'last_outcome', s.last_outcome, 'last_error', s.last_error)
      from public.micro_scrape_state s where s.vehicle_id = p_id),
    'steps', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'step', s.step_name, 'status', s.status, 'outcome_code', s.outcome_code, 'error', s.error_message, 'at', s.created_at
      ) order by s.created_at desc), '[]')
      from (select * from public.scrape_steps where vehicle_id = p_id order by created_at desc limit 20) s),
    'image_downloads', (
      select coalesce(jsonb_object_agg(d.status, d.count), '{}') || jsonb_build_object('last_error', (
        select l.last_error from public.image_downloads l
        where l.vehicle_id = p_id and l.last_error is not null order by l.last_attempt_at desc nulls last limit 1))
      from (select d.status, count(*) as count from public.image_downloads d where d.vehicle_id = p_id group by d.status) d))
$$;

create or replace function private.why_host_waits(h public.source_hosts) returns text
language sql stable
set search_path = ''
return case
  when h.breaker = 'half_open' then 'one request is trying whether it serves again; ' || h.opened_because
  when h.breaker = 'open' then h.opened_because
  when h.retry_after > now() then 'it asked to wait (Retry-After)'
  when h.robots_error is not null and h.robots_fresh_until > now() and h.robots_body is null
    then 'robots.txt cannot be read: ' || h.robots_error
  else 'may be asked'
end;

create or replace function private.words_of_error(p_state text, p_message text) returns text
language sql immutable parallel safe
return case
  when p_state in ('42703', '42P01', '42883', '42704') then 'The database lacks something that this release expects: ' || p_message
  when p_state = '42501' then 'Not allowed: ' || p_message
  when p_state = '55P03' then 'Somebody holds a lock for long, a migration perhaps: try again in a minute'
  when p_state = '57014' then 'It took too long and was stopped: the database is busy, or lacks an index'
  else 'An error of the database: ' || p_message
end;

create or replace function public.dashboard(p_panels text[] default null, p_range text default '2d') returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_panel text;
  v_panels jsonb := '{}';
  v_sampled timestamptz;
begin
  perform private.require_operator();
  if cardinality(p_panels) > 20 then
    raise exception 'that are % panels: at most 20', cardinality(p_panels) using errcode = '22023';
  end if;
  foreach v_panel in array coalesce(p_panels, private.dashboard_panels()) loop
    v_panels := v_panels || jsonb_build_object(v_panel, private.panel(v_panel, p_range));
  end loop;
  select made_at into v_sampled from public.dashboard_parts where part = 'sampler';
  return jsonb_build_object(
    'now', clock_timestamp(),
    'sampled_at', v_sampled,
    'sample_age_s', round(extract(epoch from clock_timestamp() - v_sampled)),
    'range', p_range,
    'operator', jsonb_build_object('id', auth.uid(), 'email', auth.jwt() ->> 'email'),
    'panels', v_panels);
end
$$;

create or replace function public.dashboard_activity(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('activity', p_range);

create or replace function public.dashboard_coverage(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('coverage', p_range);

create or replace function public.dashboard_cycle(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('cycle', p_range);

create or replace function public.dashboard_find(p_text text, p_limit integer default 20) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_text text := btrim(left(p_text, 2048));
  v_limit integer := least(greatest(coalesce(p_limit, 20), 1), 50);
  v_vin text := upper(regexp_replace(v_text, '[\s-]', '', 'g'));
  v_words text[];
  v_ids uuid[];
  v_by text;
  v_says text;
begin
  perform private.require_operator();
  if private.as_uuid(v_text) is not null then
    v_by := 'id';
    v_ids := array(select v.id from public.vehicles v where v.id = v_text::uuid);
    if v_ids = '{}' then
      v_ids := array_remove(array[(
        select m.kept_vehicle_id from public.vehicle_merges m
        where m.merged_vehicle_id = v_text::uuid and m.unmerged_at is null order by m.created_at desc limit 1)], null);
    end if;
  elsif v_text ~ '^(https?://|www\.)' or v_text ~ '^[a-z0-9.-]+\.[a-z]{2,}/' then
    v_by := 'url';
    v_ids := array_remove(array[private.vehicle_of_listing(private.web_address(v_text))], null);
  end if;
  if v_by is null and v_vin ~ '^[A-Z0-9]{5,17}$' and v_vin ~ '\d' then
    v_ids := array(
      select v.id from public.vehicles v
      where v.vin >= v_vin and v.vin <= v_vin || 'ZZZZZZZZZZZZZ' and starts_with(v.vin, v_vin)
      order by v.vin limit v_limit);
    v_by := case when v_ids <> '{}' then 'vin' end;
  end if;
  if v_by is null and v_text <> '' then
    v_by := 'words';
    v_words := (regexp_split_to_array(lower(v_text), '\s+'))[1:8];
    v_ids := private.found_by_words(v_words, v_limit);
    v_says := 'sought among 20,000 of each make that is named, and the newest 5,000';
  end if;
  return jsonb_build_object(
    'by', v_by,
    'says', case
      when v_by is null then 'Type a VIN, an id, the address of a listing, or year, make and model.'
      when coalesce(v_ids, '{}') = '{}' then 'Nothing fits' || coalesce(': ' || v_says, '') || '.'
      else private.counted_words(cardinality(v_ids), 'vehicle', 'vehicles') || coalesce(', ' || v_says, '') || '.'
    end,
    'bounded', v_by = 'words',
    'rows', coalesce((
      select jsonb_agg(jsonb_build_object(
        'vehicle_id', v.id, 'title', private.vehicle_title(v), 'vin', v.vin, 'score', q.overall_score, 'state', s.state,
        'host', v.source_host, 'created_at', v.created_at, 'link', coalesce(v.listing_url, v.discovery_url),
        'image', (
          select jsonb_build_object('bucket', 'vehicle-images', 'path', i.storage_path)
          from public.vehicle_images i where i.vehicle_id = v.id order by i.is_primary desc, i.position limit 1)
      ) order by u.n)
      from unnest(v_ids) with ordinality u(id, n)
      join public.vehicles v on v.id = u.id
      left join public.vehicle_quality_scores q on q.vehicle_id = v.id
      left join public.micro_scrape_state s on s.vehicle_id = v.id), '[]'));
end
$$;

create or replace function public.dashboard_hosts(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('hosts', p_range);

create or replace function public.dashboard_maps(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('maps', p_range);

create or replace function public.dashboard_money(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('money', p_range);

create or replace function public.dashboard_queues(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('queues', p_range);

create or replace function public.dashboard_review(p_limit integer default 50, p_after text default null, p_kind text default null) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_kinds text[] := array['conflict', 'audit', 'unsure'];
  v_kind text;
  v_after text[] := string_to_array(p_after, '|');
  v_limit integer := least(greatest(coalesce(p_limit, 50), 1), 100);
  v_rows jsonb := '[]';
  v_more jsonb;
  v_next text;
  v_truth jsonb := private.part_state('truth');
begin
  perform private.require_operator();
  if p_kind is not null and p_kind <> all (v_kinds) then
    raise exception 'a kind is conflict, audit or unsure, not "%"', left(p_kind, 20) using errcode = '22023';
  end if;
  if p_after is not null and (cardinality(v_after) <> 3 or v_after[1] <> all (v_kinds) or v_after[3] !~ '^\d{1,18}$') then
    raise exception 'p_after is what an answer of this function gave as after' using errcode = '22023';
  end if;
  foreach v_kind in array v_kinds loop
    continue when v_kind <> coalesce(p_kind, v_kind)
      or array_position(v_kinds, v_kind) < coalesce(array_position(v_kinds, v_after[1]), 1);
    exit when jsonb_array_length(v_rows) >= v_limit;
    select
      jsonb_agg(private.review_row(v_kind, i.id) order by i.n),
      coalesce((array_agg(concat_ws('|', v_kind, i.at, i.id) order by i.n desc))[1], v_next)
    into v_more, v_next
    from private.review_ids(
      v_kind, case when v_after[1] = v_kind then v_after[2] end, case when v_after[1] = v_kind then v_after[3]::bigint end,
      v_limit - jsonb_array_length(v_rows)) with ordinality i(id, at, n);
    v_rows := v_rows || coalesce(v_more, '[]');
  end loop;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'open', jsonb_build_object(
      'conflict', v_truth -> 'conflicts' -> 'count', 'unsure', v_truth -> 'unsure' -> 'count', 'audit', v_truth -> 'audit_open',
      'at_least', (
        select coalesce(jsonb_agg(c.name), '[]')
        from (values ('conflict', v_truth -> 'conflicts' ->> 'how'), ('unsure', v_truth -> 'unsure' ->> 'how')) c(name, how)
        where c.how = 'at_least')),
    'after', case when jsonb_array_length(v_rows) >= v_limit then v_next end,
    'rows', v_rows);
end
$$;

create or replace function public.dashboard_running(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('running', p_range);

create or replace function public.dashboard_sources(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('sources', p_range);

create or replace function public.dashboard_supply(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('supply', p_range);

create or replace function public.dashboard_truth(p_range text default '2d') returns jsonb
language sql stable
set search_path = ''
return private.panel('truth', p_range);

create or replace function public.dashboard_vehicle(p_id uuid) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v public.vehicles;
  v_score public.vehicle_quality_scores;
  v_merged uuid;
begin
  perform private.require_operator();
  select * into v from public.vehicles where id = p_id;
  if not found then
    select m.kept_vehicle_id into v_merged
    from public.vehicle_merges m
    where m.merged_vehicle_id = p_id and m.unmerged_at is null
    order by m.created_at desc
    limit 1;
    return jsonb_build_object('now', clock_timestamp(), 'vehicle', null, 'merged_into', v_merged,
      'says', case when v_merged is null then 'No vehicle has this id.' else 'It was merged into another vehicle.' end);
  end if;
  select * into v_score from public.vehicle_quality_scores where vehicle_id = p_id;
  return jsonb_build_object(
    'now', clock_timestamp(),
    'vehicle', jsonb_build_object(
      'id', v.id, 'title', private.vehicle_title(v), 'vin', v.vin, 'created_at', v.created_at, 'updated_at', v.updated_at,
      'discovery_url', v.discovery_url, 'listing_url', v.listing_url, 'bat_auction_url', v.bat_auction_url, 'source_host', v.source_host,
      'sale_status', v.sale_status, 'currency', v.currency, 'listing_ended_at', v.listing_ended_at),
    'score', jsonb_build_object(
      'overall', v_score.overall_score, 'missing', to_jsonb(v_score.missing_fields), 'unsure', to_jsonb(v_score.low_confidence_fields),
      'issues', to_jsonb(v_score.issues), 'complete', private.is_complete(v, v_score.overall_score)),
    'fields', private.vehicle_fields(v),
    'history', private.vehicle_readings(p_id, 200),
    'history_left', greatest((select count(*) from public.extraction_metadata where vehicle_id = p_id) - 200, 0),
    'images', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', i.id, 'bucket', 'vehicle-images', 'path', i.storage_path, 'width', i.width, 'height', i.height,
        'is_primary', i.is_primary, 'image_url', i.image_url, 'position', i.position, 'bytes', i.bytes
      ) order by i.is_primary desc, i.position, i.id), '[]')
      from (select * from public.vehicle_images where vehicle_id = p_id order by is_primary desc, position limit 60) i),
    'snapshots', private.vehicle_pages(v),
    'candidates', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', c.id, 'other_vehicle_id', o.id, 'other_title', private.vehicle_title(o), 'vin', c.vin, 'score', c.score,
        'evidence', c.evidence, 'status', c.status) order by c.created_at desc), '[]')
      from public.vehicle_merge_candidates c
      join public.vehicles o on o.id = case when c.vehicle_id = p_id then c.other_vehicle_id else c.vehicle_id end
      where c.vehicle_id = p_id or c.other_vehicle_id = p_id)
  ) || private.vehicle_work(p_id) || private.vehicle_offers(p_id);
end
$$;

create or replace function public.operator_add_source(p_url text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('add_source', jsonb_build_object('p_url', p_url));

create or replace function public.operator_approve_source(p_source text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('approve_source', jsonb_build_object('p_source', p_source));

create or replace function public.operator_check_feed(p_feed_id uuid) returns jsonb
language sql security definer
set search_path = ''
return private.operate('check_feed', jsonb_build_object('p_feed_id', p_feed_id));

create or replace function public.operator_learn_map(p_host text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('learn_map', jsonb_build_object('p_host', p_host));

create or replace function public.operator_redrive(p_queue text default null, p_outcome text default null, p_id uuid default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('redrive', jsonb_build_object('p_queue', p_queue, 'p_outcome', p_outcome, 'p_id', p_id));

create or replace function public.operator_reject_source(p_source text, p_reason text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('reject_source', jsonb_build_object('p_source', p_source, 'p_reason', p_reason));

create or replace function public.operator_release_field(p_vehicle_id uuid, p_field text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('release_field', jsonb_build_object('p_vehicle_id', p_vehicle_id, 'p_field', p_field));

create or replace function public.operator_reopen(p_vehicle_id uuid) returns jsonb
language sql security definer
set search_path = ''
return private.operate('reopen', jsonb_build_object('p_vehicle_id', p_vehicle_id));

create or replace function public.operator_resolve_candidate(p_id uuid, p_decision text, p_note text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('resolve_candidate', jsonb_build_object('p_id', p_id, 'p_decision', p_decision, 'p_note', p_note));

create or replace function public.operator_resume_host(p_host text) returns jsonb
language sql security definer
set search_path = ''
return private.operate('resume_host', jsonb_build_object('p_host', p_host));

create or replace function public.operator_retire_map(p_map_id uuid, p_reason text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('retire_map', jsonb_build_object('p_map_id', p_map_id, 'p_reason', p_reason));

create or replace function public.operator_review(p_id bigint, p_decision text, p_seen text default null, p_value text default null, p_note text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('review', jsonb_build_object('p_id', p_id, 'p_decision', p_decision, 'p_seen', p_seen, 'p_value', p_value, 'p_note', p_note));

create or replace function public.operator_set_cost_rate(p_item text, p_price numeric, p_per numeric default 1) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_cost_rate', jsonb_build_object('p_item', p_item, 'p_price', p_price, 'p_per', p_per));

create or replace function public.operator_set_field(p_vehicle_id uuid, p_field text, p_value text, p_seen text default null, p_note text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_field', jsonb_build_object('p_vehicle_id', p_vehicle_id, 'p_field', p_field, 'p_value', p_value, 'p_seen', p_seen, 'p_note', p_note));

create or replace function public.operator_set_policy(p_changes jsonb, p_seen text default null) returns jsonb
language sql security definer
set search_path = ''
return private.operate('set_policy', jsonb_build_object('p_changes', p_changes, 'p_seen', p_seen));

create or replace function public.operator_switch_feed(p_feed_id uuid, p_on boolean) returns jsonb
language sql security definer
set search_path = ''
return private.operate('switch_feed', jsonb_build_object('p_feed_id', p_feed_id, 'p_on', p_on));

create or replace function public.operator_switch_source(p_source text, p_on boolean) returns jsonb
language sql security definer
set search_path = ''
return private.operate('switch_source', jsonb_build_object('p_source', p_source, 'p_on', p_on));

create view public.source_host_status with (security_invoker = true) as
select
  h.host,
  h.interval_ms,
  h.breaker,
  private.why_host_waits(h) as why,
  private.host_waits_until(h) as until,
  h.last_outcome,
  h.last_message,
  h.last_answered_at,
  day.attempts as attempts_24h,
  day.served as served_24h,
  case
    when h.robots_fetched_at is null then 'not read yet'
    when h.robots_error is not null then 'unreachable: ' || h.robots_error
    when h.robots_status between 200 and 299 then 'read'
    else 'none (' || h.robots_status || ')'
  end as robots,
  h.robots_fetched_at,
  private.pace_words(h) as interval_because,
  case when h.budget_until > now() then h.new_pages_budget - h.new_pages_used end as new_pages_left
from public.source_hosts h
cross join lateral (
  select
    count(*) as attempts,
    count(*) filter (where outcome in ('ok', 'not_modified', 'gone')) as served
  from public.scraping_health a
  where a.host = h.host
    and a.created_at > now() - interval '1 day'
) as day;

create index if not exists dashboard_samples_by_time on public.dashboard_samples using btree (step, at, series);

create index if not exists operator_actions_by_subject on public.operator_actions using btree (subject, at desc);

create index if not exists operator_actions_by_time on public.operator_actions using btree (at desc);

create index if not exists vehicles_by_make on public.vehicles using btree (lower(make), year)
  where (make is not null);

create policy operators_read on public.dashboard_parts
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.dashboard_samples
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

create policy operators_read on public.operator_actions
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.dashboard_parts.counted_to is 'Of a part that counts what came in: up to when, so that each minute is counted once, however late.';

comment on column public.dashboard_parts.error_message is 'Why the last attempt failed; state is that of the one before.';

comment on column public.dashboard_samples.samples is 'Of how many minutes that were looked at the value is made.';

comment on column public.dashboard_samples.subject is 'A site, or a queue; empty: all of them together. Sites have no rows a minute.';

comment on column public.operator_actions.operator_id is 'The user of Auth. No foreign key: what somebody did outlasts his account. His address is Auth''s alone.';

comment on column public.operator_actions.outcome is 'nothing_to_do: it stood so already; already_done: another operator was first; changed: it is not any more what was seen; refused: against a rule; failed: an error.';

comment on function private.activity_panel(text) is 'The last fifty things that operators did.';

comment on function private.add_samples(jsonb) is 'Adds minutes to the samples, [{series, subject, at, value, by_minute, is_gauge}]: to their hour and day, and as a row of their own where by_minute. Of a gauge hours and days are means. The caller sees to it that a minute is given once.';

comment on function private.cost_of_days(timestamp with time zone) is 'By day (UTC): what was used, and its price; null without a rate for anything. What is stored is priced as its first month.';

comment on function private.count_part(text) is 'Counts what came in of one part since it was last counted, an hour at most, so that a database that stood still catches up; from yesterday on when it was never counted.';

comment on function private.count_samples(text, timestamp with time zone, timestamp
  with time zone) is 'Counts a part of what came in between two full minutes, and adds it to the samples. Gives how many rows of hours and days that changed.';

comment on function private.counted_files(timestamp with time zone, timestamp
  with time zone) is 'Pictures that were stored, and the bytes of pictures and snapshots, by site and minute.';

comment on function private.counted_invocations(timestamp with time zone, timestamp
  with time zone) is 'Calls of edge functions by the database, by minute.';

comment on function private.counted_listings(timestamp with time zone, timestamp
  with time zone) is 'Listings that were found and queued, by site and minute.';

comment on function private.counted_requests(timestamp with time zone, timestamp
  with time zone) is 'Requests, how they were answered, and decoded bytes, by host and minute.';

comment on function private.counted_vehicles(timestamp with time zone, timestamp
  with time zone) is 'Vehicles that came into being and hold year, make and model, by site and minute.';

comment on function private.counted_words(bigint, text, text) is 'A number with its noun: "1 row", "1,200 rows".';

comment on function private.counted_work(timestamp with time zone, timestamp
  with time zone) is 'Rows of the queues that were done, by queue and minute.';

comment on function private.coverage_panel(text) is 'Coverage by field: of the vehicles that came in this week, how many hold it, against the four weeks before; what fell most first.';

comment on function private.cycle_panel(text) is 'This cycle: added against target, projected, verdict; the last 24 cycles; and the policy that an operator may change.';

comment on function private.dashboard_panels() is 'The panels, from top to bottom.';

comment on function private.day_sum(text, text, integer) is 'The sum of a day (UTC), so many days ago; null when none of it was counted.';

comment on function private.did(text, text, text, jsonb, jsonb, uuid, timestamp
  with time zone) is 'What came of an action, as operate() takes it.';

comment on function private.do_add_source(jsonb) is 'Adds a site that an operator knows, as a candidate.';

comment on function private.do_approve_source(jsonb) is 'Takes a source in.';

comment on function private.do_check_feed(jsonb) is 'Has a feed checked now.';

comment on function private.do_learn_map(jsonb) is 'Has the pages of a source learned.';

comment on function private.do_redrive(jsonb) is 'Puts dead letters back: one row, or those of a queue (or all) and an outcome (or any), a thousand of each queue at most.';

comment on function private.do_reject_source(jsonb) is 'Keeps a source out, with the reason.';

comment on function private.do_release_field(jsonb) is 'Gives a field that a person set back to the pages.';

comment on function private.do_reopen(jsonb) is 'Looks at a vehicle again, whatever became of it.';

comment on function private.do_resolve_candidate(jsonb) is 'Says of a pair that may be one car what it is.';

comment on function private.do_resume_host(jsonb) is 'Says that a host serves again: it is asked, and what waited for it goes on.';

comment on function private.do_retire_map(jsonb) is 'Takes an extraction map out of service.';

comment on function private.do_review(jsonb) is 'Accept, reject or correct one reading that is unsure, in conflict, or drawn by the audit.';

comment on function private.do_set_cost_rate(jsonb) is 'Says what something costs, or (price null) that it has no price.';

comment on function private.do_set_field(jsonb) is 'Sets a field of a vehicle, or empties it, as a person''s word.';

comment on function private.do_set_policy(jsonb) is 'Changes columns of fill_policy, within what its constraints allow.';

comment on function private.do_switch_feed(jsonb) is 'Switches a feed on or off.';

comment on function private.do_switch_source(jsonb) is 'Switches a source on or off.';

comment on function private.found_by_words(text[], integer) is 'Vehicles whose year, make, model and trim have all these words (small letters), the newest first: of up to 20,000 of a make that is named, or of the newest 5,000.';

comment on function private.host_waits_until(public.source_hosts) is 'When a host that is not asked now is asked again; null when it may be.';

comment on function private.hosts_panel(text) is 'Hosts: which are in the way and until when, how fast each is asked, and how it answered in the last 24 hours.';

comment on function private.last_done(text) is 'What an operator did last to this, of what was done.';

comment on function private.maps_panel(text) is 'Extraction maps: in shadow, serving, retired, how they compare, and the jobs that learn.';

comment on function private.measured_cycle() is 'The row of fill_status.';

comment on function private.measured_dead_letters() is 'What was given up: how many (up to a thousand of each queue), by queue and outcome, and the newest.';

comment on function private.measured_drift() is 'Sites whose pages come and are not understood any more.';

comment on function private.measured_hosts_in_the_way() is 'Hosts that do not serve, as pipeline_status has them.';

comment on function private.measured_queues() is 'How the queues, the feeds, images and gap filling stand.';

comment on function private.measured_reliability() is 'How confidence and truth go together, by bin: calibration_report of what is held.';

comment on function private.measured_running() is 'The parts of pipeline_status that are soon told; hosts and drift are measured apart.';

comment on function private.measured_truth() is 'Audits by field of the last 14 days, and what is open for review.';

comment on function private.money_panel(text) is 'Money: what yesterday and today cost, all in all, by item and by site, by the rates of cost_rates; without a rate what was used, and no price.';

comment on function private.note_action(text, text, jsonb, jsonb, jsonb, text, text, uuid, timestamp
  with time zone) is 'Writes down what an operator did, and gives what the function that did it answers. p_by, p_at: which other operator was first, and when.';

comment on function private.operate(text, jsonb) is 'Does one of the things that only operators may do, after it made sure that one asks, and writes down what came of it. A rule that is broken is an answer (refused), as is an error (failed): nothing was changed then.';

comment on function private.operator_name(uuid) is 'The address of a user of Auth, for operators only. Runs as its owner: Auth''s users are readable by nobody else.';

comment on function private.pace_words(public.source_hosts) is 'What the pace of a host comes from, in words.';

comment on function private.panel(text, text) is 'One panel of the dashboard, for operators. Where it cannot be made, {panel, error: {code, message, says, what_to_type}} instead.';

comment on function private.panel_action(text, text, jsonb, text) is 'A button: the function that it calls, with which arguments, and which text argument it asks for first.';

comment on function private.panel_row(text, text, text, text, text, jsonb, text, timestamp
  with time zone, timestamp with time zone, text, jsonb, jsonb) is 'A row of a panel: how it stands (bad, warn, ok, idle) and in words, what to type, which actions an operator has.';

comment on function private.part_state(text) is 'What was measured last of a part; null when it never was.';

comment on function private.policy_seen(public.fill_policy) is 'What an operator saw of fill_policy, to tell whether it is still so.';

comment on function private.prune_dashboard_samples(integer) is 'Forgets minutes after two days and hours after sixty, at most so many of each. Gives how many.';

comment on function private.queues_panel(text) is 'The queues: what was done, what is due and since when; and the dead letters, together and one by one.';

comment on function private.range_begin(text) is 'When a range begins, at a full step; all begins with the first day that was sampled.';

comment on function private.range_step(text) is 'Of which steps a chart of a range is made.';

comment on function private.rate_of(text) is 'The price of one; null where no rate was given.';

comment on function private.require_operator() is 'Raises unless the signed-in user is an operator. Everything of the dashboard asks it first.';

comment on function private.review_ids(text, text, bigint, integer) is 'The next readings of a kind, after one: conflicts newest first, the audit by week, the unsure ones the least sure first.';

comment on function private.review_row(text, bigint) is 'A reading to be reviewed, with what is held beside it.';

comment on function private.running_panel(text) is 'Is it running: what is wrong first, why, and what to type. Where nothing was measured for four minutes, cron stands still.';

comment on function private.sample_dashboard() is 'Measures what the dashboard shows and what is due to be measured, counts what came in since, and forgets what is old. Cron calls it; one at a time.';

comment on function private.sample_part(text) is 'Measures one part now. Gives whether that worked; an error is kept in dashboard_parts, with what was measured before.';

comment on function private.sampled_gauges() is 'Of what this transaction measured, the numbers that stand somewhere, as add_samples() takes them.';

comment on function private.series(text, text[], text, text, boolean, text[]) is 'A chart: the values of some subjects over a range, all at the same steps, as {name, unit, kind, step, x, y: [{subject, values}]}.';

comment on function private.series_values(text, text, text, timestamp
  with time zone[], boolean) is 'The values of a series at these steps; null where it was not sampled.';

comment on function private.sources_panel(text) is 'Sources: what waits for a person, which are not understood any more or degraded, how each does against its own 14 days.';

comment on function private.state_of_word(text) is 'How bad a state of pipeline_status is: bad, warn, ok or idle.';

comment on function private.supply_panel(text) is 'Supply: new listings and vehicles of today and yesterday (UTC) by site, against what is usual, and the lists that fail or are off.';

comment on function private.top_subjects(text, integer) is 'The sites that had most of a series today and yesterday.';

comment on function private.truth_panel(text) is 'Truth: audited accuracy of 14 days with its n, how confidence and truth go together, and what is open for review.';

comment on function private.value_seen(text, jsonb, text, text) is 'What an operator saw of a field, or of a reading beside it, to tell whether it is still so.';

comment on function private.vehicle_fields(public.vehicles) is 'Each field of a vehicle: the value held, how sure, from where, its evidence, and what disagrees with it.';

comment on function private.vehicle_offers(uuid) is 'The listings of a vehicle with what happened to them, its auctions, and the newest comments.';

comment on function private.vehicle_pages(public.vehicles) is 'The pages of a vehicle that were kept, newest first, and where they stand in Storage.';

comment on function private.vehicle_queue_rows(uuid) is 'The rows of a vehicle in every queue, ten of each at most.';

comment on function private.vehicle_readings(uuid, integer) is 'What was read of a vehicle and what became of it, newest first.';

comment on function private.vehicle_title(public.vehicles) is 'Year, make, model and trim, as far as they are held.';

comment on function private.vehicle_work(uuid) is 'Where the work on a vehicle stands: queues, gap filling, steps, downloads.';

comment on function private.why_host_waits(public.source_hosts) is 'Why a host is not asked now, or that it may be.';

comment on function private.words_of_error(text, text) is 'What an SQLSTATE means to an operator.';

comment on function public.dashboard(text[], text) is 'The panels of the dashboard in one answer: all, or those that are named; over 3h, 2d, 7d, 60d or all. A panel that cannot be made has an error in its place. For operators.';

comment on function public.dashboard_activity(text) is 'The panel of what operators did last.';

comment on function public.dashboard_coverage(text) is 'The panel of coverage by field, against its baseline.';

comment on function public.dashboard_cycle(text) is 'The panel of this cycle of filling.';

comment on function public.dashboard_find(text, integer) is 'Finds vehicles by VIN (or its beginning), id, address of a listing, or words of year, make, model and trim; fifty at most, and words among a bounded number. For operators.';

comment on function public.dashboard_hosts(text) is 'The panel of hosts: pace, breaker, until when.';

comment on function public.dashboard_maps(text) is 'The panel of extraction maps.';

comment on function public.dashboard_money(text) is 'The panel of what it costs.';

comment on function public.dashboard_queues(text) is 'The panel of the queues and dead letters.';

comment on function public.dashboard_review(integer, text, text) is 'Readings that wait for a person: conflicts, then the audit, then what is too unsure to count, or one kind; a hundred at most, and after for the next. operator_review() decides. For operators.';

comment on function public.dashboard_running(text) is 'The panel of what is wrong first: is it running, why not, what to type.';

comment on function public.dashboard_sources(text) is 'The panel of sources: lifecycle, yield, drift, what waits for approval.';

comment on function public.dashboard_supply(text) is 'The panel of new listings and vehicles by site.';

comment on function public.dashboard_truth(text) is 'The panel of audited accuracy, reliability and conflicts.';

comment on function public.dashboard_vehicle(uuid) is 'All of a vehicle: what is held and why, its history, images, snapshots, listings, auctions, work and score. vehicle is null where there is none. For operators.';

comment on function public.operator_add_source(text) is 'An operator adds a site as a candidate.';

comment on function public.operator_approve_source(text) is 'An operator takes a source in, by id, slug or host.';

comment on function public.operator_check_feed(uuid) is 'An operator has a feed checked now.';

comment on function public.operator_learn_map(text) is 'An operator has the pages of a source learned.';

comment on function public.operator_redrive(text, text, uuid) is 'An operator puts dead letters back: one row (p_id of p_queue), or those of a queue and outcome.';

comment on function public.operator_reject_source(text, text) is 'An operator keeps a source out.';

comment on function public.operator_release_field(uuid, text) is 'An operator gives a field back to the pages.';

comment on function public.operator_reopen(uuid) is 'An operator has a vehicle looked at again.';

comment on function public.operator_resolve_candidate(uuid, text, text) is 'An operator says of a pair of vehicles: merge, or different.';

comment on function public.operator_resume_host(text) is 'An operator says that a host serves again.';

comment on function public.operator_retire_map(uuid, text) is 'An operator retires an extraction map.';

comment on function public.operator_review(bigint, text, text, text, text) is 'An operator''s word on a reading: accept, reject, or correct with what it is (p_value).';

comment on function public.operator_set_cost_rate(text, numeric, numeric) is 'An operator says what a request, a gigabyte or an invocation costs.';

comment on function public.operator_set_field(uuid, text, text, text, text) is 'An operator sets a field of a vehicle, or (null) empties it.';

comment on function public.operator_set_policy(jsonb, text) is 'An operator changes fill_policy.';

comment on function public.operator_switch_feed(uuid, boolean) is 'An operator switches a feed on or off.';

comment on function public.operator_switch_source(text, boolean) is 'An operator switches a source on or off.';

comment on table public.dashboard_parts is 'One row a part that private.sample_dashboard() measures: what it found last (state), how long that took, and when it measures again: every minute, or more seldom what takes more than a third of a second.';

comment on table public.dashboard_samples is 'One row a series, subject and minute (kept 2 days), hour (60 days) or day (UTC, for ever). What is counted (vehicles_added, requests …) is the sum of its step; what stands somewhere (queue_due, conflicts …) the mean of its minutes.';

comment on table public.operator_actions is 'One row each time that an operator did something by an operator_…() function: who, when, what, to what, how it stood before and after, and what was answered. Only ever added to.';

comment on view public.source_host_status is 'How each host stands: how fast it is asked, whether it may be asked, why not and until when, what it answered last, what its pace comes from, and how many pages of new listings its budget leaves.';

revoke all on function private.activity_panel(text) from public;

grant execute on function private.activity_panel(text) to authenticated, postgres, service_role;

revoke all on function private.add_samples(jsonb) from public;

grant execute on function private.add_samples(jsonb) to postgres, service_role;

revoke all on function private.as_uuid(text) from authenticated;

grant execute on function private.as_uuid(text) to authenticated;

revoke all on function private.cost_of_days(timestamp with time zone) from public;

grant execute
  on function private.cost_of_days(timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.count_part(text) from public;

grant execute on function private.count_part(text) to postgres, service_role;

revoke all
  on function private.count_samples(text, timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.count_samples(text, timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all
  on function private.counted_files(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.counted_files(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all
  on function private.counted_invocations(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.counted_invocations(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all
  on function private.counted_listings(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.counted_listings(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all
  on function private.counted_requests(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.counted_requests(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all
  on function private.counted_vehicles(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.counted_vehicles(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.counted_words(bigint, text, text) from public;

grant execute
  on function private.counted_words(bigint, text, text)
  to authenticated, postgres, service_role;

revoke all
  on function private.counted_work(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.counted_work(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.coverage_panel(text) from public;

grant execute on function private.coverage_panel(text) to authenticated, postgres, service_role;

revoke all on function private.cycle_panel(text) from public;

grant execute on function private.cycle_panel(text) to authenticated, postgres, service_role;

revoke all on function private.dashboard_panels() from public;

grant execute on function private.dashboard_panels() to authenticated, postgres, service_role;

revoke all on function private.day_sum(text, text, integer) from public;

grant execute
  on function private.day_sum(text, text, integer)
  to authenticated, postgres, service_role;

revoke all
  on function private.did(text, text, text, jsonb, jsonb, uuid, timestamp with time zone)
  from public;

grant execute
  on function private.did(text, text, text, jsonb, jsonb, uuid, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.do_add_source(jsonb) from public;

grant execute on function private.do_add_source(jsonb) to postgres, service_role;

revoke all on function private.do_approve_source(jsonb) from public;

grant execute on function private.do_approve_source(jsonb) to postgres, service_role;

revoke all on function private.do_check_feed(jsonb) from public;

grant execute on function private.do_check_feed(jsonb) to postgres, service_role;

revoke all on function private.do_learn_map(jsonb) from public;

grant execute on function private.do_learn_map(jsonb) to postgres, service_role;

revoke all on function private.do_redrive(jsonb) from public;

grant execute on function private.do_redrive(jsonb) to postgres, service_role;

revoke all on function private.do_reject_source(jsonb) from public;

grant execute on function private.do_reject_source(jsonb) to postgres, service_role;

revoke all on function private.do_release_field(jsonb) from public;

grant execute on function private.do_release_field(jsonb) to postgres, service_role;

revoke all on function private.do_reopen(jsonb) from public;

grant execute on function private.do_reopen(jsonb) to postgres, service_role;

revoke all on function private.do_resolve_candidate(jsonb) from public;

grant execute on function private.do_resolve_candidate(jsonb) to postgres, service_role;

revoke all on function private.do_resume_host(jsonb) from public;

grant execute on function private.do_resume_host(jsonb) to postgres, service_role;

revoke all on function private.do_retire_map(jsonb) from public;

grant execute on function private.do_retire_map(jsonb) to postgres, service_role;

revoke all on function private.do_review(jsonb) from public;

grant execute on function private.do_review(jsonb) to postgres, service_role;

revoke all on function private.do_set_cost_rate(jsonb) from public;

grant execute on function private.do_set_cost_rate(jsonb) to postgres, service_role;

revoke all on function private.do_set_field(jsonb) from public;

grant execute on function private.do_set_field(jsonb) to postgres, service_role;

revoke all on function private.do_set_policy(jsonb) from public;

grant execute on function private.do_set_policy(jsonb) to postgres, service_role;

revoke all on function private.do_switch_feed(jsonb) from public;

grant execute on function private.do_switch_feed(jsonb) to postgres, service_role;

revoke all on function private.do_switch_source(jsonb) from public;

grant execute on function private.do_switch_source(jsonb) to postgres, service_role;

revoke all on function private.fact_columns() from authenticated;

grant execute on function private.fact_columns() to authenticated;

revoke all on function private.field_points(text) from authenticated;

grant execute on function private.field_points(text) to authenticated;

revoke all on function private.found_by_words(text[], integer) from public;

grant execute
  on function private.found_by_words(text[], integer)
  to authenticated, postgres, service_role;

revoke all on function private.host_waits_until(public.source_hosts) from public;

grant execute
  on function private.host_waits_until(public.source_hosts)
  to authenticated, postgres, service_role;

revoke all on function private.hosts_panel(text) from public;

grant execute on function private.hosts_panel(text) to authenticated, postgres, service_role;

revoke all on function private.last_done(text) from public;

grant execute on function private.last_done(text) to postgres, service_role;

revoke all on function private.maps_panel(text) from public;

grant execute on function private.maps_panel(text) to authenticated, postgres, service_role;

revoke all on function private.measured_cycle() from public;

grant execute on function private.measured_cycle() to postgres, service_role;

revoke all on function private.measured_dead_letters() from public;

grant execute on function private.measured_dead_letters() to postgres, service_role;

revoke all on function private.measured_drift() from public;

grant execute on function private.measured_drift() to postgres, service_role;

revoke all on function private.measured_hosts_in_the_way() from public;

grant execute on function private.measured_hosts_in_the_way() to postgres, service_role;

revoke all on function private.measured_queues() from public;

grant execute on function private.measured_queues() to postgres, service_role;

revoke all on function private.measured_reliability() from public;

grant execute on function private.measured_reliability() to postgres, service_role;

revoke all on function private.measured_running() from public;

grant execute on function private.measured_running() to postgres, service_role;

revoke all on function private.measured_truth() from public;

grant execute on function private.measured_truth() to postgres, service_role;

revoke all on function private.money_panel(text) from public;

grant execute on function private.money_panel(text) to authenticated, postgres, service_role;

revoke all
  on function private.note_action(text, text, jsonb, jsonb, jsonb, text, text, uuid, timestamp
    with time zone)
  from public;

grant execute
  on function private.note_action(text, text, jsonb, jsonb, jsonb, text, text, uuid, timestamp
    with time zone)
  to postgres, service_role;

revoke all on function private.operate(text, jsonb) from public;

grant execute on function private.operate(text, jsonb) to postgres, service_role;

revoke all on function private.operator_name(uuid) from public;

grant execute on function private.operator_name(uuid) to authenticated, postgres, service_role;

revoke all on function private.pace_words(public.source_hosts) from public;

grant execute
  on function private.pace_words(public.source_hosts)
  to authenticated, postgres, service_role;

revoke all on function private.panel(text, text) from public;

grant execute on function private.panel(text, text) to authenticated, postgres, service_role;

revoke all on function private.panel_action(text, text, jsonb, text) from public;

grant execute
  on function private.panel_action(text, text, jsonb, text)
  to authenticated, postgres, service_role;

revoke all
  on function private.panel_row(text, text, text, text, text, jsonb, text, timestamp
    with time zone, timestamp with time zone, text, jsonb, jsonb)
  from public;

grant execute
  on function private.panel_row(text, text, text, text, text, jsonb, text, timestamp
    with time zone, timestamp with time zone, text, jsonb, jsonb)
  to authenticated, postgres, service_role;

revoke all on function private.part_state(text) from public;

grant execute on function private.part_state(text) to authenticated, postgres, service_role;

revoke all on function private.policy_seen(public.fill_policy) from public;

grant execute
  on function private.policy_seen(public.fill_policy)
  to authenticated, postgres, service_role;

revoke all on function private.prune_dashboard_samples(integer) from public;

grant execute on function private.prune_dashboard_samples(integer) to postgres, service_role;

revoke all on function private.queues_panel(text) from public;

grant execute on function private.queues_panel(text) to authenticated, postgres, service_role;

revoke all on function private.range_begin(text) from public;

grant execute on function private.range_begin(text) to authenticated, postgres, service_role;

revoke all on function private.range_step(text) from public;

grant execute on function private.range_step(text) to authenticated, postgres, service_role;

revoke all on function private.rate_of(text) from public;

grant execute on function private.rate_of(text) to authenticated, postgres, service_role;

revoke all on function private.require_operator() from public;

grant execute on function private.require_operator() to authenticated, postgres, service_role;

revoke all on function private.review_ids(text, text, bigint, integer) from public;

grant execute
  on function private.review_ids(text, text, bigint, integer)
  to authenticated, postgres, service_role;

revoke all on function private.review_row(text, bigint) from public;

grant execute on function private.review_row(text, bigint) to authenticated, postgres, service_role;

revoke all on function private.running_panel(text) from public;

grant execute on function private.running_panel(text) to authenticated, postgres, service_role;

revoke all on function private.sample_dashboard() from public;

grant execute on function private.sample_dashboard() to postgres, service_role;

revoke all on function private.sample_part(text) from public;

grant execute on function private.sample_part(text) to postgres, service_role;

revoke all on function private.sampled_gauges() from public;

grant execute on function private.sampled_gauges() to postgres, service_role;

revoke all on function private.series(text, text[], text, text, boolean, text[]) from public;

grant execute
  on function private.series(text, text[], text, text, boolean, text[])
  to authenticated, postgres, service_role;

revoke all
  on function private.series_values(text, text, text, timestamp with time zone[], boolean)
  from public;

grant execute
  on function private.series_values(text, text, text, timestamp with time zone[], boolean)
  to authenticated, postgres, service_role;

revoke all on function private.sources_panel(text) from public;

grant execute on function private.sources_panel(text) to authenticated, postgres, service_role;

revoke all on function private.state_of_word(text) from public;

grant execute on function private.state_of_word(text) to authenticated, postgres, service_role;

revoke all on function private.supply_panel(text) from public;

grant execute on function private.supply_panel(text) to authenticated, postgres, service_role;

revoke all on function private.top_subjects(text, integer) from public;

grant execute
  on function private.top_subjects(text, integer)
  to authenticated, postgres, service_role;

revoke all on function private.truth_panel(text) from public;

grant execute on function private.truth_panel(text) to authenticated, postgres, service_role;

revoke all on function private.value_seen(text, jsonb, text, text) from public;

grant execute
  on function private.value_seen(text, jsonb, text, text)
  to authenticated, postgres, service_role;

revoke all on function private.vehicle_fields(public.vehicles) from public;

grant execute
  on function private.vehicle_fields(public.vehicles)
  to authenticated, postgres, service_role;

revoke all on function private.vehicle_of_listing(text) from authenticated;

grant execute on function private.vehicle_of_listing(text) to authenticated;

revoke all on function private.vehicle_offers(uuid) from public;

grant execute on function private.vehicle_offers(uuid) to authenticated, postgres, service_role;

revoke all on function private.vehicle_pages(public.vehicles) from public;

grant execute
  on function private.vehicle_pages(public.vehicles)
  to authenticated, postgres, service_role;

revoke all on function private.vehicle_queue_rows(uuid) from public;

grant execute on function private.vehicle_queue_rows(uuid) to authenticated, postgres, service_role;

revoke all on function private.vehicle_readings(uuid, integer) from public;

grant execute
  on function private.vehicle_readings(uuid, integer)
  to authenticated, postgres, service_role;

revoke all on function private.vehicle_title(public.vehicles) from public;

grant execute
  on function private.vehicle_title(public.vehicles)
  to authenticated, postgres, service_role;

revoke all on function private.vehicle_work(uuid) from public;

grant execute on function private.vehicle_work(uuid) to authenticated, postgres, service_role;

revoke all on function private.why_host_waits(public.source_hosts) from public;

grant execute
  on function private.why_host_waits(public.source_hosts)
  to authenticated, postgres, service_role;

revoke all on function private.words_of_error(text, text) from public;

grant execute
  on function private.words_of_error(text, text)
  to authenticated, postgres, service_role;

revoke all on function public.dashboard(text[], text) from public;

grant execute on function public.dashboard(text[], text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_activity(text) from public;

grant execute on function public.dashboard_activity(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_coverage(text) from public;

grant execute on function public.dashboard_coverage(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_cycle(text) from public;

grant execute on function public.dashboard_cycle(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_find(text, integer) from public;

grant execute
  on function public.dashboard_find(text, integer)
  to authenticated, postgres, service_role;

revoke all on function public.dashboard_hosts(text) from public;

grant execute on function public.dashboard_hosts(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_maps(text) from public;

grant execute on function public.dashboard_maps(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_money(text) from public;

grant execute on function public.dashboard_money(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_queues(text) from public;

grant execute on function public.dashboard_queues(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_review(integer, text, text) from public;

grant execute
  on function public.dashboard_review(integer, text, text)
  to authenticated, postgres, service_role;

revoke all on function public.dashboard_running(text) from public;

grant execute on function public.dashboard_running(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_sources(text) from public;

grant execute on function public.dashboard_sources(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_supply(text) from public;

grant execute on function public.dashboard_supply(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_truth(text) from public;

grant execute on function public.dashboard_truth(text) to authenticated, postgres, service_role;

revoke all on function public.dashboard_vehicle(uuid) from public;

grant execute on function public.dashboard_vehicle(uuid) to authenticated, postgres, service_role;

revoke all on function public.operator_add_source(text) from public;

grant execute on function public.operator_add_source(text) to authenticated, postgres, service_role;

revoke all on function public.operator_approve_source(text) from public;

grant execute
  on function public.operator_approve_source(text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_check_feed(uuid) from public;

grant execute on function public.operator_check_feed(uuid) to authenticated, postgres, service_role;

revoke all on function public.operator_learn_map(text) from public;

grant execute on function public.operator_learn_map(text) to authenticated, postgres, service_role;

revoke all on function public.operator_redrive(text, text, uuid) from public;

grant execute
  on function public.operator_redrive(text, text, uuid)
  to authenticated, postgres, service_role;

revoke all on function public.operator_reject_source(text, text) from public;

grant execute
  on function public.operator_reject_source(text, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_release_field(uuid, text) from public;

grant execute
  on function public.operator_release_field(uuid, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_reopen(uuid) from public;

grant execute on function public.operator_reopen(uuid) to authenticated, postgres, service_role;

revoke all on function public.operator_resolve_candidate(uuid, text, text) from public;

grant execute
  on function public.operator_resolve_candidate(uuid, text, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_resume_host(text) from public;

grant execute on function public.operator_resume_host(text) to authenticated, postgres, service_role;

revoke all on function public.operator_retire_map(uuid, text) from public;

grant execute
  on function public.operator_retire_map(uuid, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_review(bigint, text, text, text, text) from public;

grant execute
  on function public.operator_review(bigint, text, text, text, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_set_cost_rate(text, numeric, numeric) from public;

grant execute
  on function public.operator_set_cost_rate(text, numeric, numeric)
  to authenticated, postgres, service_role;

revoke all on function public.operator_set_field(uuid, text, text, text, text) from public;

grant execute
  on function public.operator_set_field(uuid, text, text, text, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_set_policy(jsonb, text) from public;

grant execute
  on function public.operator_set_policy(jsonb, text)
  to authenticated, postgres, service_role;

revoke all on function public.operator_switch_feed(uuid, boolean) from public;

grant execute
  on function public.operator_switch_feed(uuid, boolean)
  to authenticated, postgres, service_role;

revoke all on function public.operator_switch_source(text, boolean) from public;

grant execute
  on function public.operator_switch_source(text, boolean)
  to authenticated, postgres, service_role;

grant select on table public.dashboard_parts to authenticated;

grant all on table public.dashboard_parts to postgres, service_role;

grant select on table public.dashboard_samples to authenticated;

grant all on table public.dashboard_samples to postgres, service_role;

grant select on table public.operator_actions to authenticated;

grant all on table public.operator_actions to postgres, service_role;

grant select on table public.source_host_status to authenticated;

grant all on table public.source_host_status to postgres, service_role;

-- Snapshots and pictures are for operators to look at: Storage asks this policy.
create policy operators_read_kept_files on storage.objects
  for select to authenticated
  using (bucket_id in ('page-snapshots', 'vehicle-images') and (select private.is_operator()));

-- supabase/schemas/dashboard/cron.sql
-- Not at the full minute, where other jobs begin: pg_cron runs eight at once.
select cron.schedule('sample-dashboard', '59 seconds', 'select private.sample_dashboard()');
