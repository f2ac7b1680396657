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

select pg_temp.read('{"mileage": {"value": 1000, "confidence": 0.9, "evidence": "1,000 miles"}}');
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9, "evidence": "2k"}}', 'b.example');
select pg_temp.operator('a');
create temp table v as select dashboard_vehicle('00000000-0000-4000-8000-000000000001') as d;
create temp table f as select f from v, jsonb_array_elements(d -> 'fields') f where f ->> 'field' = 'mileage';
select is((select d #>> '{vehicle,title}' from v), '1990 BMW M3', 'its title');
select results_eq($$select f ->> 'value', f ->> 'source', f ->> 'evidence' from f$$, $$values ('1000', 'a.example', '1,000 miles')$$, 'what is held, who said so, and in which words');
select results_eq($$select f #>> '{in_conflict,0,value}', f #>> '{in_conflict,0,evidence}' from f$$, $$values ('2000', '2k')$$, 'what disagrees');
select is((select d #> '{score,missing}' from v), (select to_jsonb(missing_fields) from vehicle_quality_scores), 'what is missing');
select is((select d #>> '{micro_scrape,state}' from v), 'due', 'where its work stands');
select is((select jsonb_array_length(d -> 'history') from v), 5, 'its history');
select operator_set_field('00000000-0000-4000-8000-000000000001', 'mileage', '1500', null, 'seen in the photographs');
select is((select f -> 'set_by' ->> 'operator' || ': ' || (f -> 'set_by' ->> 'note') from jsonb_array_elements(dashboard_vehicle('00000000-0000-4000-8000-000000000001') -> 'fields') f where f ->> 'field' = 'mileage'),
  'a@example.com: seen in the photographs', 'which person set a value, and why');
select is(dashboard_vehicle('00000000-0000-4000-8000-000000000001') #>> '{actions,0,said}', 'mileage is "1500" now', 'what operators did to it');
select is(dashboard_vehicle('00000000-0000-4000-8000-000000000009') -> 'vehicle', 'null', 'where there is none it says so');

select * from finish();
rollback;
