begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

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

select pg_temp.read('{"engine": {"value": "S14", "confidence": 0.4}, "mileage": {"value": 1000, "confidence": 0.9}, "color": {"value": "Red", "confidence": 0.3}}');
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9}}', 'b.example');
select pg_temp.operator('a');
create temp table one as select dashboard_review(2) as d;
select is((select jsonb_path_query_array(d, '$.rows[*].field') from one), '["mileage", "color"]', 'conflicts first, then the least sure');
select is((select jsonb_path_query_array(dashboard_review(2, d ->> 'after'), '$.rows[*].field') from one), '["engine"]', 'the next page goes on');
select is((select dashboard_review(2, d ->> 'after') -> 'after' from one), 'null', 'and says that it is the last');
select is(dashboard_review(10, null, 'unsure') #>> '{rows,0,seen}' <> '', true, 'each row says what was seen');
select throws_ok($$select dashboard_review(2, 'x')$$, '22023', null, 'a place that it did not give is refused');

select * from finish();
rollback;
