-- What puts a table under the kernel, and what looks after the queues.

create function private.reset_row_put_back_to_pending() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(tg_table_name);
begin
  perform private.invoke_worker(q.function_name); -- invoke_worker sees inserted rows only
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

create function private.add_queue(
  p_table text, p_function text, p_done text, p_highest_first boolean, p_priority_column text,
  p_attempts_column text default 'attempts', p_max_attempts_column text default 'max_attempts',
  p_due_column text default 'next_attempt_at', p_reads_listings boolean default false
) returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  perform private.add_lease(p_table, 'status = ''processing''');
  insert into private.queues
    (table_name, function_name, done_status, highest_first, priority_column,
     attempts_column, max_attempts_column, due_column, reads_listings)
  values
    (p_table, p_function, p_done, p_highest_first, p_priority_column,
     p_attempts_column, p_max_attempts_column, p_due_column, p_reads_listings)
  on conflict (table_name) do update
  set function_name = excluded.function_name,
      done_status = excluded.done_status,
      highest_first = excluded.highest_first,
      priority_column = excluded.priority_column,
      attempts_column = excluded.attempts_column,
      max_attempts_column = excluded.max_attempts_column,
      due_column = excluded.due_column,
      reads_listings = excluded.reads_listings
  returning * into q;
  execute format(
    'create index if not exists %I on public.%I (%s created_at, id) where status = ''pending'' and %I is null',
    p_table || '_due', p_table, private.queue_order(q), p_due_column);
  execute format(
    'create index if not exists %1$I on public.%2$I (%3$I) where status = ''pending'' and %3$I is not null',
    p_table || '_waiting', p_table, p_due_column);
  execute format(
    'create index if not exists %I on public.%I (status, processed_at) where status in (%L, ''failed'')',
    p_table || '_finished', p_table, p_done);
  perform private.write_rescue(q);
  perform private.write_promote_due(q);
  perform private.write_claim(q);
  perform private.write_settle(q);

  -- Who was claimed leaves a dead entry at the head of the claim's index: cleared away sooner than after 20 %.
  execute format(
    'alter table public.%I set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', p_table);

  -- A worker that hands a row back clears its lease itself; any other way to "pending" is a person's, and starts anew.
  execute format(
    $sql$
      create or replace trigger reset_row_put_back_to_pending
        before update of status on public.%I
        for each row
        when (new.status = 'pending' and (old.status <> 'processing' or new.lease_token is not null))
        execute function private.reset_row_put_back_to_pending()
    $sql$, p_table);
  execute format(
    $sql$
      create or replace trigger invoke_worker
        after insert on public.%I
        referencing new table as added
        for each statement execute function private.invoke_queue_worker()
    $sql$, p_table);
end
$$;
comment on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean) is
  'Puts a table of work under the kernel: makes its indexes, its constraint, its triggers and the functions that are written for it. Called again it writes them anew.';
revoke execute on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean) from public;

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
  v_due boolean;
begin
  for q in select * from private.queues loop
    perform private.rescue(q.table_name, 10000);
    perform private.promote_due(q.table_name, 10000);
    execute format(
      $sql$ select exists (select from public.%I where status = 'pending' and %I is null) $sql$,
      q.table_name, q.due_column)
    into v_due;
    if v_due then
      perform private.invoke_worker(q.function_name);
    end if;
  end loop;
end
$$;
comment on function private.invoke_due_queues() is
  'Rescues the rows of workers that died, promotes what has waited, then invokes the worker of each queue that has due rows.';

grant execute on function private.invoke_queue_worker() to service_role;
grant execute on function private.reset_row_put_back_to_pending() to service_role;
