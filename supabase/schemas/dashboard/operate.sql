-- What operators may do: each thing is a private do_…() that takes and gives JSON, and a public operator_…() that the page calls.

create function private.operate(p_action text, p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
set lock_timeout = '5s'
as $$
declare
  v jsonb;
  v_constraint text;
begin
  perform private.require_acting_operator();
  begin
    execute format('select private.%I($1)', 'do_' || p_action) into v using p_args;
  exception
    when sqlstate '22023' or no_data_found then
      v := jsonb_build_object('outcome', 'refused', 'said', sqlerrm);
    when check_violation then
      get stacked diagnostics v_constraint = constraint_name;
      v := jsonb_build_object('outcome', 'refused', 'said', 'That value cannot be: ' || coalesce(
        (select pg_get_constraintdef(c.oid) from pg_catalog.pg_constraint c where c.conname = v_constraint and c.contype = 'c' limit 1), sqlerrm));
    when invalid_text_representation or numeric_value_out_of_range or datetime_field_overflow
      or invalid_datetime_format or not_null_violation or string_data_right_truncation then
      v := jsonb_build_object('outcome', 'refused', 'said', 'That value cannot be: ' || sqlerrm);
    when insufficient_privilege then
      raise;
    when others then
      v := jsonb_build_object('outcome', 'failed', 'said', private.words_of_error(sqlstate, sqlerrm));
  end;
  return private.note_action(
    p_action, v ->> 'subject', p_args - 'p_seen', nullif(v -> 'before', 'null'), nullif(v -> 'after', 'null'),
    v ->> 'outcome', v ->> 'said', (v ->> 'by')::uuid, (v ->> 'at')::timestamptz);
end
$$;
comment on function private.operate(text, jsonb) is
  'Does one of the things that only operators may do, after it made sure that one asks, and writes down what came of it. A rule that is broken is an answer (refused), as is an error (failed): nothing was changed then.';
grant execute on function private.operate(text, jsonb) to service_role;

create function private.did(
  p_outcome text, p_said text, p_subject text, p_before jsonb default null, p_after jsonb default null,
  p_by uuid default null, p_at timestamptz default null
) returns jsonb
language sql immutable parallel safe
return jsonb_build_object(
  'outcome', p_outcome, 'said', p_said, 'subject', p_subject, 'before', p_before, 'after', p_after, 'by', p_by, 'at', p_at
);
comment on function private.did(text, text, text, jsonb, jsonb, uuid, timestamptz) is 'What came of an action, as operate() takes it.';
grant execute on function private.did(text, text, text, jsonb, jsonb, uuid, timestamptz) to service_role;

create function private.last_done(p_subject text) returns public.operator_actions
language sql stable
set search_path = ''
as $$
  select * from public.operator_actions where subject = p_subject and outcome = 'done' order by at desc, id desc limit 1
$$;
comment on function private.last_done(text) is 'What an operator did last to this, of what was done.';
grant execute on function private.last_done(text) to authenticated, service_role;
