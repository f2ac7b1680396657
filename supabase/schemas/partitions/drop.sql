-- Forgetting a month at a time.

create function private.drop_old_partitions(p_table text, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_name text;
  v_dropped integer := 0;
begin
  for v_name in
    select p.partition_name
    from private.partitions p
    where p.table_name = p_table and p.until_at <= p_now - p.kept
    order by p.until_at
  loop
    execute format('drop table private.%I', v_name);
    v_dropped := v_dropped + 1;
  end loop;
  return v_dropped;
end
$$;
comment on function private.drop_old_partitions(text, timestamptz) is
  'Drops the partitions of a table whose rows are all older than it keeps them. Gives how many.';
revoke execute on function private.drop_old_partitions(text, timestamptz) from public;

create function private.prune_default_partition(
  p_table text, p_now timestamptz default now(), p_portion integer default 10000
) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_default private.partitions;
  v_deleted integer;
begin
  select * into strict v_default from private.partitions p where p.table_name = p_table and p.is_default;
  execute format(
    $sql$
      delete from private.%1$I
      where ctid = any (array(select ctid from private.%1$I where %2$I < $1 order by %2$I limit $2))
    $sql$, v_default.partition_name, v_default.key_column)
  using p_now - v_default.kept, p_portion;
  get diagnostics v_deleted = row_count;
  return v_deleted;
end
$$;
comment on function private.prune_default_partition(text, timestamptz, integer) is
  'Deletes from the default partition of a table, which is never dropped, what is older than it keeps: at most a portion a call. Gives how many rows.';
revoke execute on function private.prune_default_partition(text, timestamptz, integer) from public;
