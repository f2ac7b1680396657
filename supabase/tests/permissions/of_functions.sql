-- Read from the catalog, so that what is added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

create temp table functions as
select p.oid, p.pronamespace::regnamespace::text as schema, p.oid::regprocedure::text as name, p.prosecdef, p.proconfig, p.provolatile, p.prokind,
  p.prosqlbody is not null as parsed_at_creation, l.lanname,
  p.prorettype = 'trigger'::regtype as is_trigger
from pg_proc p
join pg_language l on l.oid = p.prolang
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
  and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e'); -- those of extensions

-- What an operator does goes through these: they run as their owner, and ask first whether an operator calls.
create temp table operators_may (name text);
insert into operators_may values
  ('operator_add_source(text)'),
  ('operator_approve_source(text,text)'),
  ('operator_check_feed(uuid)'),
  ('operator_learn_map(text)'),
  ('operator_redrive(text,text,uuid)'),
  ('operator_reject_source(text,text,text)'),
  ('operator_release_field(uuid,text,text)'),
  ('operator_reopen(uuid)'),
  ('operator_resolve_candidate(uuid,text,text)'),
  ('operator_resume_host(text)'),
  ('operator_retire_map(uuid,text)'),
  ('operator_review(bigint,text,text,text,text)'),
  ('operator_set_cost_rate(text,numeric,numeric,text)'),
  ('operator_set_field(uuid,text,text,text,text)'),
  ('operator_set_policy(jsonb,text)'),
  ('operator_switch_feed(uuid,boolean)'),
  ('operator_switch_source(text,boolean,text)');

select cmp_ok((select count(*) from functions), '>', 50::bigint, 'there are more than fifty functions to look at');
select is_empty($$select name from functions where has_function_privilege('anon', oid, 'execute')$$, 'anon can execute no function');
-- Those that an operator's reading needs are named here.
select is_empty($$select name from functions where schema = 'public' and has_function_privilege('authenticated', oid, 'execute')
  and name not in ('canonical_listing_url(text)', 'get_extraction_history(uuid)', 'vehicle_history(uuid)', 'backfilled_count(scraper_versions)',
    'fill_cycle_report(text)', 'fill_daily_report(date)', 'dashboard_find(text,integer)', 'dashboard_vehicle(uuid)',
    'dashboard_review(integer,text,text)', 'dashboard(text[],text)',
    'dashboard_running(text)', 'dashboard_cycle(text)', 'dashboard_supply(text)', 'dashboard_queues(text)', 'dashboard_hosts(text)',
    'dashboard_sources(text)', 'dashboard_coverage(text)', 'dashboard_truth(text)', 'dashboard_maps(text)', 'dashboard_money(text)',
    'dashboard_activity(text)')
  and name not in (select name from operators_may)$$, 'authenticated can execute the functions that are named here and no other');
select is_empty($$select name from functions where has_function_privilege('authenticated', oid, 'execute') and provolatile = 'v'
  and name not in (select name from operators_may)$$, 'authenticated can execute no function that could change something, but for those of operators');
select is_empty($$select m.name from operators_may m left join functions f on f.name = m.name where f.oid is null or not f.prosecdef or f.parsed_at_creation is false$$,
  'each function of operators is there, runs as its owner, and was parsed when it was created');
create function pg_temp.refusals() returns table (name text, code text) language plpgsql as $fn$
begin
  perform set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-000000000009", "user_metadata": {"role": "operator"}}', true);
  for name in select m.name from operators_may m loop
    begin
      execute 'set local role authenticated';
      execute format('select public.%s(%s)', split_part(name, '(', 1), (
        select string_agg('null::' || t, ', ') from regexp_split_to_table(rtrim(split_part(name, '(', 2), ')'), ',') t));
      code := 'done';
    exception when others then
      get stacked diagnostics code = returned_sqlstate;
    end;
    execute 'reset role';
    return next;
  end loop;
end
$fn$;
select is_empty($$select * from pg_temp.refusals() where code <> '42501' union all select 'noted', id::text from operator_actions$$,
  'each function of operators refuses who is none, before it does anything');
select is_empty($$select name from functions where schema = 'public' and not is_trigger and not has_function_privilege('service_role', oid, 'execute')$$, 'the service can execute every public function');
select is_empty($$select name from functions where proconfig is null and not parsed_at_creation$$, 'every function has its search_path set or was parsed when it was created');
select is_empty($$select name from functions where proconfig is not null and not proconfig @> array['search_path=""']$$, 'every search_path that is set is empty');
select results_eq($$select name from functions where prosecdef and name not in (select name from operators_may) order by 1$$, $$values ('private.fill_jobs_off()'), ('private.found_by_vin(text,integer)'), ('private.found_by_words(text[],integer)'), ('private.invoke_worker(text,jsonb,interval,boolean)'), ('private.operator_name(uuid)'), ('private.secret(text)'), ('private.why_paused(text)')$$,
  'the functions that run as their owner are those of operators, the two that read Vault, the two that say which jobs of cron are switched off, and three that ask first whether an operator calls');
select is_empty($$select name from functions where prosecdef and (has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute'))
  and name not in (select name from operators_may) and name not in ('private.found_by_vin(text,integer)', 'private.found_by_words(text[],integer)', 'private.operator_name(uuid)')$$, 'no other function that runs as its owner can be executed by authenticated or anon');
select is_empty($$select name from functions f where has_function_privilege('public', oid, 'execute')$$, 'no function can be executed by everybody');
select is(has_schema_privilege('anon', 'private', 'usage'), false, 'anon cannot use the schema private');
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'
    and (has_table_privilege('anon', c.oid, 'select,insert,update,delete') or has_table_privilege('authenticated', c.oid, 'insert,update,delete')
      or (has_table_privilege('authenticated', c.oid, 'select') and not c.relrowsecurity))$$, 'the tables of the schema private are the service''s alone or behind row level security');

create function public.added_later() returns integer language sql return 1;
select is(has_function_privilege('anon', 'public.added_later()', 'execute') or has_function_privilege('authenticated', 'public.added_later()', 'execute'), false, 'neither anon nor authenticated can execute a function that is added later');

select * from finish();
rollback;
