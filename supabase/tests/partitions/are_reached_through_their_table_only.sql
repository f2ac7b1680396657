-- Read from the catalog, so that what is added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

select private.make_partition(table_name, '2131-05-01') from private.partitioned_tables;
create temp table parts as
select c.oid, c.relname, c.relnamespace, c.relrowsecurity, p.relname as parent, p.relnamespace as parent_schema
from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
where c.relispartition and c.relkind = 'r' and p.relnamespace in ('public'::regnamespace, 'private'::regnamespace);

select cmp_ok((select count(*) from parts), '>=', 4::bigint, 'there are partitions to look at');
select is_empty($$select relname from parts where relnamespace <> 'private'::regnamespace$$, 'every partition is in the schema private, which the API does not show');
select is_empty($$select relname from parts where not relrowsecurity$$, 'every partition has row level security');
select is_empty($$select relname, role from parts, unnest('{anon,authenticated,service_role}'::text[]) role
  where has_table_privilege(role, oid, 'select,insert,update,delete,truncate')$$, 'nobody has a right on a partition itself');
select is_empty($$select parent from parts except select table_name from private.partitioned_tables$$, 'every table with partitions is looked after');
select is_empty($$select table_name from private.partitioned_tables except select parent from parts$$, 'every table that is looked after has partitions');

-- Who is no operator sees nothing, in whatever partition it lies.
insert into scraping_health (source, url, outcome, ms, created_at) values ('s', 'u', 'ok', 1, now()), ('s', 'u', 'ok', 1, '2131-05-02'), ('s', 'u', 'ok', 1, '2141-05-02');
create temp table seen (who text, count bigint);
grant insert on seen to authenticated;
set local role authenticated;
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-000000000009"}', true);
insert into seen select 'anybody', count(*) from scraping_health;
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-000000000009", "app_metadata": {"role": "operator"}}', true);
insert into seen select 'operator', count(*) from scraping_health;
reset role;
select is((select count from seen where who = 'anybody'), 0::bigint, 'who is no operator sees no row of any partition');
select is((select count from seen where who = 'operator'), 3::bigint, 'an operator sees the rows of all partitions');

select * from finish();
rollback;
