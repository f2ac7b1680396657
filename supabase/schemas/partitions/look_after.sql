create function private.look_after_partitions() returns void
language plpgsql
set search_path = ''
-- Whoever reads or writes the table waits behind this one, which therefore gives up soon: the next call tries again.
-- And sooner than deadlock_timeout (a second): where two wait for each other, the other one goes on.
set lock_timeout = '900ms'
as $$
declare
  v_table text;
begin
  -- One change a call: with locks of two kinds or of two tables it would stand in the way of who takes them in another
  -- order.
  for v_table in select t.table_name from private.partitioned_tables t order by t.table_name loop
    if private.make_partitions(v_table) > 0 or private.drop_old_partitions(v_table) > 0 then
      return;
    end if;
    perform private.prune_default_partition(v_table);
  end loop;
  -- Autovacuum looks at each partition alone: what the whole holds the planner knows from here.
  for v_table in
    select t.table_name
    from private.partitioned_tables t
    join pg_stat_user_tables s on s.schemaname = 'public' and s.relname = t.table_name
    where s.last_analyze is null or s.last_analyze < now() - interval '1 day'
    order by t.table_name
  loop
    execute format('analyze public.%I', v_table);
  end loop;
end
$$;
comment on function private.look_after_partitions() is
  'Makes partitions ahead, drops old ones, and analyzes once a day what autovacuum does not: at most one table changes a call. Cron calls it every hour.';
revoke execute on function private.look_after_partitions() from public;
