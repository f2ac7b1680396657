begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into vehicles (id, discovery_url, year, make, model)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3');

create function pg_temp.read(p_facts jsonb, p_version text default 'v1.0.0', p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok',
    'source_url', 'https://' || p_host || '/1', 'method', 'a_scraper', 'scraper_version', p_version, 'facts', p_facts))) -> 0
$$;
select pg_temp.read('{"seller_name": {"value": "lesly", "confidence": 0.3, "evidence": "a single name"}, "engine": {"value": "S14", "confidence": 0.4}, "mileage": {"value": 1000, "confidence": 0.9}}');

select results_eq('select field_name, why from low_confidence_extractions',
  $$values ('seller_name', 'too unsure to count in the score: read from a single name'), ('engine', 'too unsure to count in the score, and nothing says where it stood')$$,
  'low_confidence_extractions shows the readings that are too unsure, and why');

select * from finish();
rollback;
