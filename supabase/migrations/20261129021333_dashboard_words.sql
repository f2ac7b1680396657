-- Dashboard words.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.coverage_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with days as materialized (
      select d.field, d.day, d.held, d.of
      from jsonb_to_recordset(private.part_state('coverage')) as d(field text, day timestamptz, held numeric, of integer)
    ),
    this_week as (
      select date_trunc('day', now(), 'UTC') - interval '6 days' as begin
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
        d.field,
        sum(d.held) filter (where d.day >= w.begin) / nullif(sum(d.of) filter (where d.day >= w.begin), 0) as completeness,
        coalesce(sum(d.of) filter (where d.day >= w.begin), 0) as sample_size,
        sum(d.held) filter (where d.day < w.begin) / nullif(sum(d.of) filter (where d.day < w.begin), 0) as baseline,
        coalesce(sum(d.of) filter (where d.day < w.begin), 0) as baseline_sample_size
      from days d
      cross join this_week w
      group by d.field
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
    lines as materialized (
      select j.field, jsonb_agg(round(d.held / d.of, 4) order by s.day) as values
      from judged j
      cross join (select distinct day from days) s
      left join days d on d.day = s.day and d.field = j.field
      group by j.field
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
            else format('%s of 100 hold it%s', round(100 * w.completeness), coalesce(', usually ' || round(100 * w.baseline), '')) end,
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
        'x', coalesce((
          select jsonb_agg(extract(epoch from s.day)::bigint order by s.day) from (select distinct day from days) s), '[]'),
        'y', coalesce((
          select jsonb_agg(jsonb_build_object('subject', w.field, 'values', l.values) order by w.fell desc, w.change nulls last, w.field)
          from judged w join lines l on l.field = w.field), '[]'))),
      'empty', case when j.fields = 0 then 'database-fill-agent measures it at the end of each cycle in which vehicles came in.' end)
    from (select count(*) as fields, count(*) filter (where fell) as fell, count(change) as compared from judged) j
    left join last l on true
  );
end
$$;

create or replace function private.cycle_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
          coalesce(', ' || to_char(s.projected, 'FM999,999,990') || ' at this rate', ''),
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
  );
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
  v_subject text;
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
  v_subject := format('vehicle %s %s', v.id, m.field_name);
  v_held := to_jsonb(v) ->> m.field_name;
  v_before := jsonb_build_object('vehicle_id', v.id, 'field', m.field_name, 'held', v_held, 'reading', m.field_value, 'status', m.validation_status);
  if m.validation_status not in ('accepted', 'conflict') then
    v_other := private.last_done(v_subject);
    if v_other.id is not null then
      return private.did('already_done', format('already decided%s: %s is "%s" now',
          coalesce(' (' || (v_other.args ->> 'p_decision') || ')', ''), m.field_name, coalesce(v_held, 'empty')),
        v_subject, v_before, null, v_other.operator_id, v_other.at);
    end if;
    return private.did('changed', format('nothing is left to decide: the reading is %s, and %s is "%s" now', m.validation_status, m.field_name,
      coalesce(v_held, 'empty')), v_subject, v_before, v_before);
  end if;
  if p_args ->> 'p_seen' <> private.value_seen(v_held, v.field_state -> m.field_name, m.validation_status, m.field_value) then
    v_other := private.last_done(v_subject);
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

create or replace function private.fill_part_of(p_stands jsonb)
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'database-fill-agent',
    s.state,
    format('%s of %s vehicles in the slot of %s%s; next: %s',
      s.added, s.target, private.utc_text(s.slot), coalesce(', ' || s.projected || ' at this rate', ''), s.next),
    s.since, s.why, s.what_to_type
  from jsonb_to_record(p_stands) as s(
    state text, slot timestamptz, added integer, target integer, projected integer, next text, since timestamptz, why text, what_to_type text)
$$;

create or replace function private.hosts_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
    first as materialized (
      select h.host, a.requests, a.served, a.refused, a.failed
      from public.source_hosts h
      left join asked a on a.host = h.host
      order by h.breaker = 'closed', h.retry_after > now() desc nulls last, h.slowed_interval_ms is null,
        a.requests desc nulls last, h.host
      limit 50
    ),
    shown as materialized (
      select h.*, f.requests, f.served, f.refused, f.failed,
        private.why_host_waits(h) as waits_because, private.host_waits_until(h) as waits_until,
        private.pace_words(h) as pace_words
      from first f
      join public.source_hosts h on h.host = f.host
    )
    select jsonb_build_object(
      'at', null,
      'state', case when c.open > 0 then 'bad' when c.waiting + c.slowed > 0 then 'warn' when c.hosts = 0 then 'idle' else 'ok' end,
      'says', case
        when c.hosts = 0 then 'No host was asked yet.'
        when c.open > 0 then format('%s in the way%s', private.counted_words(c.open, 'host is', 'hosts are'), (
          select format(': %s%s', s.host, coalesce(', asked again at ' || private.utc_text(s.waits_until), ''))
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
            case when s.requests > 0 then format('; %s of %s served in 24 hours', coalesce(s.served, 0), s.requests) else '; not asked in 24 hours' end),
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
      'series', (
        select jsonb_build_array(r.served || jsonb_build_object('name', 'requests', 'y', (r.served -> 'y') || (r.refused -> 'y') || (r.failed -> 'y')))
        from (
          select
            private.series('requests_served', array[''], p_range, 'requests', false, array['served']) as served,
            private.series('requests_refused', array[''], p_range, 'requests', false, array['refused']) as refused,
            private.series('requests_failed', array[''], p_range, 'requests', false, array['failed']) as failed
          offset 0 -- once each
        ) r),
      'empty', case when c.hosts = 0 then 'A host is listed once it was asked.' end)
    from counts c
  );
end
$$;

create or replace function private.money_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
    rates as materialized (
      select coalesce(private.rate_of('request'), 0) as request, coalesce(private.rate_of('gb_fetched'), 0) as gb_fetched,
        coalesce(private.rate_of('gb_stored_month'), 0) as gb_stored, coalesce(private.rate_of('invocation'), 0) as invocation,
        exists (select from public.cost_rates) as are_known
    ),
    used as materialized (
      select l.subject as host, d.is_today,
        coalesce(sum(d.value) filter (where l.series = 'requests'), 0)::numeric as requests,
        coalesce(sum(d.value) filter (where l.series = 'bytes_fetched'), 0)::numeric as fetched,
        coalesce(sum(d.value) filter (where l.series = 'bytes_stored'), 0)::numeric as stored,
        coalesce(sum(d.value) filter (where l.series = 'vehicles_added'), 0)::numeric as vehicles
      from private.last_days('{requests,bytes_fetched,bytes_stored,vehicles_added}', private.top_subjects('requests', 30)) l
      cross join lateral (values (true, l.today), (false, l.yesterday)) d(is_today, value)
      group by 1, 2
    ),
    priced as materialized (
      select u.*, i.invocations,
        case when r.are_known then u.requests * r.request + u.fetched / 1e9 * r.gb_fetched + u.stored / 1e9 * r.gb_stored
          + coalesce(i.invocations, 0) * r.invocation end as price
      from used u
      cross join rates r
      -- A run works on several sites: it is shared out by their requests.
      cross join lateral (
        select case when u.is_today
          then (select t.invocations * u.requests / nullif(t.requests, 0) from today t)
          else (select y.invocations * u.requests / nullif(y.requests, 0) from yesterday y) end as invocations
      ) i
    ),
    sites as materialized (
      select y.host, y.requests, y.fetched, y.stored, y.vehicles, y.invocations, y.price, t.requests as requests_today,
        t.vehicles as vehicles_today, t.price as price_today
      from priced y
      join priced t on t.host = y.host and t.is_today
      where not y.is_today
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
          coalesce('; a vehicle costs ' || round(m.price / nullif(m.vehicles, 0)::numeric, 5), ''))
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
            coalesce(', ' || round(s.price, 4), '')),
          jsonb_build_object(
            'host', s.host, 'requests', coalesce(s.requests, 0), 'requests_today', coalesce(s.requests_today, 0),
            'mb_fetched', round((coalesce(s.fetched, 0) / 1e6)::numeric, 1), 'mb_stored', round((coalesce(s.stored, 0) / 1e6)::numeric, 1),
            'invocations', round(coalesce(s.invocations, 0), 1), 'price_yesterday', round(s.price, 6), 'price_today', round(s.price_today, 6),
            'vehicles', coalesce(s.vehicles, 0), 'vehicles_today', coalesce(s.vehicles_today, 0),
            'price_per_vehicle', round(s.price / nullif(s.vehicles, 0)::numeric, 6))
        ) order by s.price desc nulls last, s.requests desc nulls last, s.host)
        from sites s), '[]'),
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
    from (select are_known as rates from rates) k
    cross join month m
  );
end
$$;

create or replace function private.sources_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with drift as materialized (
      select d.key as host, d.value as drift from jsonb_each(private.part_state('drift') -> 'by_host') d
    ),
    -- As source_candidates_to_review has them: passed its probe, and waits for a person.
    asked_for as materialized (
      select r.id, r.why, r.read, r.addresses, r.feeds, r.to_approve
      from public.source_candidates_to_review r
      where r.id = any (array(select p.source_id from public.source_probes p where p.status = 'passed'))
      limit 50
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
    ),
    days as materialized (
      select l.subject, l.today, l.yesterday from private.last_days('{vehicles_added}', array(select s.host from shown s)) l
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
            when s.health is not null then format('%s%s', coalesce(round(100 * s.success_rate) || ' of 100 readings work', 'no readings'),
              coalesce(', usually ' || round(100 * s.baseline_success_rate), ''))
            else coalesce(s.lifecycle_reason, case s.found_by when 'code' then 'it has an adapter' else 'found by ' || replace(s.found_by, '_', ' ') end)
          end,
          jsonb_build_object(
            'source_id', s.id, 'slug', s.slug, 'host', s.host, 'kind', s.kind, 'lifecycle', s.lifecycle, 'is_active', s.is_active,
            'vehicles', s.vehicles_count, 'mean_score', s.mean_score,
            'complete_share', round(s.complete_count / nullif(s.vehicles_count, 0)::numeric, 3),
            'success_rate', s.success_rate, 'baseline_success_rate', s.baseline_success_rate,
            'quality', s.avg_quality_score, 'baseline_quality', s.baseline_quality_score, 'health', s.health,
            'vehicles_today', d.today, 'vehicles_yesterday', d.yesterday,
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
        from shown s
        left join days d on d.subject = s.host), '[]'),
      'rows_left', greatest(c.sources - 50, 0),
      'series', jsonb_build_array(private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
      'empty', case when c.sources = 0 then 'The first run of discover-listings writes the sources that have an adapter.' end)
    from counts c
  );
end
$$;

create or replace function private.supply_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with hosts as materialized (
      select distinct u.host
      from unnest(private.top_subjects('listings_found', 40) || private.top_subjects('vehicles_added', 40)) u(host)
    ),
    days as materialized (
      select * from private.last_days('{listings_found,vehicles_added}', array(select h.host from hosts h) || ''::text)
    ),
    usual as (
      select s.subject as host, round((sum(s.value) / 14)::numeric, 1) as listings
      from public.dashboard_samples s
      where s.series = 'listings_found'
        and s.subject = any (array(select h.host from hosts h))
        and s.step = 'day'
        and s.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      group by s.subject
    ),
    sites as (
      select h.host, l.today as listings_today, l.yesterday as listings_yesterday, u.listings as listings_usual,
        v.today as vehicles_today, v.yesterday as vehicles_yesterday
      from hosts h
      left join days l on l.subject = h.host and l.series = 'listings_found'
      left join days v on v.subject = h.host and v.series = 'vehicles_added'
      left join usual u on u.host = h.host
    ),
    feeds as materialized (
      select s.id, s.url, s.state, s.source, s.failures, s.why, s.what_to_do, s.last_found_at, s.next_check_at, s.last_checked_at
      from public.listing_feed_status s
      where s.id = any (array( -- these alone: what is told of a feed takes a while
        select f.id
        from public.listing_feeds f
        where f.enabled and f.failures > 0 or not f.enabled and f.off_because is null
        order by f.enabled desc, f.failures desc, f.url
        limit 15
      ))
    ),
    metrics as (
      select private.part_state('queues') -> 'feeds' as feeds,
        exists (select from public.dashboard_parts c where c.part = 'listings' and c.counted_to is not null) as is_counted,
        (select l.today from days l where l.subject = '' and l.series = 'listings_found') as found_today,
        (select l.yesterday from days l where l.subject = '' and l.series = 'listings_found') as found_yesterday,
        (select v.today from days v where v.subject = '' and v.series = 'vehicles_added') as added_today,
        (select v.yesterday from days v where v.subject = '' and v.series = 'vehicles_added') as added_yesterday
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
      select 0, case when f.state <> 'off' then 0 else 1 end, 0, f.url, private.panel_row(
        'feed ' || f.id, case when f.state <> 'off' then 'bad' else 'idle' end, f.state, f.url,
        case when f.state <> 'off' then format('failed %s', private.counted_words(f.failures, 'time', 'times')) else 'switched off' end,
        jsonb_build_object('feed_id', f.id, 'url', f.url, 'state', f.state, 'last_found_at', f.last_found_at, 'next_check_at', f.next_check_at,
          'source', f.source),
        f.why, f.last_checked_at, f.next_check_at, f.what_to_do,
        case when f.state <> 'off' then jsonb_build_array(
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
        when not m.is_counted then 'unknown'
        when (m.feeds ->> 'failing')::integer > 0 then 'warn'
        else 'ok'
      end,
      'says', case
        when not m.is_counted then 'Not counted yet: the first counts come within minutes.'
        else format('%s and %s today, yesterday %s and %s%s',
          private.counted_words(coalesce(m.found_today, 0)::bigint, 'new listing', 'new listings'),
          private.counted_words(coalesce(m.added_today, 0)::bigint, 'vehicle', 'vehicles'),
          coalesce(to_char(m.found_yesterday, 'FM999,999,990'), 'not counted'), coalesce(to_char(m.added_yesterday, 'FM999,999,990'), 'not counted'),
          case when (m.feeds ->> 'failing')::integer > 0
            then format('; %s', private.counted_words((m.feeds ->> 'failing')::integer, 'list fails', 'lists fail')) else '' end)
      end,
      'summary', jsonb_build_object(
        'new_listings_today', m.found_today, 'new_listings_yesterday', m.found_yesterday,
        'vehicles_added_today', m.added_today, 'vehicles_added_yesterday', m.added_yesterday,
        'feeds', m.feeds -> 'enabled', 'feeds_off', (select count(*) from public.listing_feeds f where not f.enabled), 'feeds_failing', m.feeds -> 'failing', 'feeds_overdue', m.feeds -> 'overdue',
        'day_began_at', date_trunc('day', now(), 'UTC')),
      'rows', coalesce((select jsonb_agg(r.row order by r.place, r.a, r.b, r.c) from rows r), '[]'),
      'rows_left', null,
      'series', jsonb_build_array(
        private.series('listings_found', '{""}' || private.top_subjects('listings_found'), p_range, 'listings'),
        private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
      'empty', case when not exists (select from rows) then 'No site had a new listing today or yesterday, and no list fails.' end)
    from metrics m
  );
end
$$;
