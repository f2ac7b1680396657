-- Dashboard plans.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.pipeline_status;

drop function private.activity_panel(text);

drop function private.coverage_panel(text);

drop function private.cycle_panel(text);

drop function private.day_sum(text, text, integer);

drop function private.found_by_words(text[], integer);

drop function private.host_parts();

drop function private.hosts_panel(text);

drop function private.maps_panel(text);

drop function private.money_panel(text);

drop function private.queues_panel(text);

drop function private.running_panel(text);

drop function private.series(text, text[], text, text, boolean, text[]);

drop function private.series_values(text, text, text, timestamp with time zone[], boolean);

drop function private.sources_panel(text);

drop function private.supply_panel(text);

drop function private.top_subjects(text, integer);

drop function private.truth_panel(text);

drop function private.waits_for_host(text);

create or replace function private.activity_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
          case when l.subject like 'vehicle %' then jsonb_build_object('vehicle', split_part(l.subject, ' ', 2)) end
        ) order by l.at desc, l.id desc)
        from last l), '[]'),
      'rows_left', null,
      'series', '[]'::jsonb,
      'empty', case when not exists (select from last) then 'What operators do here is listed, with who did it and how it stood before.' end)
  );
end
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
    p_part, now(), v_to, v_took, now() + private.measured_again_after(p_part, v_took), v_error)
  on conflict (part) do update
  set made_at = excluded.made_at,
      counted_to = excluded.counted_to,
      took_ms = excluded.took_ms,
      next_at = excluded.next_at,
      error_message = excluded.error_message;
  return v_error is null;
end
$$;

create or replace function private.coverage_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with days as materialized (
      -- Days first: of cycles there are twelve a day.
      select m.field_name as field, date_trunc('day', c.slot, 'UTC') as day,
        sum(m.completeness * m.sample_size) as held, sum(m.sample_size) as of
      from public.fill_cycles c
      join public.quality_metrics m on m.cycle_id = c.cycle_id
      where c.slot >= date_trunc('day', now(), 'UTC') - interval '34 days' and m.completeness is not null
      group by 1, 2
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
          coalesce(format(' (%s)', v_other.args ->> 'p_decision'), ''), m.field_name, coalesce(v_held, 'empty')),
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

create or replace function private.found_by_words(p_words text[], p_limit integer) returns uuid[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_year integer := (select w.word::integer from unnest(p_words) w(word) where w.word ~ '^(18|19|20)\d\d$' limit 1);
  -- Makes have one word, or two.
  v_makes text[] := array(
    select n.word
    from (
      select w.word from unnest(p_words) w(word)
      union
      select p_words[n] || ' ' || p_words[n + 1] from generate_subscripts(p_words, 1) n where n < cardinality(p_words)
    ) n
    where exists (select from public.vehicles v where lower(v.make) = n.word)
  );
begin
  return array(
    with looked_at as (
      select v.*
      from unnest(v_makes) n(make)
      cross join lateral (
        select v.id, v.year, v.make, v.model, v.trim, v.created_at
        from public.vehicles v
        where lower(v.make) = n.make and (v_year is null or v.year = v_year)
        limit 5000
      ) v
      union all
      select v.id, v.year, v.make, v.model, v.trim, v.created_at
      from (
        select v.id, v.year, v.make, v.model, v.trim, v.created_at
        from public.vehicles v
        where v_makes = '{}'
        order by v.created_at desc
        limit 5000
      ) v
    )
    select l.id
    from looked_at l
    where not exists (
      select from unnest(p_words) w(word)
      where strpos(lower(concat_ws(' ', l.year, l.make, l.model, l.trim)), w.word) = 0
    )
    order by l.created_at desc, l.id
    limit p_limit
  );
end
$$;

create or replace function private.host_parts(p_among integer default 20000)
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text, waits text, by_itself text)
language sql stable
set search_path = ''
as $$
  with lately as materialized (
    select
      a.host,
      count(*) as attempts,
      count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone', 'unreadable', 'not_a_listing')) as served,
      min(a.created_at) as first_at,
      mode() within group (order by a.outcome)
        filter (where a.outcome in ('network', 'timeout', 'server_error', 'blocked', 'rate_limited')) as outcome,
      (array_agg(a.message order by a.created_at desc) filter (where a.message is not null))[1] as message
    from public.scraping_health a
    where a.created_at > now() - interval '1 hour'
      and a.host is not null
    group by a.host
  ),
  troubled as (
    select h.*, l.attempts, l.served, l.first_at, l.outcome as often, l.message as said
    from public.source_hosts h
    left join lately l on l.host = h.host
    where h.breaker <> 'closed'
      or h.retry_after > now()
      or (l.attempts >= 3 and l.served = 0)
    order by h.breaker = 'closed', l.attempts desc nulls last, h.host
    limit 50
  )
  select
    'host ' || t.host,
    case when t.breaker <> 'closed' or (t.attempts >= 3 and t.served = 0) then 'failing' else 'waiting' end,
    case
      when t.attempts is null then 'not asked in the last hour'
      else format('%s of %s requests of the last hour were served', t.served, t.attempts)
    end,
    coalesce(t.opened_at, t.first_at, t.last_answered_at),
    coalesce(t.opened_because, t.often || coalesce(': ' || t.said, ''), t.last_message, 'it asked to be left alone'),
    case
      when t.breaker <> 'closed' or t.served = 0
        then format('when it serves again: select resume_host(%L);', t.host)
      else format('nothing; or: select * from source_host_status where host = %L;', t.host)
    end,
    private.waits_for_host(t.host, p_among),
    case
      when t.breaker = 'half_open' then 'one request is trying whether it serves again'
      when t.breaker = 'open' then format('one request tries at %s whether it serves; when it does, the rest follows',
        to_char(greatest(t.retry_at, t.retry_after), 'YYYY-MM-DD HH24:MI TZ'))
      when t.retry_after > now() then format('asked again at %s', to_char(t.retry_after, 'YYYY-MM-DD HH24:MI TZ'))
      else 'each vehicle is tried again after a wait; five failures, and it is left'
    end
  from troubled t
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

create or replace function private.last_days(p_series text[], p_subjects text[])
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

create or replace function private.maps_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
  );
end
$$;

create or replace function private.measured_again_after(p_part text, p_took_ms numeric) returns interval
language sql immutable parallel safe
return greatest(
  -- What changes slowly need not be looked at each minute.
  case when p_part in ('drift', 'truth', 'reliability') then interval '5 minutes' else interval '30 seconds' end,
  -- What is dear is measured more seldom: a two-hundredth of the time at most.
  p_took_ms * 200 * interval '1 millisecond');

create or replace function private.measured_hosts_in_the_way() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) || '{"place": 5}'), '[]') from private.host_parts(500) p
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

create or replace function private.queues_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
  );
end
$$;

create or replace function private.running_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
          else format('It runs: %s, and nothing is wrong.', private.counted_words(n.of, 'part', 'parts'))
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
  );
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
    now() + private.measured_again_after(p_part, v_took), v_error)
  on conflict (part) do update
  set state = coalesce(excluded.state, held.state),
      made_at = coalesce(excluded.made_at, held.made_at),
      took_ms = excluded.took_ms,
      next_at = excluded.next_at,
      error_message = excluded.error_message;
  return v_error is null;
end
$$;

create or replace function private.series(
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

create or replace function private.state_of_word(p_word text) returns text
language sql immutable parallel safe
return case
  when p_word in ('stuck', 'failing', 'faulty') then 'bad'
  when p_word in ('waiting', 'idle', 'off') then 'idle'
  else 'ok'
end;

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
        'feeds', m.feeds -> 'enabled', 'feeds_failing', m.feeds -> 'failing', 'feeds_overdue', m.feeds -> 'overdue',
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

create or replace function private.top_subjects(p_series text, p_limit integer default 5) returns text[]
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

create or replace function private.truth_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
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
  );
end
$$;

create or replace function private.vehicle_actions(p_id uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'at', a.at, 'operator', private.operator_name(a.operator_id), 'action', a.action, 'outcome', a.outcome, 'said', a.said
  ) order by a.at desc, a.id desc), '[]')
  from (
    select o.*
    from public.operator_actions o
    where o.subject = any (
      array['vehicle ' || p_id] || array(select format('vehicle %s %s', p_id, f) from unnest(private.fact_columns()) f))
    order by o.at desc, o.id desc
    limit 20
  ) a
$$;

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
    'set_by', (
      select jsonb_build_object('operator', private.operator_name(o.operator_id), 'at', o.at, 'note', o.args ->> 'p_note')
      from (select (private.last_done(format('vehicle %s %s', v.id, f.name))).*) o
      where o.id is not null and (s.state ->> 'method' like 'manual%' or s.state ->> 'why' = 'removed_by_hand')),
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

create or replace function private.vehicle_title(v public.vehicles) returns text
language sql immutable parallel safe
return coalesce(
  nullif(concat_ws(' ', v.year, v.make, v.model,
    case when right(lower(v.model), length(v.trim)) is distinct from lower(v.trim) then v.trim end), ''),
  'a vehicle of which nothing is known yet');

create or replace function private.waits_for_host(p_host text, p_among integer default 20000) returns text
language sql stable
set search_path = ''
as $$
  select nullif(concat_ws(', ',
    private.up_to_thousand(vehicles, 'vehicle'),
    private.up_to_thousand(images, 'image'),
    private.up_to_thousand(feeds, 'feed')), '')
  from (
    select
      (select count(*) from (
        select
        -- So many are looked at at most: a site may have a million that are complete.
        from (select w.id from public.vehicles w where w.source_host = p_host order by w.id desc limit p_among) v
        join public.micro_scrape_state s on s.vehicle_id = v.id
        where s.state in ('due', 'waiting')
          and s.last_outcome is distinct from 'ok'
          and s.last_outcome is distinct from 'not_modified'
        limit 1001) v) as vehicles,
      (select count(*) from (
        select from public.image_downloads d where d.host = p_host and d.status = 'pending' limit 1001) i) as images,
      (select count(*) from public.listing_feeds f where f.enabled and private.url_host(f.url) = p_host) as feeds
  ) waits
$$;

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
    v_says := 'sought among 5,000 of a make that is named, or else the newest 5,000';
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
  ) || jsonb_build_object('actions', private.vehicle_actions(p_id)) || private.vehicle_work(p_id) || private.vehicle_offers(p_id);
end
$$;

create view public.pipeline_status with (security_invoker = true) as
select p.part, p.state, p.what, p.since, p.why, p.what_to_type, p.waits, p.by_itself
from (
  select 1 as place, *, null as waits, 'cron starts it every ten minutes' as by_itself from private.run_part()
  union all
  select 2, *, null as waits, 'cron looks every 20 seconds, and invokes its worker when there is something to claim' as by_itself from private.queue_parts()
  union all
  select 3, *, null as waits, 'cron looks every 20 seconds' as by_itself from private.other_parts()
  union all
  select 4, * from private.worker_parts()
  union all
  select 5, * from private.host_parts()
  union all
  select 6, * from private.drift_parts()
  union all
  select 7, *, null as waits, 'cron begins a cycle every two hours, and looks every 20 seconds' as by_itself from private.fill_part()
) p
where current_user <> 'authenticated' or (select private.is_operator()) -- a row that counts nothing is one too many
order by
  array_position(array['stuck', 'failing', 'running', 'working', 'waiting', 'idle', 'off'], p.state),
  p.place, p.part;

comment on function private.activity_panel(text) is 'The last fifty things that operators did.';

comment on function private.coverage_panel(text) is 'Coverage by field: of the vehicles that came in this week, how many hold it, against the four weeks before; what fell most first.';

comment on function private.cycle_panel(text) is 'This cycle: added against target, projected, verdict; the last 24 cycles; and the policy that an operator may change.';

comment on function private.found_by_words(text[], integer) is 'Vehicles whose year, make, model and trim have all these words (small letters), the newest first: of 5,000 of a make that is named (and of that year), or else of the newest 5,000.';

comment on function private.host_parts(integer) is 'Hosts that do not serve: rows of pipeline_status, with what waits because of each, counted among so many of its vehicles.';

comment on function private.hosts_panel(text) is 'Hosts: which are in the way and until when, how fast each is asked, and how it answered in the last 24 hours.';

comment on function private.last_days(text[], text[]) is 'What some subjects had of some series today and yesterday (UTC); null, or no row, where nothing was counted.';

comment on function private.maps_panel(text) is 'Extraction maps: in shadow, serving, retired, how they compare, and the jobs that learn.';

comment on function private.measured_again_after(text, numeric) is 'When a part is measured again that took so long: at each run of the sampler, or more seldom what takes more than 150 milliseconds.';

comment on function private.money_panel(text) is 'Money: what yesterday and today cost, all in all, by item and by site, by the rates of cost_rates; without a rate what was used, and no price.';

comment on function private.queues_panel(text) is 'The queues: what was done, what is due and since when; and the dead letters, together and one by one.';

comment on function private.running_panel(text) is 'Is it running: what is wrong first, why, and what to type. Where nothing was measured for four minutes, cron stands still.';

comment on function private.series(text, text[], text, text, boolean, text[]) is 'A chart: the values of some subjects over a range, all at the same steps, null where it was not sampled, as {name, unit, kind, step, x, y: [{subject, values}]}.';

comment on function private.sources_panel(text) is 'Sources: what waits for a person, which are not understood any more or degraded, how each does against its own 14 days.';

comment on function private.state_of_word(text) is 'How bad a state of pipeline_status is: bad, ok or idle. To wait is right.';

comment on function private.supply_panel(text) is 'Supply: new listings and vehicles of today and yesterday (UTC) by site, against what is usual, and the lists that fail or are off.';

comment on function private.top_subjects(text, integer) is 'The sites that had most of a series today and yesterday.';

comment on function private.truth_panel(text) is 'Truth: audited accuracy of 14 days with its n, how confidence and truth go together, and what is open for review.';

comment on function private.vehicle_actions(uuid) is 'What operators did to a vehicle, the last twenty.';

comment on function private.vehicle_title(public.vehicles) is 'Year, make, model and trim, as far as they are held; a trim with which the model ends is said once.';

comment on function private.waits_for_host(text, integer) is 'What waits because a host does not serve, as "240 vehicles, 12 images, 1 feed"; null when nothing does. Counted up to a thousand of each, among so many vehicles of the host.';

comment on view public.pipeline_status is 'Is it running, what is stuck, why, what do I type: a row each for the orchestrator, every queue, the feeds, the images, gap filling, database-fill-agent, and each worker, host and site with which something is wrong. What is wrong stands first, with what waits because of it, and what happens by itself.';

revoke all on function private.activity_panel(text) from public;

grant execute on function private.activity_panel(text) to authenticated, postgres, service_role;

revoke all on function private.coverage_panel(text) from public;

grant execute on function private.coverage_panel(text) to authenticated, postgres, service_role;

revoke all on function private.cycle_panel(text) from public;

grant execute on function private.cycle_panel(text) to authenticated, postgres, service_role;

revoke all on function private.found_by_words(text[], integer) from public;

grant execute
  on function private.found_by_words(text[], integer)
  to authenticated, postgres, service_role;

revoke all on function private.host_parts(integer) from public;

grant execute on function private.host_parts(integer) to authenticated, postgres, service_role;

revoke all on function private.hosts_panel(text) from public;

grant execute on function private.hosts_panel(text) to authenticated, postgres, service_role;

revoke all on function private.last_days(text[], text[]) from public;

grant execute on function private.last_days(text[], text[]) to authenticated, postgres, service_role;

revoke all on function private.last_done(text) from authenticated;

grant execute on function private.last_done(text) to authenticated;

revoke all on function private.maps_panel(text) from public;

grant execute on function private.maps_panel(text) to authenticated, postgres, service_role;

revoke all on function private.measured_again_after(text, numeric) from public;

grant execute on function private.measured_again_after(text, numeric) to postgres, service_role;

revoke all on function private.money_panel(text) from public;

grant execute on function private.money_panel(text) to authenticated, postgres, service_role;

revoke all on function private.queues_panel(text) from public;

grant execute on function private.queues_panel(text) to authenticated, postgres, service_role;

revoke all on function private.running_panel(text) from public;

grant execute on function private.running_panel(text) to authenticated, postgres, service_role;

revoke all on function private.series(text, text[], text, text, boolean, text[]) from public;

grant execute
  on function private.series(text, text[], text, text, boolean, text[])
  to authenticated, postgres, service_role;

revoke all on function private.sources_panel(text) from public;

grant execute on function private.sources_panel(text) to authenticated, postgres, service_role;

revoke all on function private.supply_panel(text) from public;

grant execute on function private.supply_panel(text) to authenticated, postgres, service_role;

revoke all on function private.top_subjects(text, integer) from public;

grant execute
  on function private.top_subjects(text, integer)
  to authenticated, postgres, service_role;

revoke all on function private.truth_panel(text) from public;

grant execute on function private.truth_panel(text) to authenticated, postgres, service_role;

revoke all on function private.vehicle_actions(uuid) from public;

grant execute on function private.vehicle_actions(uuid) to authenticated, postgres, service_role;

revoke all on function private.waits_for_host(text, integer) from public;

grant execute
  on function private.waits_for_host(text, integer)
  to authenticated, postgres, service_role;

grant select on table public.pipeline_status to authenticated;

grant all on table public.pipeline_status to postgres, service_role;
