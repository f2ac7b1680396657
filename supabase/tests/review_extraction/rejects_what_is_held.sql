begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (id, discovery_url, year, make, model)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3');

create function pg_temp.read(p_facts jsonb, p_version text default 'v1.0.0', p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok',
    'source_url', 'https://' || p_host || '/1', 'method', 'a_scraper', 'scraper_version', p_version, 'facts', p_facts))) -> 0
$$;
create function pg_temp.id(p_field text, p_value text) returns bigint language sql as $$
  select id from extraction_metadata where field_name = p_field and field_value = p_value and extraction_method = 'a_scraper' order by id desc limit 1
$$;
create function pg_temp.held(p_field text) returns text language sql as $$
  select to_jsonb(v) ->> p_field from vehicles v where id = '00000000-0000-4000-8000-000000000001'
$$;
select pg_temp.read('{"seller_name": {"value": "lesly", "confidence": 0.3, "evidence": "a single name"}, "engine": {"value": "S14", "confidence": 0.4}, "mileage": {"value": 1000, "confidence": 0.9}}');
select review_extraction(pg_temp.id('seller_name', 'lesly'), 'reject', 'that is the dog');

select is(pg_temp.held('seller_name'), null, 'rejecting a held value empties the field');
select is((select validation_status from extraction_metadata where id = pg_temp.id('seller_name', 'lesly')), 'rejected', 'a rejected reading has the status rejected in the history');
select pg_temp.read('{"seller_name": {"value": "Lesly", "confidence": 1}}', 'v2.0.0', 'b.example');
select is(pg_temp.held('seller_name'), null, 'a rejected value does not come back in another spelling from another source');
select pg_temp.read('{"seller_name": {"value": "Leslie Jones", "confidence": 0.9}}', 'v2.0.0');
select is(pg_temp.held('seller_name'), 'Leslie Jones', 'a field whose value was rejected takes another value');

select * from finish();
rollback;
