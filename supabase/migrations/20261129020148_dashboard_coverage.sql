-- Dashboard coverage.

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

create or replace function private.measured_again_after(p_part text, p_took_ms numeric) returns interval
language sql immutable parallel safe
return greatest(
  -- What changes slowly, or is dear, need not be looked at each minute.
  case
    when p_part in ('drift', 'truth', 'coverage', 'reliability', 'dead_letters', 'files', 'invocations') then interval '5 minutes'
    when p_part = 'hosts_in_the_way' then interval '2 minutes'
    else interval '30 seconds'
  end,
  -- A two-hundredth of the time at most.
  p_took_ms * 200 * interval '1 millisecond');

create or replace function private.measured_coverage() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(d)), '[]')
  from (
    select
      m.field_name as field,
      date_trunc('day', c.slot, 'UTC') as day,
      sum(m.completeness * m.sample_size) as held,
      sum(m.sample_size) as of
    from public.fill_cycles c
    join public.quality_metrics m on m.cycle_id = c.cycle_id
    where c.slot >= date_trunc('day', now(), 'UTC') - interval '34 days' and m.completeness is not null
    group by 1, 2
  ) d
$$;

create or replace function private.sample_dashboard() returns void
language plpgsql
set search_path = ''
set lock_timeout = '2s'
set jit = off -- many small queries, each planned anew where cron connects anew
as $$
declare
  v_part text;
  v_began timestamptz := clock_timestamp();
  v_error text;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('sample_dashboard', 16)) then
    return;
  end if;
  -- The queues and the cycle before what is told of them.
  foreach v_part in array array[
    'queues', 'cycle', 'running', 'dead_letters', 'hosts_in_the_way', 'drift', 'truth', 'coverage', 'reliability'
  ] loop
    if private.is_due(v_part) then
      perform private.sample_part(v_part);
    end if;
  end loop;
  begin
    perform private.add_counts();
  exception when others then
    v_error := format('%s (%s)', sqlerrm, sqlstate); -- what was measured stands all the same
  end;
  insert into public.dashboard_parts as held (part, made_at, took_ms, error_message)
  values ('sampler', now(), 1000 * extract(epoch from clock_timestamp() - v_began), v_error)
  on conflict (part) do update
  set made_at = excluded.made_at, took_ms = excluded.took_ms, error_message = excluded.error_message;
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

comment on function private.measured_coverage() is 'By field and day of the last 35: to how many vehicles that came in it applies, and how many of them hold it.';

revoke all on function private.measured_coverage() from public;

grant execute on function private.measured_coverage() to postgres, service_role;
