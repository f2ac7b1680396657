-- How an attempt ends: done, failed, or to be tried again; and the way back for what failed.

create function private.settle_queue_row(
  p_queue text, p_id uuid, p_token uuid, p_outcome text, p_error text, p_retry_at timestamptz
) returns text
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_attempts integer;
  v_max integer;
  v_blocked integer;
  v_status text;
  v_due timestamptz;
  -- The site's word, not the row's fault: the attempt is given back. A wall is met on three days at most.
  v_refund boolean := coalesce(p_outcome in ('rate_limited', 'blocked', 'robots_disallowed'), false);
  v_walled boolean := coalesce(p_outcome in ('blocked', 'robots_disallowed'), false);
  v_not_before timestamptz := private.bounded(p_retry_at);
begin
  execute format(
    $sql$
      select %I, %I, blocked_days + ($3 and last_blocked_on is distinct from current_date)::integer
      from public.%I
      where id = $1 and lease_token = $2
      for update
    $sql$, q.attempts_column, q.max_attempts_column, p_queue)
  into v_attempts, v_max, v_blocked
  using p_id, p_token, v_walled;
  if v_attempts is null then
    return null;
  end if;

  if p_outcome in ('ok', 'not_modified') then
    v_status := q.done_status;
  elsif p_outcome in ('gone', 'not_a_listing', 'invalid', 'too_large') then
    v_status := 'failed';
  elsif v_walled and v_blocked >= 3 then
    v_status := 'failed';
  elsif v_refund then
    v_status := 'pending';
    v_due := greatest(coalesce(v_not_before, now() + interval '1 hour'), now() + interval '1 minute');
  elsif v_attempts >= v_max then
    v_status := 'failed';
  else
    v_status := 'pending';
    v_due := greatest(v_not_before, now() + private.backoff(v_attempts));
  end if;

  execute format(
    $sql$
      update public.%1$I
      set status = $3,
          %2$I = case when $5 then greatest(%2$I - 1, 0) else %2$I end,
          %3$I = $4,
          blocked_days = $8,
          last_blocked_on = case when $9 then current_date else last_blocked_on end,
          lease_token = null,
          leased_until = null,
          outcome_code = $6,
          error_message = $7,
          processed_at = case when $3 = 'pending' then processed_at else now() end
      where id = $1 and lease_token = $2
    $sql$, p_queue, q.attempts_column, q.due_column)
  using p_id, p_token, v_status, v_due, v_refund, p_outcome, p_error, v_blocked, v_walled;
  return v_status;
end
$$;
comment on function private.settle_queue_row(text, uuid, uuid, text, text, timestamptz) is
  'Ends one attempt by its outcome. Gives the new status, or null when the lease was lost and nothing was changed.';

create function public.settle_queue(p_queue text, p_items jsonb) returns jsonb
language sql
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', i.id,
    'status', private.settle_queue_row(p_queue, i.id, i.lease_token, i.outcome, i.error, i.retry_at)
  )), '[]'::jsonb)
  from (
    select * from jsonb_to_recordset(p_items)
      as i(id uuid, lease_token uuid, outcome text, error text, retry_at timestamptz)
    order by i.id
  ) i
$$;
comment on function public.settle_queue(text, jsonb) is
  'Ends attempts as [{id, lease_token, outcome, error, retry_at}]; a row whose lease was lost has status null and is unchanged.';

create function public.redrive_queue(p_queue text, p_ids uuid[] default null, p_limit integer default 1000)
returns integer
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_id uuid;
  v_count integer := 0;
begin
  for v_id in execute format(
    $sql$
      select id from public.%I
      where status = 'failed' and ($1 is null or id = any ($1))
      order by id
      for update skip locked
    $sql$, p_queue)
  using p_ids
  loop
    exit when v_count >= p_limit;
    begin
      execute format($sql$ update public.%I set status = 'pending' where id = $1 $sql$, p_queue) using v_id;
      v_count := v_count + 1;
    exception when unique_violation then
      null; -- the same work has been asked for again since, and stands in the queue
    end;
  end loop;
  perform private.ring(q.function_name);
  return v_count;
end
$$;
comment on function public.redrive_queue(text, uuid[], integer) is
  'Puts failed rows back to pending with fresh attempts: all, or those with these ids. Gives how many.';

-- A row that is put back to pending by hand starts anew, whatever made it ineligible before.

grant execute on function private.settle_queue_row(text, uuid, uuid, text, text, timestamptz) to service_role;
grant execute on function public.settle_queue(text, jsonb) to service_role;
grant execute on function public.redrive_queue(text, uuid[], integer) to service_role;
