begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

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
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9}}', 'v1.0.0', 'b.example');
select review_extraction(pg_temp.id('mileage', '2000'), 'reject');

select is(pg_temp.held('mileage'), '1000', 'rejecting the reading in conflict keeps the held value');
select is((select count(*) from extraction_conflicts where field_name = 'mileage'), 0::bigint, 'a reading in conflict that was rejected is not shown any more');
select ok(not (select field_state -> 'mileage' ? 'conflict' from vehicles), 'a reading in conflict that was rejected does not stand beside the value any more');
select is((select field_state -> 'mileage' ->> 'method' from vehicles), 'a_scraper', 'a value whose conflict was rejected keeps the method of its reading');
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9}}', 'v1.0.0', 'b.example');
select is((select count(*) from extraction_conflicts where field_name = 'mileage'), 0::bigint, 'the reading that was rejected is no conflict when it comes again');
select is(pg_temp.held('mileage'), '1000', 'the reading that was rejected does not replace the held value when it comes again');
select pg_temp.read('{"mileage": {"value": 3000, "confidence": 0.9}}', 'v1.0.0', 'b.example');
select review_extraction(pg_temp.id('mileage', '3000'), 'accept', 'the title says so');
select is(pg_temp.held('mileage'), '3000', 'accepting the reading in conflict replaces the held value');
select results_eq($$select field_value, previous_value from extraction_metadata where field_name = 'mileage' and validation_status = 'accepted'$$,
  $$values ('3000', '1000')$$, 'a value that was accepted from a conflict stands in the history with the one before it');
select pg_temp.read('{"mileage": {"value": 1000, "confidence": 0.99}}', 'v9.0.0');
select is(pg_temp.held('mileage'), '3000', 'a value that was accepted from a conflict is not replaced by a surer reading');

select * from finish();
rollback;
