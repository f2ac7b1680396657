create function private.queues_panel(p_range text) returns jsonb
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
        -- Without an outcome it would be all of the queue, also what a site refused: those go back one by one.
        case when d.value ->> 'outcome_code' is null
          then format('select * from dead_letters where queue = %L and outcome_code is null;', d.value ->> 'queue')
          else format('select redrive_dead_letters(%L, %L);', d.value ->> 'queue', d.value ->> 'outcome_code') end,
        case when d.value ->> 'outcome_code' is not null then jsonb_build_array(private.panel_action('Put all of them back', 'operator_redrive',
          jsonb_build_object('p_queue', d.value -> 'queue', 'p_outcome', d.value -> 'outcome_code'))) else '[]' end)
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
comment on function private.queues_panel(text) is
  'The queues: what was done, what is due and since when; and the dead letters, together and one by one.';
grant execute on function private.queues_panel(text) to authenticated, service_role;
