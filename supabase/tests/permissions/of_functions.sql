-- Read from the catalog, so that what is added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

create temp table functions as
select p.oid, p.pronamespace::regnamespace::text as schema, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.provolatile, p.prokind,
  p.prosqlbody is not null as parsed_at_creation, l.lanname,
  p.prorettype = 'trigger'::regtype as is_trigger
from pg_proc p
join pg_language l on l.oid = p.prolang
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e'); -- those of extensions

select cmp_ok((select count(*) from functions), '>', 50::bigint, 'there are more than fifty functions to look at');
select is_empty($$select name from functions where has_function_privilege('anon', oid, 'execute')$$, 'anon can execute no function');
-- Those that an operator's reading needs are named here.
select is_empty($$select name from functions where schema = 'public' and has_function_privilege('authenticated', oid, 'execute')
  and name not in ('canonical_listing_url(text)', 'get_extraction_history(uuid)', 'vehicle_history(uuid)', 'backfilled_count(scraper_versions)',
    'fill_cycle_report(text)', 'fill_daily_report(date)')$$, 'authenticated can execute the functions that are named here and no other');
select is_empty($$select name from functions where has_function_privilege('authenticated', oid, 'execute') and provolatile = 'v'$$, 'authenticated can execute no function that could change something');
select is_empty($$select name from functions where schema = 'public' and not is_trigger and not has_function_privilege('service_role', oid, 'execute')$$, 'the service can execute every public function');
select is_empty($$select name from functions where proconfig is null and not parsed_at_creation$$, 'every function has its search_path set or was parsed when it was created');
select is_empty($$select name from functions where proconfig is not null and not proconfig @> array['search_path=""']$$, 'every search_path that is set is empty');
select results_eq($$select name from functions where prosecdef order by 1$$, $$values ('private.fill_jobs_off()'), ('private.invoke_worker(text,jsonb,interval,boolean)'), ('private.secret(text)')$$,
  'the functions that run as their owner are the two that read Vault, and the one that names four jobs of cron');
select is_empty($$select name from functions where prosecdef and (has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute'))$$, 'no function that runs as its owner can be executed by authenticated or anon');
select is_empty($$select name from functions f where has_function_privilege('public', oid, 'execute')$$, 'no function can be executed by everybody');
select is(has_schema_privilege('anon', 'private', 'usage'), false, 'anon cannot use the schema private');
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'
    and (has_table_privilege('anon', c.oid, 'select,insert,update,delete') or has_table_privilege('authenticated', c.oid, 'insert,update,delete')
      or (has_table_privilege('authenticated', c.oid, 'select') and not c.relrowsecurity))$$, 'the tables of the schema private are the service''s alone or behind row level security');

create function public.added_later() returns integer language sql return 1;
select is(has_function_privilege('anon', 'public.added_later()', 'execute') or has_function_privilege('authenticated', 'public.added_later()', 'execute'), false, 'neither anon nor authenticated can execute a function that is added later');

select * from finish();
rollback;
