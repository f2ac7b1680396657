create function private.truth_panel(p_range text) returns jsonb
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
comment on function private.truth_panel(text) is
  'Truth: audited accuracy of 14 days with its n, how confidence and truth go together, and what is open for review.';
grant execute on function private.truth_panel(text) to authenticated, service_role;
