-- How an attempt ends: done, failed, or to be tried again; and the way back for what failed.

create function public.settle_queue(p_queue text, p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_settled jsonb;
begin
  execute format('select private.%I($1)', 'settle_' || q.table_name) into v_settled using p_items;
  return v_settled;
end
$$;
comment on function public.settle_queue(text, jsonb) is
  'Ends attempts as [{id, lease_token, outcome, error, retry_at}]; a row whose lease was lost has status null and is unchanged.';
grant execute on function public.settle_queue(text, jsonb) to service_role;

create function private.settle_queue_row(
  p_queue text, p_id uuid, p_token uuid, p_outcome text, p_error text, p_retry_at timestamptz
) returns text
language plpgsql -- its plan is kept
set search_path = ''
as $$
begin
  return public.settle_queue(p_queue, jsonb_build_array(jsonb_build_object(
    'id', p_id, 'lease_token', p_token, 'outcome', p_outcome, 'error', p_error, 'retry_at', p_retry_at
  ))) -> 0 ->> 'status';
end
$$;
comment on function private.settle_queue_row(text, uuid, uuid, text, text, timestamptz) is
  'Ends one attempt by its outcome. Gives the new status, or null when the lease was lost and nothing was changed.';
grant execute on function private.settle_queue_row(text, uuid, uuid, text, text, timestamptz) to service_role;

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
  perform private.invoke_worker(q.function_name);
  return v_count;
end
$$;
comment on function public.redrive_queue(text, uuid[], integer) is
  'Puts failed rows back to pending with fresh attempts: all, or those with these ids. Gives how many.';
grant execute on function public.redrive_queue(text, uuid[], integer) to service_role;
