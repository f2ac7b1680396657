begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

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

select pg_temp.read('{"engine": {"value": "S14", "confidence": 0.4}, "mileage": {"value": 1000, "confidence": 0.4}, "color": {"value": "Red", "confidence": 0.4}, "transmission": {"value": "Manual", "confidence": 0.4}}');
select pg_temp.operator('a');
create function pg_temp.decide(p_field text, p_decision text, p_value text default null) returns text language sql as $$
  select operator_review((r ->> 'id')::bigint, p_decision, r ->> 'seen', p_value) ->> 'outcome'
  from jsonb_array_elements(dashboard_review(100, null, 'unsure') -> 'rows') r where r ->> 'field' = p_field
$$;
select is(pg_temp.decide('engine', 'accept'), 'done', 'accepted');
select is(pg_temp.held('engine'), 'S14', 'it is held');
select is(pg_temp.decide('color', 'reject'), 'done', 'rejected');
select is(pg_temp.held('color'), null, 'it is held no more');
select is(pg_temp.decide('mileage', 'correct'), 'refused', 'a correction without a value is refused');
select is(pg_temp.decide('mileage', 'correct', 'many'), 'refused', 'as is one that cannot be');
select is(pg_temp.decide('mileage', 'correct', '12000'), 'done', 'corrected');
select is(pg_temp.held('mileage'), '12000', 'it is what the operator says');
select is((select validation_status || ' ' || reviewed_by from extraction_metadata where field_name = 'mileage' and field_value = '1000'), 'rejected a@example.com', 'and the reading counts as wrong');
select is((select count(*) from jsonb_array_elements(dashboard_review() -> 'rows')), 1::bigint, 'one is left to review');

select * from finish();
rollback;
