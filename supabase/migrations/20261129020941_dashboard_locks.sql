-- Dashboard locks.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.panel(p_panel text, p_range text) returns jsonb
language plpgsql stable
set search_path = ''
set lock_timeout = '500ms' -- ten panels one after the other, within what the API allows
set jit = off
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
