create function private.words_of_answer(p_content text) returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return nullif(left(btrim(regexp_replace(
    case
      when p_content is json object
        then concat_ws(': ', p_content::jsonb ->> 'code', coalesce(p_content::jsonb ->> 'error', p_content::jsonb ->> 'message'))
      else regexp_replace(p_content, '<[^>]*>', ' ', 'g')
    end, '\s+', ' ', 'g')), 300), '');
end
$$;
comment on function private.words_of_answer(text) is
  'What an answer that is no success says: code and error of our functions and of the platform, else the text of a gateway''s page; at most 300 characters.';
revoke execute on function private.words_of_answer(text) from public;

create function private.meaning_of_answer(p_function text, p_status integer, p_error text) returns text
language sql immutable parallel safe
return case
  when p_status between 200 and 299 then 'ok'
  when p_status = 404 then 'not deployed: supabase functions deploy ' || p_function
  when p_status in (401, 403) then 'the key in Vault (service_role_key) is refused'
  when p_status is not null then concat_ws(': ', 'answered ' || p_status, p_error)
  when p_error is not null then p_error
  else 'no answer yet'
end;
comment on function private.meaning_of_answer(text, integer, text) is
  'What it means that an edge function which the database invoked answered so: ok, or what is wrong.';
grant execute on function private.meaning_of_answer(text, integer, text) to authenticated, service_role;

create function private.collect_invocation_answers() returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations r
  set answered_at = a.created,
      status_code = a.status_code,
      error = case
        when a.timed_out then 'no answer within five seconds'
        when a.status_code not between 200 and 299 then private.words_of_answer(a.content)
        else a.error_msg
      end
  from net._http_response a
  where a.id = r.request_id
    and r.answered_at is null
    and a.created >= r.invoked_at; -- pg_net counts from one again after a crash
$$;
comment on function private.collect_invocation_answers() is
  'Copies what the invoked functions answered before pg_net forgets it (after six hours).';
revoke execute on function private.collect_invocation_answers() from public;

create view public.worker_invocation_status with (security_invoker = true) as
select
  called.function_name,
  called.last_invoked_at,
  answer.status_code as last_status,
  private.meaning_of_answer(called.function_name, answer.status_code, answer.error) as meaning,
  answer.answered_at as last_answered_at
from (
  select function_name, max(invoked_at) as last_invoked_at
  from public.worker_invocations
  group by function_name
) called
-- Its last answer, not its last call: while work is due there is always one that is not answered yet.
left join lateral (
  select r.status_code, r.error, r.answered_at
  from public.worker_invocations r
  where r.function_name = called.function_name
    and r.answered_at is not null
  order by r.invoked_at desc, r.id desc
  limit 1
) answer on true
order by called.function_name;
comment on view public.worker_invocation_status is
  'For each edge function that the database invokes: when it was last called and what it last answered.';
grant select on public.worker_invocation_status to authenticated, service_role;
