begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.operator(p_name text) returns void language sql as $$
  insert into auth.users (id, email, raw_app_meta_data)
  values (('00000000-0000-4000-8000-00000000000' || p_name)::uuid, p_name || '@example.com', '{"role": "operator"}') on conflict do nothing;
  select set_config('request.jwt.claims', jsonb_build_object('role', 'authenticated', 'sub', '00000000-0000-4000-8000-00000000000' || p_name,
    'email', p_name || '@example.com', 'app_metadata', '{"role": "operator"}'::jsonb)::text, true)
$$;

insert into vehicles (id, discovery_url, year, make, model, vin) values
  ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'Alfa Romeo', 'Spider', 'ZAR11500003000001'),
  ('00000000-0000-4000-8000-000000000002', 'https://a.example/2', 1991, 'BMW', 'M3', 'WBSAK0505LAE33001');
select pg_temp.operator('a');
create function pg_temp.found(p_text text) returns text language sql as $$
  select dashboard_find(p_text) ->> 'by' || ' ' || coalesce((select string_agg(right(r ->> 'vehicle_id', 1), ',') from jsonb_array_elements(dashboard_find(p_text) -> 'rows') r), '-')
$$;
select is(pg_temp.found('wbsak0505lae33001'), 'vin 2', 'by its VIN');
select is(pg_temp.found('ZAR115'), 'vin 1', 'by the beginning of its VIN');
select is(pg_temp.found('00000000-0000-4000-8000-000000000002'), 'id 2', 'by its id');
select is(pg_temp.found('http://www.a.example/2/?utm_source=x#y'), 'url 2', 'by an address of its listing');
select is(pg_temp.found('1990 alfa romeo'), 'words 1', 'by words');
select is(pg_temp.found('1990 bmw'), 'words -', 'all words count');
update vehicles set trim = 'm3' where make = 'BMW';
select is(dashboard_find('1991 bmw') #>> '{rows,0,title}', '1991 BMW M3', 'a trim with which the model ends is said once');
select is(dashboard_find('  ') -> 'rows', '[]', 'nothing is found by nothing');

select * from finish();
rollback;
