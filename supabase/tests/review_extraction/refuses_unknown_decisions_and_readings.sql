begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url, year, make, model)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3');

create function pg_temp.read(p_facts jsonb, p_version text default 'v1.0.0', p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok',
    'source_url', 'https://' || p_host || '/1', 'method', 'a_scraper', 'scraper_version', p_version, 'facts', p_facts))) -> 0
$$;
create function pg_temp.id(p_field text, p_value text) returns bigint language sql as $$
  select id from extraction_metadata where field_name = p_field and field_value = p_value and extraction_method = 'a_scraper' order by id desc limit 1
$$;
select pg_temp.read('{"seller_name": {"value": "lesly", "confidence": 0.3, "evidence": "a single name"}, "engine": {"value": "S14", "confidence": 0.4}, "mileage": {"value": 1000, "confidence": 0.9}}');

select throws_ok($$select review_extraction(pg_temp.id('engine', 'S14'), 'maybe')$$, '22023', null, 'a decision that is neither accept nor reject is refused');
select throws_ok('select review_extraction(0, ''accept'')', 'P0002', null, 'a review of a reading that there is not is an error');

select * from finish();
rollback;
