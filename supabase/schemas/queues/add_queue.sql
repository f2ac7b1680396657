create function private.add_queue(
  p_table text, p_function text, p_done text, p_highest_first boolean, p_priority_column text,
  p_attempts_column text default 'attempts', p_max_attempts_column text default 'max_attempts',
  p_due_column text default 'next_attempt_at', p_reads_listings boolean default false,
  p_promotes_itself boolean default false, p_worker_columns text[] default null
) returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  perform private.add_lease(p_table, 'status = ''processing''', p_reads_listings);
  insert into private.queues
    (table_name, function_name, done_status, highest_first, priority_column,
     attempts_column, max_attempts_column, due_column, reads_listings, promotes_itself,
     worker_columns)
  values
    (p_table, p_function, p_done, p_highest_first, p_priority_column,
     p_attempts_column, p_max_attempts_column, p_due_column, p_reads_listings, p_promotes_itself,
     p_worker_columns)
  on conflict (table_name) do update
  set function_name = excluded.function_name,
      done_status = excluded.done_status,
      highest_first = excluded.highest_first,
      priority_column = excluded.priority_column,
      attempts_column = excluded.attempts_column,
      max_attempts_column = excluded.max_attempts_column,
      due_column = excluded.due_column,
      reads_listings = excluded.reads_listings,
      promotes_itself = excluded.promotes_itself,
      worker_columns = excluded.worker_columns
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
  if not q.promotes_itself then
    perform private.write_promote_due(q);
  end if;
  perform private.write_claim(q);
  perform private.write_settle(q);

  -- Who was claimed leaves a dead entry at the head of the claim's index: cleared away sooner than after 20 %.
  execute format(
    'alter table public.%I set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05)', p_table);

  -- A worker that hands a row back clears its lease itself, and a queue may promote what it has done before; any other
  -- way to "pending" is a person's, and starts anew.
  execute format(
    $sql$
      create or replace trigger reset_row_put_back_to_pending
        before update of status on public.%I
        for each row
        when (new.status = 'pending') -- and no more: it is read anew at each statement
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
comment on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean, text[]) is
  'Puts a table of work under the kernel: makes its indexes, its constraint, its triggers and the functions that are written for it. Called again it writes them anew.';
revoke execute on function private.add_queue(text, text, text, boolean, text, text, text, text, boolean, boolean, text[]) from public;
