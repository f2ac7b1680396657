begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

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

select pg_temp.read('{"mileage": {"value": 1000, "confidence": 0.9}}');
select pg_temp.operator('a');
create function pg_temp.seen() returns text language sql as $$
  select f ->> 'seen' from jsonb_array_elements(dashboard_vehicle('00000000-0000-4000-8000-000000000001') -> 'fields') f where f ->> 'field' = 'mileage'
$$;
create temp table before as select pg_temp.seen() as token;
create function pg_temp.set_to(p_value text, p_seen text default null) returns text language sql as $$
  select operator_set_field('00000000-0000-4000-8000-000000000001', 'mileage', p_value, p_seen) ->> 'outcome'
$$;
select is(pg_temp.set_to('5000', (select token from before)), 'done', 'a field is set');
select is(pg_temp.held('mileage'), '5000', 'it is held');
select is(pg_temp.set_to('6000', (select token from before)), 'changed', 'not over what was not seen');
select is(pg_temp.set_to('5000'), 'nothing_to_do', 'not twice');
select is(pg_temp.set_to('-1'), 'refused', 'not to what cannot be');
select is(operator_set_field('00000000-0000-4000-8000-000000000001', 'nope', '1') ->> 'outcome', 'refused', 'not a field that there is none of');
select is(operator_release_field('00000000-0000-4000-8000-000000000001', 'mileage', (select token from before)) ->> 'outcome', 'changed', 'it is not given back by who did not see it');
select is(operator_release_field('00000000-0000-4000-8000-000000000001', 'mileage') -> 'after' ->> 'held', '1000', 'given back it is what the page says');

select * from finish();
rollback;
