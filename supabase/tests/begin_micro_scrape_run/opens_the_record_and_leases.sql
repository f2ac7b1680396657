begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into vehicles (id, discovery_url)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://cars.test/' || n from generate_series(1, 3) n;
update fill_policy set galleries = 'cover';
create temp table begun as select begin_micro_scrape_run('cron', 2) as run;

select results_eq(
  $$select r.id, r.triggered_by, r.status from micro_scrape_runs r$$,
  $$select (run ->> 'run_id')::uuid, 'cron', 'running' from begun$$, 'the record of the run is open, and its id is given');
select is((select jsonb_array_length(run -> 'work') from begun), 2, 'as many vehicles are given as were asked for');
select is(
  (select array_agg(vehicle_id order by vehicle_id) from micro_scrape_state where lease_token is not null),
  (select array_agg((w ->> 'vehicle_id')::uuid order by (w ->> 'vehicle_id')::uuid) from begun, jsonb_array_elements(run -> 'work') w),
  'and those are leased, by the tokens of the run');
select is((select run ->> 'pictures' from begun), 'cover', 'it says which pictures an operator wants');
select is(
  begin_micro_scrape_run('manual', 20, (
    select array_agg(vehicle_id) from micro_scrape_state)) #>> '{work,0,vehicle_id}',
  (select vehicle_id::text from micro_scrape_state where not vehicle_id = any (
    select (w ->> 'vehicle_id')::uuid from begun, jsonb_array_elements(run -> 'work') w)),
  'of those that are named it takes the ones that no run holds');

select ok(
  has_function_privilege('service_role', f, 'execute') and not has_function_privilege('anon', f, 'execute'),
  'only the service begins a run')
from (values ('public.begin_micro_scrape_run(text, integer, uuid[])')) as t(f);
select throws_ok($$select begin_micro_scrape_run('no claim', -1)$$, '2201W', null, 'where no claim can be made the call fails');
select is((select count(*) from micro_scrape_runs where triggered_by = 'no claim'), 0::bigint, 'and leaves no record open');

select * from finish();
rollback;
