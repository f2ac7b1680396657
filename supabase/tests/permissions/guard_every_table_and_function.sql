-- Read from the catalog, so that what is added later is checked too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(46);

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
select cmp_ok((select count(*) from relations), '>', 20::bigint, 'there is something to look at');
select cmp_ok((select count(*) from functions), '>', 50::bigint, 'also among the functions');

-- Tables and views.
select is_empty($$select relname from relations where relkind in ('r', 'p') and not relrowsecurity$$, 'every table has row level security');
select is_empty($$select relname from relations r where relkind in ('r', 'p') and (
    select array_agg(concat_ws(' ', polname, polcmd::text, array_to_string(polroles::regrole[], ','))) from pg_policy where polrelid = r.oid) is distinct from array['operators_read r authenticated']$$,
  'with one policy: operators read');
select is_empty($$select relname from relations r join pg_policy p on p.polrelid = r.oid where pg_get_expr(polqual, polrelid) !~ 'private[.]is_operator[(][)]'$$, 'who are asked for in each');
select is_empty($$select relname from relations where relkind = 'v' and not coalesce(reloptions @> array['security_invoker=true'], false)$$, 'every view asks as its reader');
select is_empty($$select relname from relations where relkind in ('m', 'f')$$, 'there is nothing that row level security cannot guard');
select is_empty($$select relname, privilege from relations, unnest(array['select', 'insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
  where has_table_privilege('anon', oid, privilege)$$, 'anon has no right on any table or view');
select is_empty($$select relname, attname from relations r join pg_attribute a on a.attrelid = r.oid
  where a.attacl::text ~ '(anon|=r/)' $$, 'nor on any column');
select is_empty($$select relname, privilege from relations, unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) privilege
  where has_table_privilege('authenticated', oid, privilege)$$, 'authenticated may change nothing');
select is_empty($$select relname from relations where not has_table_privilege('service_role', oid, 'select')$$, 'the service reads everything');
select is_empty($$select sequencename from pg_sequences, unnest(array['anon', 'authenticated']) r
  where schemaname = 'public' and has_sequence_privilege(r, format('%I.%I', schemaname, sequencename), 'usage,select,update')$$, 'no sequence is theirs');

-- Functions.
select is_empty($$select name from functions where has_function_privilege('anon', oid, 'execute')$$, 'anon can execute no function');
-- Those that an operator's reading needs are named here.
select is_empty($$select name from functions where schema = 'public' and has_function_privilege('authenticated', oid, 'execute')
  and name not in ('canonical_listing_url(text)', 'get_extraction_history(uuid)', 'backfilled_count(scraper_versions)')$$, 'authenticated those named, and no other');
select is_empty($$select name from functions where has_function_privilege('authenticated', oid, 'execute') and provolatile = 'v'$$, 'and none that could change something');
select is_empty($$select name from functions where schema = 'public' and not is_trigger and not has_function_privilege('service_role', oid, 'execute')$$, 'the service all of them');
select is_empty($$select name from functions where proconfig is null and not parsed_at_creation$$, 'every function has its search_path set, or was bound when it was created');
select is_empty($$select name from functions where proconfig is not null and not proconfig @> array['search_path=""']$$, 'and the path is empty');
select results_eq($$select name from functions where prosecdef order by 1$$, $$values ('private.invoke_worker(text,jsonb,interval)'), ('private.secret(text)')$$,
  'those that run as their owner are named here: they read Vault');
select is_empty($$select name from functions where prosecdef and (has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute'))$$, 'and are nobody''s to call');
select is_empty($$select name from functions f where has_function_privilege('public', oid, 'execute')$$, 'nothing is granted to everybody');
select is(has_schema_privilege('anon', 'private', 'usage'), false, 'anon does not see the schema private');
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind = 'r'
    and (has_table_privilege('anon', c.oid, 'select,insert,update,delete') or has_table_privilege('authenticated', c.oid, 'insert,update,delete')
      or (has_table_privilege('authenticated', c.oid, 'select') and not c.relrowsecurity))$$, 'its tables are the service''s, or behind row level security');

-- What is added later is as closed.
create table public.added_later (id integer);
create function public.added_later() returns integer language sql return 1;
select is(has_table_privilege('anon', 'public.added_later', 'select') or has_table_privilege('authenticated', 'public.added_later', 'select'), false, 'a table added later is closed');
select is(has_function_privilege('anon', 'public.added_later()', 'execute') or has_function_privilege('authenticated', 'public.added_later()', 'execute'), false, 'and a function');
drop table public.added_later;
drop function public.added_later();

-- Comments.
select is_empty($$select relname from relations where coalesce(obj_description(oid, 'pg_class'), '') = ''$$, 'every table and view has a comment');
select is_empty($$select name from functions where schema = 'public' and coalesce(obj_description(oid, 'pg_proc'), '') = ''$$, 'and every function that is called from outside');
select is_empty($$select c.relname from pg_class c where c.relnamespace = 'private'::regnamespace and c.relkind = 'r' and coalesce(obj_description(c.oid, 'pg_class'), '') = ''$$, 'and every inner table');

-- As they are, not as they are granted.
insert into vehicles (id, make, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'BMW', 'https://a.example/1');
create function pg_temp.rows_seen_by(p_role text, p_claims jsonb) returns table (relname text, seen text) language plpgsql as $$
begin
  for relname in select r.relname from relations r order by 1 loop
    begin
      perform set_config('request.jwt.claims', p_claims::text, true);
      execute format('set local role %I', p_role);
      execute format('select count(*) from public.%I', relname) into seen;
    exception when insufficient_privilege then
      seen := 'refused';
    end;
    reset role;
    return next;
  end loop;
end
$$;
select is_empty($$select * from pg_temp.rows_seen_by('anon', '{"role": "anon"}') where seen <> 'refused'$$, 'anon is refused everywhere');
select is_empty($$select * from pg_temp.rows_seen_by('authenticated', '{"role": "authenticated", "user_metadata": {"role": "operator"}}') where seen <> '0'$$, 'a signed-in user sees nothing, whatever he says of himself');
select is_empty($$select * from pg_temp.rows_seen_by('authenticated', '{"role": "authenticated", "app_metadata": {"role": "operator"}}') where seen = 'refused'$$, 'an operator may read every table and view');
select is((select seen from pg_temp.rows_seen_by('authenticated', '{"role": "authenticated", "app_metadata": {"role": "operator"}}') where relname = 'vehicles_needing_micro_scrape'), '1', 'and sees what is there');
create function pg_temp.tries(p_role text, p_query text) returns text language plpgsql as $$
declare
  v_answer text;
begin
  execute format('set local role %I', p_role);
  begin
    execute p_query into v_answer;
    v_answer := coalesce(v_answer, 'done');
  exception when insufficient_privilege then
    v_answer := 'refused';
  end;
  reset role;
  return v_answer;
end
$$;
select is(pg_temp.tries('anon', $$select canonical_listing_url('https://a.example')$$), 'refused', 'anon may not even spell a URL');
select is(pg_temp.tries('anon', $$select apply_extractions('[]')$$), 'refused', 'nor write');
select is(pg_temp.tries('authenticated', $$select claim_micro_scrape()$$), 'refused', 'a signed-in user may not claim');
select is(pg_temp.tries('authenticated', $$update vehicles set make = 'Audi'$$), 'refused', 'nor update');
select is(pg_temp.tries('authenticated', $$select private.secret('service_role_key')$$), 'refused', 'nor read a secret');
select is(pg_temp.tries('authenticated', $$select private.invoke_worker('micro-scrape-bandaid')$$), 'refused', 'nor invoke a worker');
select is(pg_temp.tries('service_role', $$select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s",
  "facts": {"model": {"value": "M3", "confidence": 0.9, "evidence": "e"}}, "images": ["https://i.example/1.jpg"], "auction": {"outcome": "sold", "sale_price": 1}}]') -> 0 ->> 'status'$$), 'applied', 'the service writes, through all triggers');
select is(pg_temp.tries('service_role', 'select model from vehicles'), 'M3', 'and reads');
select is(pg_temp.tries('service_role', $$insert into backfill_queue (vehicle_id, reason) select id, 'r' from vehicles returning 'queued'$$), 'queued', 'and enqueues');
select is(pg_temp.tries('service_role', $$select count(*) from jsonb_array_elements(claim_queue('backfill_queue', 5))$$), '1', 'and claims');
select is(pg_temp.tries('service_role', $$select count(*) from jsonb_array_elements(claim_micro_scrape(5, array(select id from vehicles)))$$), '1', 'also vehicles');
select is(pg_temp.tries('service_role', $$select rescore_vehicles() ->> 'rescored'$$), '1', 'and rescores');
select is(pg_temp.tries('service_role', $$delete from vehicles returning 'deleted'$$), 'deleted', 'and deletes');
select is(pg_temp.tries('service_role', $$select private.secret('service_role_key')$$), 'refused', 'but reads no secret');

select * from finish();
rollback;
