create function private.activity_panel(p_range text) returns jsonb
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
comment on function private.activity_panel(text) is 'The last fifty things that operators did.';
grant execute on function private.activity_panel(text) to authenticated, service_role;
