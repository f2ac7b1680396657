begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

create function pg_temp.operator(p_name text) returns void language sql as $$
  insert into auth.users (id, email, raw_app_meta_data)
  values (('00000000-0000-4000-8000-00000000000' || p_name)::uuid, p_name || '@example.com', '{"role": "operator"}') on conflict do nothing;
  select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', '00000000-0000-4000-8000-00000000000' || p_name,
    'email', p_name || '@example.com', 'app_metadata', '{"role": "operator"}'::jsonb)::text, true)
$$;

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, lifecycle, found_by, next_look_at)
values ('cars_example', 'Cars', 'dealer', '{cars.example}', 'general', 'v1.0.0', 'candidate', 'known_list', 'infinity');
insert into source_probes (source_id, status, reason, completed_at) select id, 'passed', 'four of five pages were read', now() from scrape_sources where slug = 'cars_example';
insert into listing_feeds (source, url) values ('cars_example', 'https://cars.example/list');
select pg_temp.operator('a');

create temp table row as select r from jsonb_array_elements(dashboard_sources() -> 'rows') r where r ->> 'title' = 'cars.example';
select is((select r ->> 'word' from row), 'to approve', 'it stands in the panel');
select is((select r #>> '{actions,0,rpc}' from row), 'operator_approve_source', 'with its button');
select is(operator_approve_source('cars.example') -> 'after', '{"lifecycle": "probation"}', 'it is approved');
select is((select decided_by || ' ' || reason from source_lifecycle_events where to_lifecycle = 'probation'), 'operator approved by an operator', 'the event says who decided');
select is(operator_approve_source('cars.example') ->> 'outcome', 'nothing_to_do', 'not twice');
select is(operator_reject_source('cars.example', ' ') ->> 'outcome', 'refused', 'it is not rejected without a reason');
-- Two operators.
select pg_temp.operator('b');
select is(operator_reject_source('cars.example', 'not our kind of cars', 'probation') ->> 'outcome', 'done', 'another operator rejects it');
select pg_temp.operator('a');
select results_eq($$select r ->> 'outcome', r ->> 'by' from operator_approve_source('cars.example', 'candidate') r$$, $$values ('changed', 'b@example.com')$$,
  'who saw it before that does not take it in again, and is told by whom');
select is((select lifecycle from scrape_sources where slug = 'cars_example'), 'rejected', 'it stays rejected');
select is(operator_switch_source('cars.example', false, 'probation') ->> 'outcome', 'changed', 'nor does who saw it before that switch it');
select is(operator_switch_source('cars.example', false, 'rejected') ->> 'outcome', 'done', 'it is switched off');
select is((select is_active from scrape_sources where slug = 'cars_example'), false, 'and is off');

select * from finish();
rollback;
