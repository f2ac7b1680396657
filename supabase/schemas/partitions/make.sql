-- Making partitions ahead, so that rows fall into their month.

create function private.lock_referenced(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_table text;
begin
  for v_table in
    select distinct k.confrelid::regclass::text
    from pg_constraint k
    where k.contype = 'f' and k.conrelid = format('public.%I', p_table)::regclass
    order by 1
  loop
    execute format('lock table %s in share row exclusive mode', v_table);
  end loop;
end
$$;
comment on function private.lock_referenced(text) is
  'Locks the tables that a table refers to, as its new partitions will: first of all, as whoever writes a vehicle and then what hangs on it.';
revoke execute on function private.lock_referenced(text) from public;

create function private.make_default_partition(p_table text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_name text := p_table || '_default';
begin
  perform private.lock_referenced(p_table);
  execute format('create table private.%I partition of public.%I default', v_name, p_table);
  execute format('alter table private.%I enable row level security', v_name);
  execute format('comment on table private.%I is %L', v_name,
    format('Rows of public.%s that no month was made for.', p_table));
end
$$;
comment on function private.make_default_partition(text) is
  'Makes the partition of a table that takes what no other does, so that no row is ever refused.';
revoke execute on function private.make_default_partition(text) from public;

create function private.make_partition(p_table text, p_month timestamptz) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz := date_trunc('month', p_month, 'UTC');
  v_until timestamptz := date_add(v_from, '1 month', 'UTC');
  v_name text := p_table || to_char(v_from at time zone 'UTC', '_YYYY_MM');
  v_default private.partitions;
  v_columns text;
begin
  perform private.lock_referenced(p_table);
  execute format('create table private.%I (like public.%I including all excluding identity)', v_name, p_table);
  execute format('alter table private.%I enable row level security', v_name);
  execute format('comment on table private.%I is %L', v_name,
    format('Rows of public.%s of %s (UTC).', p_table, to_char(v_from at time zone 'UTC', 'YYYY-MM')));

  -- What was written before its month was made is moved there.
  select * into strict v_default from private.partitions p where p.table_name = p_table and p.is_default;
  select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into strict v_columns
  from pg_attribute a
  where a.attrelid = format('public.%I', p_table)::regclass
    and a.attnum > 0
    and not a.attisdropped
    and a.attgenerated = '';
  execute format('lock table private.%I in access exclusive mode', v_default.partition_name);
  execute format(
    $sql$
      with moved as (delete from private.%1$I where %2$I >= $1 and %2$I < $2 returning *)
      insert into private.%3$I (%4$s) select %4$s from moved
    $sql$, v_default.partition_name, v_default.key_column, v_name, v_columns)
  using v_from, v_until;
  execute format(
    'alter table public.%I attach partition private.%I for values from (%L) to (%L)', p_table, v_name, v_from, v_until);
end
$$;
comment on function private.make_partition(text, timestamptz) is
  'Makes the partition of a month that none covers yet, and moves there what the default one holds of it.';
revoke execute on function private.make_partition(text, timestamptz) from public;

create function private.make_partitions(p_table text, p_now timestamptz default now()) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_month timestamptz;
  v_made integer := 0;
begin
  if not exists (select from private.partitions p where p.table_name = p_table and p.is_default) then
    perform private.make_default_partition(p_table);
    v_made := 1;
  end if;
  for v_month in
    select m.month
    from generate_series(0, 2) n
    cross join lateral (
      select date_add(date_trunc('month', p_now, 'UTC'), n * interval '1 month', 'UTC') as month
    ) m
    where not exists (
      select from private.partitions p
      where p.table_name = p_table
        and (p.from_at is null or p.from_at <= m.month)
        and p.until_at > m.month)
    order by 1
  loop
    perform private.make_partition(p_table, v_month);
    v_made := v_made + 1;
  end loop;
  return v_made;
end
$$;
comment on function private.make_partitions(text, timestamptz) is
  'Makes what a partitioned table is missing of its default partition, this month and the next two. Gives how many it made.';
revoke execute on function private.make_partitions(text, timestamptz) from public;
