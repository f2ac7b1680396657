create function private.policy_seen(p public.fill_policy) returns text
language sql immutable parallel safe
return md5((to_jsonb(p) - 'updated_at')::text);
comment on function private.policy_seen(public.fill_policy) is 'What an operator saw of fill_policy, to tell whether it is still so.';

create function private.cycle_panel(p_range text) returns jsonb
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
comment on function private.cycle_panel(text) is
  'This cycle: added against target, projected, verdict; the last 24 cycles; and the policy that an operator may change.';
grant execute on function private.policy_seen(public.fill_policy), private.cycle_panel(text) to authenticated, service_role;
