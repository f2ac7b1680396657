-- What puts a table under the kernel, and what looks after the queues.

create function private.reset_row_put_back_to_pending() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  if (old.status = 'processing' and new.lease_token is null) or current_setting('queues.promoting', true) = 'on' then
    return new;
  end if;
  q := private.queue(tg_table_name);
  -- The row is claimable when this statement ends.
  perform private.invoke_worker(q.function_name, p_is_claimable => true);
  return jsonb_populate_record(new, jsonb_build_object(
    q.attempts_column, 0,
    q.due_column, null,
    'lease_token', null,
    'lease_expires_at', null,
    'blocked_days', 0,
    'last_blocked_on', null,
    'processed_at', null
  ));
end
$$;
comment on function private.reset_row_put_back_to_pending() is
  'Fires when somebody puts a row back to pending: fresh attempts, due now, no lease, whatever it was before; and its worker is invoked.';
grant execute on function private.reset_row_put_back_to_pending() to service_role;

create function private.invoke_queue_worker() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(tg_table_name);
begin
  -- What waits for its time is promoted when that has come: until then a worker would find nothing.
  if exists (
    select from added a
    where a.status = 'pending' and coalesce((to_jsonb(a) ->> q.due_column)::timestamptz, now()) <= now()
  ) then
    perform private.invoke_worker(q.function_name);
  end if;
  return null;
end
$$;
comment on function private.invoke_queue_worker() is
  'New work that is due invokes its worker; cron is the safety net.';
grant execute on function private.invoke_queue_worker() to service_role;

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

create function private.invoke_due_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues loop
    perform private.rescue(q.table_name, 10000);
    perform private.promote_due(q.table_name, 10000);
    if q.table_name = 'import_queue' then
      perform private.spread_imports();
    end if;
    perform private.invoke_worker(q.function_name);
  end loop;
  perform private.watch_fill_cycle();
end
$$;
comment on function private.invoke_due_queues() is
  'Rescues the rows of workers that died, promotes what has waited, then invokes the worker of each queue that has rows to claim, and database-fill-agent when a step is due.';
