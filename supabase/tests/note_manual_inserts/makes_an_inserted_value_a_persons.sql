begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

insert into vehicles (id, discovery_url, color, vin, description, mileage, field_state) values (
  '00000000-0000-4000-8000-000000000001', 'https://a.example/1', 'Blue', 'wbsba91070ae84214', 'Bought new.', 90000,
  '{"mileage": {"confidence": 0.6, "method": "my_sheet"}}');
create function pg_temp.read(p_facts jsonb) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://a.example/1',
    'method', 'a_scraper', 'scraper_version', 'v1.0.0', 'page_at', clock_timestamp(), 'facts', p_facts))) -> 0
$$;
create function pg_temp.v() returns vehicles language sql as $$ select v from vehicles v where id = '00000000-0000-4000-8000-000000000001' $$;

select is((pg_temp.v()).field_state -> 'color' ->> 'method', 'manual', 'a value that is inserted has the method manual');
select is((pg_temp.v()).field_state -> 'mileage' ->> 'method', 'my_sheet', 'a value that is inserted with its state keeps it');
select ok(not (pg_temp.v()).field_state ? 'engine', 'a field that is inserted without a value has no state');
select results_eq($$select field_name, field_value from extraction_metadata order by 1$$, $$values ('color', 'Blue'), ('description', 'Bought new.'), ('vin', 'WBSBA91070AE84214')$$, 'the history of an inserted value begins with it');
select is(pg_temp.read('{"color": {"value": "Red", "confidence": 1}, "mileage": {"value": 95000, "confidence": 0.9}, "engine": {"value": "S50", "confidence": 0.9}}') -> 'conflicts', '["color"]', 'a page that differs from an inserted value is a conflict');
select is((pg_temp.v()).color, 'Blue', 'an inserted value stays when a page differs');
select is((pg_temp.v()).mileage, 95000, 'a value that was inserted with a state of its own follows the merge table');
select is((pg_temp.v()).description_source, 'manual', 'a description that is inserted is a person''s');

select import_listings('[{"source_url": "https://a.example/2", "outcome": "ok", "method": "a_scraper", "scraper_version": "v1.0.0", "steps": ["extract_data"], "facts": {"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}}]');
select is((select field_state -> 'make' ->> 'method' from vehicles where discovery_url = 'https://a.example/2'), 'a_scraper', 'a value that an import brings is not a person''s');

insert into vehicles (discovery_url, origin_metadata) values ('https://a.example/3', '{"image_urls": []}');
select is((select field_state from vehicles where discovery_url = 'https://a.example/3'), '{}', 'an address alone is no value');

select * from finish();
rollback;
