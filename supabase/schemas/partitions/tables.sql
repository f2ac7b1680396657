-- Histories that only grow are kept by the month: one that is too old is dropped as a whole, which costs the same however
-- much it holds. Partitions are made at run time, so no comparison of schemas looks at them; they stand in `private`, where
-- the API does not reach past the policies of their table.

create table private.partitioned_tables (
  table_name text primary key,
  kept interval not null check (kept >= interval '1 day')
);
comment on table private.partitioned_tables is
  'One row a table of public that is partitioned by the month of a time: how long its rows are kept at least. kept is an operator''s to set.';

alter table private.partitioned_tables enable row level security;
grant all on private.partitioned_tables to service_role;

create view private.partitions with (security_invoker = true) as
select
  t.table_name,
  t.kept,
  key.attname as key_column,
  c.relname as partition_name,
  bound.words = 'DEFAULT' as is_default,
  -- Null of one that begins with the first row of all.
  (regexp_match(bound.words, 'FROM \(''([^'']+)''\)'))[1]::timestamptz as from_at,
  (regexp_match(bound.words, 'TO \(''([^'']+)''\)'))[1]::timestamptz as until_at
from private.partitioned_tables t
join pg_class parent on parent.relname = t.table_name and parent.relnamespace = 'public'::regnamespace
join pg_partitioned_table p on p.partrelid = parent.oid
join pg_attribute key on key.attrelid = parent.oid and key.attnum = p.partattrs[0]
join pg_inherits i on i.inhparent = parent.oid
join pg_class c on c.oid = i.inhrelid
cross join lateral (select pg_get_expr(c.relpartbound, c.oid) as words) bound;
comment on view private.partitions is
  'Each partition of the partitioned tables, all in the schema private: the time that its rows are of, and the column that holds it. The default one takes what no other does.';
