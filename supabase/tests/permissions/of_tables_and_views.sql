-- Read from the catalog, so that what is added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

create temp table relations as
select c.oid, c.relname, c.relkind, c.relrowsecurity, c.reloptions
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f');

select cmp_ok((select count(*) from relations), '>', 20::bigint, 'there are more than twenty tables and views to look at');

-- Tables and views.
select is_empty($$select relname from relations where relkind in ('r', 'p') and not relrowsecurity$$, 'every table has row level security');
select is_empty($$select relname from relations r where relkind in ('r', 'p') and (
    select array_agg(concat_ws(' ', polname, polcmd::text, array_to_string(polroles::regrole[], ','))) from pg_policy where polrelid = r.oid) is distinct from array['operators_read r authenticated']$$,
  'every table has one policy: operators may read it');
select is_empty($$select relname from relations r join pg_policy p on p.polrelid = r.oid where pg_get_expr(polqual, polrelid) !~ 'private[.]is_operator[(][)]'$$, 'every policy asks whether the reader is an operator');
select is_empty($$select relname from relations where relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false)$$, 'every view reads with the rights of its reader');
select is_empty($$select relname from relations where relkind in ('m', 'f')$$, 'there is no materialized view or foreign table, which row level security cannot guard');
select is_empty($$select relname, privilege from relations, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
  where has_table_privilege('anon', oid, privilege)$$, 'anon has no right on any table or view');
select is_empty($$select relname, attname from relations r join pg_attribute a on a.attrelid = r.oid
  where a.attacl::text ~ '(anon|=r/)' $$, 'anon has no right on any column');
select is_empty($$select relname, privilege from relations, unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
  where has_table_privilege('authenticated', oid, privilege)$$, 'authenticated may change no table');
select is_empty($$select relname from relations where not has_table_privilege('service_role', oid, 'select')$$, 'the service may read every table and view');
select is_empty($$select sequencename from pg_sequences, unnest(array['anon', 'authenticated']) r
  where schemaname = 'public' and has_sequence_privilege(r, format('%I.%I', schemaname, sequencename), 'usage,select,update')$$, 'neither anon nor authenticated has a right on a sequence');

create table public.added_later (id integer);
select is(has_table_privilege('anon', 'public.added_later', 'select') or has_table_privilege('authenticated', 'public.added_later', 'select'), false, 'neither anon nor authenticated can read a table that is added later');

select * from finish();
rollback;
