begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create function pg_temp.operator(p_name text) returns void language sql as $$
  insert into auth.users (id, email, raw_app_meta_data)
  values (('00000000-0000-4000-8000-00000000000' || p_name)::uuid, p_name || '@example.com', '{"role": "operator"}') on conflict do nothing;
  select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', '00000000-0000-4000-8000-00000000000' || p_name,
    'email', p_name || '@example.com', 'app_metadata', '{"role": "operator"}'::jsonb)::text, true)
$$;

insert into vehicles (id, discovery_url, year, make, model) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3');
create function pg_temp.read(p_facts jsonb, p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok',
    'source_url', 'https://' || p_host || '/1', 'method', 'a_scraper', 'scraper_version', 'v1.0.0', 'facts', p_facts))) -> 0
$$;
create function pg_temp.held(p_field text) returns text language sql as $$
  select to_jsonb(v) ->> p_field from vehicles v where id = '00000000-0000-4000-8000-000000000001'
$$;

select pg_temp.read('{"mileage": {"value": 1000, "confidence": 0.9, "evidence": "1,000 miles"}, "engine": {"value": "S14", "confidence": 0.4}}');
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9}}', 'b.example');
select pg_temp.operator('a');
create temp table seen as
select (r ->> 'id')::bigint as id, r ->> 'field' as field, r ->> 'kind' as kind, r ->> 'seen' as token from jsonb_array_elements(dashboard_review() -> 'rows') r;

create temp table first as select operator_review(id, 'accept', token) as said from seen where field = 'mileage';
select is((select said ->> 'outcome' from first), 'done', 'the first operator decides');
select is(pg_temp.held('mileage'), '2000', 'and it is so');

select pg_temp.operator('b');
create temp table second as select operator_review(id, 'reject', token) as said from seen where field = 'mileage';
select is((select said ->> 'outcome' from second), 'already_done', 'the second is told that it was decided');
select is((select said ->> 'by' from second), 'a@example.com', 'by whom');
select matches((select said ->> 'said' from second), 'accept.*mileage is "2000"', 'and what');
select is(pg_temp.held('mileage'), '2000', 'and overwrites nothing');

-- The page said something else since it was looked at.
select pg_temp.read('{"engine": {"value": "S50", "confidence": 0.45}}');
update vehicles set engine = 'S54' where id = '00000000-0000-4000-8000-000000000001';
select is((select operator_review(id, 'accept', token) ->> 'outcome' from seen where field = 'engine'), 'changed', 'what is not any more what was seen is not decided');
select is(pg_temp.held('engine'), 'S54', 'nor overwritten');

select results_eq($$select action, outcome, right(operator_id::text, 1), before ->> 'held', after ->> 'held' from operator_actions where action = 'review' and outcome = 'done'$$,
  $$values ('review', 'done', 'a', '1000', '2000')$$, 'who decided what stands in operator_actions, with what was held before and after');

select * from finish();
rollback;
