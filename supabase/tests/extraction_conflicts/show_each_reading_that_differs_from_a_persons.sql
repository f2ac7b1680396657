begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url, year, make, model)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3');

create function pg_temp.read(p_facts jsonb, p_version text default 'v1.0.0', p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok',
    'source_url', 'https://' || p_host || '/1', 'method', 'a_scraper', 'scraper_version', p_version, 'facts', p_facts))) -> 0
$$;
create function pg_temp.held(p_field text) returns text language sql as $$
  select to_jsonb(v) ->> p_field from vehicles v where id = '00000000-0000-4000-8000-000000000001'
$$;
update vehicles set vin = 'WBSAK0304LAE33333';
select pg_temp.read(jsonb_build_object('vin', jsonb_build_object('value', 'WBSAK0304LAE3300' || n, 'confidence', 1)), 'v' || n || '.0.0') from generate_series(0, 9) n;

select is(pg_temp.held('vin'), 'WBSAK0304LAE33333', 'a value set by hand survives ten readings that differ');
select is((select count(*) from extraction_conflicts where field_name = 'vin'), 10::bigint, 'each of ten readings that differ from a person''s value is a conflict');
select is((select count(*) from get_extraction_history('00000000-0000-4000-8000-000000000001') where field_name = 'vin'), 11::bigint, 'the history shows a person''s value and the ten readings that differ');

select * from finish();
rollback;
