-- Read from the catalog, so that what is added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create temp table relations as
select c.oid, c.relname, c.relkind, c.relrowsecurity, c.reloptions
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f');
create temp table functions as
select p.oid, p.pronamespace::regnamespace::text as schema, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.provolatile, p.prokind,
  p.prosqlbody is not null as parsed_at_creation, l.lanname,
  p.prorettype = 'trigger'::regtype as is_trigger
from pg_proc p
join pg_language l on l.oid = p.prolang
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e'); -- those of extensions

select is_empty($$select relname from relations where coalesce(obj_description(oid, 'pg_class'), '') = ''$$, 'every table and view has a comment');
select is_empty($$select name from functions where schema = 'public' and coalesce(obj_description(oid, 'pg_proc'), '') = ''$$, 'every public function has a comment');
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind = 'r' and coalesce(obj_description(c.oid, 'pg_class'), '') = ''$$, 'every table of the schema private has a comment');

select * from finish();
rollback;
