-- One kernel under every queue: claim, heartbeat, complete, fail, release, redrive. A queue is a table with the
-- lease columns and a row in private.queues.

create table private.queues (
  table_name text primary key,
  function_name text not null,
  done_status text not null check (done_status in ('completed', 'complete')),
  highest_first boolean not null,
  priority_column text,
  attempts_column text not null default 'attempts',
  max_attempts_column text not null default 'max_attempts',
  due_column text not null default 'next_attempt_at',
  lease interval not null default '30 seconds' check (lease > interval '0'),
  keep_done interval not null default '30 days'
);
comment on column private.queues.due_column is
  'When a pending row may be claimed; null means now.';
comment on table private.queues is
  'Every queue table, how it spells "done", which priority goes first, and the edge function that works it.';
grant select on private.queues to service_role;

-- Waits ------------------------------------------------------------------------------------------

create function private.backoff(p_failures integer) returns interval
language sql volatile
set search_path = ''
as $$
  -- Exponential with full jitter, as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
  select make_interval(secs => 30 + random() * least(30 * 2 ^ least(p_failures, 20), 6 * 3600))
$$;
comment on function private.backoff(integer) is
  'Wait before the next try after the nth failure: 30 s plus a random part of 1, 2, 4 … minutes, at most six hours.';

create function private.bounded(p_retry_at timestamptz) returns timestamptz
language sql stable parallel safe
return case when p_retry_at is not null then least(p_retry_at, now() + interval '7 days') end;
comment on function private.bounded(timestamptz) is
  'When a site says to come back, at most a week from now: nothing waits for ever because of one header.';

grant execute on function private.backoff(integer) to service_role;
grant execute on function private.bounded(timestamptz) to service_role;

-- The kernel -------------------------------------------------------------------------------------

create function private.queue(p_queue text) returns private.queues
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  select * into q from private.queues where table_name = p_queue;
  if not found then
    raise exception 'no queue "%": known are %', p_queue,
      (select string_agg(table_name, ', ' order by table_name) from private.queues)
      using errcode = '22023';
  end if;
  return q;
end
$$;

create function private.wake_queue(p_queue text, p_limit integer) returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
begin
  -- What a worker that died left behind. Its attempt counts: a row that kills its workers ends.
  execute format(
    $sql$
      update public.%1$I
      set status = case when %2$I >= %3$I then 'failed' else 'pending' end,
          %4$I = null,
          outcome_code = 'timeout',
          error_message = 'the worker stopped without reporting',
          processed_at = case when %2$I >= %3$I then now() end,
          lease_token = null,
          leased_until = null
      where id in (
        select id
        from public.%1$I
        where status = 'processing' and leased_until <= now()
        order by leased_until
        limit $1
        for update skip locked
      )
    $sql$, p_queue, q.attempts_column, q.max_attempts_column, q.due_column)
  using p_limit;

  -- What has waited for its time.
  execute format(
    $sql$
      update public.%1$I
      set %2$I = null
      where id in (
        select id
        from public.%1$I
        where status = 'pending' and %2$I <= now()
        order by %2$I
        limit $1
        for update skip locked
      )
    $sql$, p_queue, q.due_column)
  using p_limit;
end
$$;
comment on function private.wake_queue(text, integer) is
  'Frees the rows of workers that died and makes due what has waited: a pending row without a due time is due now. So a claim reads due rows in their order and never walks past those that wait.';

create function public.claim_queue(p_queue text, p_limit integer, p_vehicle_ids uuid[] default null)
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  perform private.wake_queue(p_queue, 2000);
  execute format(
    $sql$
      with next as (
        select id
        from public.%1$I
        where status = 'pending'
          and %2$I is null
          and %3$I < %4$I
          and ($2 is null or vehicle_id = any ($2))
        order by %5$s created_at, id
        limit $1
        for update skip locked
      ),
      claimed as (
        update public.%1$I t
        set status = 'processing',
            lease_token = gen_random_uuid(),
            leased_until = now() + $3,
            %3$I = t.%3$I + 1
        from next
        where t.id = next.id
        returning t.*
      )
      select coalesce(jsonb_agg(to_jsonb(claimed) order by %5$s created_at, id), '[]'::jsonb) from claimed
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    case
      when q.priority_column is null then ''
      else format('%I %s,', q.priority_column, case when q.highest_first then 'desc' else 'asc' end)
    end
  )
  into v_rows
  using p_limit, p_vehicle_ids, q.lease;
  return v_rows;
end
$$;
comment on function public.claim_queue(text, integer, uuid[]) is
  'Leases up to p_limit due rows by priority then age; rows whose worker died are due again. Each has a fresh lease_token and one more attempt.';

create function public.heartbeat_queue(p_queue text, p_tokens uuid[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_count integer;
begin
  execute format(
    $sql$
      update public.%1$I
      set leased_until = now() + $2
      where id in (
        select id
        from public.%1$I
        where status = 'processing' and lease_token = any ($1)
        for update skip locked -- what is being settled needs no more time, and a heartbeat must never wait
      )
    $sql$, p_queue)
  using p_tokens, q.lease;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function public.heartbeat_queue(text, uuid[]) is
  'Extends the leases that are still held; gives how many.';

create function public.release_queue(p_queue text, p_items jsonb) returns integer
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_count integer;
begin
  execute format(
    $sql$
      update public.%1$I t
      set status = 'pending',
          lease_token = null,
          leased_until = null,
          %2$I = greatest(t.%2$I - 1, 0),
          %3$I = case when mine.retry_at > now() then mine.retry_at end
      from (
        select h.id, private.bounded(i.retry_at) as retry_at
        from jsonb_to_recordset($1) as i(id uuid, lease_token uuid, retry_at timestamptz)
        join public.%1$I h on h.id = i.id and h.lease_token = i.lease_token
        order by h.id
        for update of h
      ) mine
      where t.id = mine.id
    $sql$, p_queue, q.attempts_column, q.due_column)
  using p_items;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function public.release_queue(text, jsonb) is
  'Hands back rows that were not started, as [{id, lease_token, retry_at}]; the attempt is given back.';

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
create function private.reset_row_put_back_to_pending() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(tg_table_name);
begin
  return jsonb_populate_record(new, jsonb_build_object(
    q.attempts_column, 0,
    q.due_column, null,
    'lease_token', null,
    'leased_until', null,
    'blocked_days', 0,
    'last_blocked_on', null,
    'processed_at', null
  ));
end
$$;
comment on function private.reset_row_put_back_to_pending() is
  'Fires when somebody puts a row back to pending: fresh attempts, due now, no lease, whatever it was before.';

create function private.ring_queue_worker() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.ring(q.function_name)
  from private.queues q
  where q.table_name = tg_table_name;
  return null;
end
$$;
comment on function private.ring_queue_worker() is
  'New work wakes its worker; cron is the safety net.';

create function private.add_queue(
  p_table text, p_function text, p_done text, p_highest_first boolean, p_priority_column text,
  p_attempts_column text default 'attempts', p_max_attempts_column text default 'max_attempts',
  p_due_column text default 'next_attempt_at'
) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into private.queues
    (table_name, function_name, done_status, highest_first, priority_column,
     attempts_column, max_attempts_column, due_column)
  values
    (p_table, p_function, p_done, p_highest_first, p_priority_column,
     p_attempts_column, p_max_attempts_column, p_due_column);

  -- A worker that hands a row back clears its lease itself; any other way to "pending" is a person's, and starts anew.
  execute format(
    $sql$
      create trigger reset_row_put_back_to_pending
        before update of status on public.%I
        for each row
        when (new.status = 'pending' and (old.status <> 'processing' or new.lease_token is not null))
        execute function private.reset_row_put_back_to_pending()
    $sql$, p_table);
  execute format(
    $sql$
      create trigger ring_worker
        after insert on public.%I
        for each statement execute function private.ring_queue_worker()
    $sql$, p_table);
end
$$;
comment on function private.add_queue(text, text, text, boolean, text, text, text, text) is
  'Puts a table with the lease columns under the kernel.';
revoke execute on function private.add_queue(text, text, text, boolean, text, text, text, text) from public;

create function private.prune_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues loop -- one short statement a queue table
    execute format(
      $sql$
        delete from public.%1$I
        where id in (
          select id from public.%1$I
          where status = $1 and processed_at < now() - $2
          limit 10000
        )
      $sql$, q.table_name)
    using q.done_status, q.keep_done;
  end loop;
end
$$;
comment on function private.prune_queues() is
  'Forgets finished rows after their time, 10,000 a call. Failed rows stay until a person decides.';

create function private.ring_due_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
  v_due boolean;
begin
  for q in select * from private.queues loop
    perform private.wake_queue(q.table_name, 10000);
    execute format(
      $sql$ select exists (select from public.%I where status = 'pending' and %I is null) $sql$,
      q.table_name, q.due_column)
    into v_due;
    if v_due then
      perform private.ring(q.function_name);
    end if;
  end loop;
end
$$;
comment on function private.ring_due_queues() is
  'Frees the rows of workers that died, wakes what has waited, then rings the worker of each queue that has due rows.';

grant execute on function private.queue(text) to service_role;
grant execute on function private.wake_queue(text, integer) to service_role;
grant execute on function private.settle_queue_row(text, uuid, uuid, text, text, timestamptz) to service_role;
grant execute on function private.ring_queue_worker() to service_role;
grant execute on function private.reset_row_put_back_to_pending() to service_role;
grant execute on function private.ring(text, jsonb, interval) to service_role;
grant execute on function public.claim_queue(text, integer, uuid[]) to service_role;
grant execute on function public.heartbeat_queue(text, uuid[]) to service_role;
grant execute on function public.release_queue(text, jsonb) to service_role;
grant execute on function public.settle_queue(text, jsonb) to service_role;
grant execute on function public.redrive_queue(text, uuid[], integer) to service_role;
