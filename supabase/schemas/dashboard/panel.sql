-- What all panels have in common: who may look, what a row is, and that a panel which breaks says so and takes no other with it.

create function private.panel(p_panel text, p_range text) returns jsonb
language plpgsql stable
set search_path = ''
set lock_timeout = '500ms' -- ten panels one after the other, within what the API allows
set jit = off
as $$
declare
  v_began timestamptz := clock_timestamp();
  v_panel jsonb;
  v_since timestamptz;
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
    v_since := private.not_measured_since(p_panel);
    if v_since is not null then
      v_panel := v_panel || jsonb_build_object(
        'state', case when v_panel ->> 'state' in ('ok', 'idle') then 'unknown' else v_panel ->> 'state' end,
        'says', format('Not measured since %s. Then: %s', private.utc_text(v_since), v_panel ->> 'says'));
    end if;
    return jsonb_build_object('panel', p_panel, 'not_measured_since', v_since) || v_panel
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
comment on function private.panel(text, text) is
  'One panel of the dashboard, for operators. Where it cannot be made, {panel, error: {code, message, says, what_to_type}} instead.';

create function private.not_measured_since(p_panel text) returns timestamptz
language sql stable
set search_path = ''
as $$
  select min(coalesce(p.counted_to, p.made_at))
  from public.dashboard_parts p
  where p.part = any (case p_panel
      when 'cycle' then array['cycle']
      when 'supply' then array['listings', 'vehicles']
      when 'queues' then array['queues', 'dead_letters']
      when 'coverage' then array['coverage']
      when 'truth' then array['truth', 'reliability']
      when 'money' then array['requests', 'files', 'invocations']
      else '{}'
    end)
    and (p.error_message is not null or p.next_at < now() - interval '4 minutes' or p.counted_to < now() - interval '20 minutes')
$$;
comment on function private.not_measured_since(text) is
  'Since when a panel goes by what was measured before: a part of it fails, is overdue, or is counted no further. Null when all is well.';

create function private.dashboard_panels() returns text[]
language sql immutable parallel safe
return array['running', 'cycle', 'supply', 'queues', 'hosts', 'sources', 'coverage', 'truth', 'maps', 'money'];
comment on function private.dashboard_panels() is 'The panels, from top to bottom.';

create function private.panel_row(
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
comment on function private.panel_row(text, text, text, text, text, jsonb, text, timestamptz, timestamptz, text, jsonb, jsonb) is
  'A row of a panel: how it stands (bad, warn, ok, idle) and in words, what to type, which actions an operator has.';

create function private.panel_action(p_label text, p_rpc text, p_args jsonb, p_asks text default null) returns jsonb
language sql immutable parallel safe
return jsonb_build_object('label', p_label, 'rpc', p_rpc, 'args', p_args, 'asks', p_asks);
comment on function private.panel_action(text, text, jsonb, text) is
  'A button: the function that it calls, with which arguments, and which text argument it asks for first.';

create function private.part_state(p_part text) returns jsonb
language sql stable
set search_path = ''
as $$
  select p.state from public.dashboard_parts p where p.part = p_part
$$;
comment on function private.part_state(text) is 'What was measured last of a part; null when it never was.';

create function private.state_of_word(p_word text) returns text
language sql immutable parallel safe
return case
  when p_word in ('stuck', 'failing', 'faulty') then 'bad'
  when p_word in ('waiting', 'idle', 'off') then 'idle'
  else 'ok'
end;
comment on function private.state_of_word(text) is 'How bad a state of pipeline_status is: bad, ok or idle. To wait is right.';

create function private.counted_words(p_count bigint, p_one text, p_many text) returns text
language sql immutable parallel safe
return case when p_count = 1 then '1 ' || p_one else coalesce(to_char(p_count, 'FM999,999,999,990'), 'no') || ' ' || p_many end;
comment on function private.counted_words(bigint, text, text) is 'A number with its noun: "1 row", "1,200 rows".';

grant execute on function
  private.panel(text, text),
  private.not_measured_since(text),
  private.dashboard_panels(),
  private.panel_row(text, text, text, text, text, jsonb, text, timestamptz, timestamptz, text, jsonb, jsonb),
  private.panel_action(text, text, jsonb, text),
  private.part_state(text),
  private.state_of_word(text),
  private.counted_words(bigint, text, text)
to authenticated, service_role;
