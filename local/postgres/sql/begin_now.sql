-- A copy of a prepared cluster begins now: each time that was written while the cluster was prepared moves by what has
-- passed since. What a migration states as a date of the past stays.
do $$
declare
  v_begun timestamptz;
  v_passed interval;
  v_table record;
begin
  select begun_at, clock_timestamp() - ended_at into strict v_begun, v_passed from local_stack.prepared;
  perform set_config('session_replication_role', 'replica', true); -- nothing was changed that a trigger should hear of
  for v_table in
    select
      a.attrelid::regclass as name,
      string_agg(format('%1$I = case when %1$I >= $1 then %1$I + $2 else %1$I end', a.attname), ', ') as moved,
      string_agg(format('%I >= $1', a.attname), ' or ') as written_then
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid
    where c.relkind in ('r', 'p')
      and not c.relispartition -- a row may move to another partition
      and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'local_stack'::regnamespace)
      and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype)
      and a.attnum > 0
      and not a.attisdropped
      and a.attgenerated = ''
    group by a.attrelid
  loop
    execute format('update %s set %s where %s', v_table.name, v_table.moved, v_table.written_then)
    using v_begun, v_passed;
  end loop;
end
$$;

drop schema local_stack cascade;
