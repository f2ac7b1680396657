-- Who may look, and who did what.

create function private.require_operator() returns void
language plpgsql stable
set search_path = ''
as $$
begin
  if not private.is_operator() then
    raise exception 'only operators may use the dashboard'
      using errcode = '42501',
        hint = 'who administers the project sets app_metadata.role of your account to "operator": docs/dashboard.md';
  end if;
end
$$;
comment on function private.require_operator() is 'Raises unless the signed-in user is an operator. Everything of the dashboard asks it first.';
grant execute on function private.require_operator() to authenticated, service_role;

create function private.require_acting_operator() returns void
language plpgsql stable
set search_path = ''
as $$
begin
  perform private.require_operator();
  -- The token says what its owner was when it was made, up to an hour ago: who acts has to be one now.
  if not exists (
    select
    from auth.users u
    where u.id = auth.uid()
      and u.raw_app_meta_data ->> 'role' = 'operator'
      -- Not every Auth has these columns.
      and coalesce((to_jsonb(u) ->> 'banned_until')::timestamptz, '-infinity') <= now()
      and to_jsonb(u) ->> 'deleted_at' is null
  ) then
    raise exception 'only operators may use the dashboard'
      using errcode = '42501', hint = 'your account is no operator any more: sign in again, or ask who administers the project';
  end if;
end
$$;
comment on function private.require_acting_operator() is
  'Raises unless the signed-in user is an operator by his token and, as of now, by Auth. Only owners of functions that act may ask it: it reads Auth''s users.';
grant execute on function private.require_acting_operator() to service_role;

create function private.operator_name(p_id uuid) returns text
language sql stable security definer
set search_path = ''
as $$
  select coalesce((select u.email from auth.users u where u.id = p_id and private.is_operator()), 'a removed account')
$$;
comment on function private.operator_name(uuid) is
  'The address of a user of Auth, for operators only. Runs as its owner: Auth''s users are readable by nobody else.';
grant execute on function private.operator_name(uuid) to authenticated, service_role;

create function private.note_action(
  p_action text, p_subject text, p_args jsonb, p_before jsonb, p_after jsonb, p_outcome text, p_said text,
  p_by uuid default null, p_at timestamptz default null
) returns jsonb
language sql
set search_path = ''
as $$
  with noted as (
    insert into public.operator_actions (operator_id, action, subject, args, before, after, outcome, said)
    values (auth.uid(), p_action, left(p_subject, 500), jsonb_strip_nulls(p_args), p_before, p_after, p_outcome, p_said)
    returning *
  )
  select jsonb_build_object(
    'outcome', n.outcome, 'said', n.said, 'action_id', n.id, 'before', n.before, 'after', n.after,
    'by', case when p_by is not null then private.operator_name(p_by) end, 'at', p_at)
  from noted n
$$;
comment on function private.note_action(text, text, jsonb, jsonb, jsonb, text, text, uuid, timestamptz) is
  'Writes down what an operator did, and gives what the function that did it answers. p_by, p_at: which other operator was first, and when.';
grant execute on function private.note_action(text, text, jsonb, jsonb, jsonb, text, text, uuid, timestamptz) to service_role;

create function private.words_of_error(p_state text, p_message text) returns text
language sql immutable parallel safe
return case
  when p_state in ('42703', '42P01', '42883', '42704') then 'The database lacks something that this release expects: ' || p_message
  when p_state = '42501' then 'Not allowed: ' || p_message
  when p_state = '55P03' then 'Somebody holds a lock for long, a migration perhaps: try again in a minute'
  when p_state = '57014' then 'It took too long and was stopped: the database is busy, or lacks an index'
  else 'An error of the database: ' || p_message
end;
comment on function private.words_of_error(text, text) is 'What an SQLSTATE means to an operator.';
grant execute on function private.words_of_error(text, text) to authenticated, service_role;
