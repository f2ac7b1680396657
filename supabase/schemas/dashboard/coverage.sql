create function private.coverage_panel(p_range text) returns jsonb
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
comment on function private.coverage_panel(text) is
  'Coverage by field: of the vehicles that came in this week, how many hold it, against the four weeks before; what fell most first.';
grant execute on function private.coverage_panel(text) to authenticated, service_role;
