begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.read(p_facts jsonb, p_retractions jsonb default '{}') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://a.example/1',
    'method', 'a_scraper', 'scraper_version', 'v1.0.0', 'page_at', clock_timestamp(),
    'facts', p_facts, 'retractions', p_retractions))) -> 0
$$;
create function pg_temp.state(p_field text) returns jsonb language sql as $$
  select field_state -> p_field from vehicles where id = '00000000-0000-4000-8000-000000000001'
$$;

select pg_temp.read('{"color": {"value": "Red", "confidence": 0.9}, "sale_price": {"value": 28000, "confidence": 0.9}, "make": {"value": "BMW", "confidence": 0.9}}');

-- A value set by hand.
update vehicles set color = 'Blue', updated_at = now();

select is(pg_temp.state('color') ->> 'method', 'manual', 'a fact changed outside apply_extractions() has the method manual');
select is(pg_temp.state('color') ->> 'confidence', '1', 'a fact changed by hand has a confidence of 1');
select is(pg_temp.state('make') ->> 'method', 'a_scraper', 'a fact that was not changed by hand keeps the method of its reading');
select is(pg_temp.read('{"color": {"value": "Red", "confidence": 1}}') -> 'conflicts', '["color"]', 'a page that differs from a person''s value is a conflict');
select is((select color from vehicles), 'Blue', 'a person''s value stays when a page differs');
select is(pg_temp.state('color') -> 'conflict' ->> 'value', 'Red', 'the value of a page that differs stands beside the person''s');
select results_eq(
  $$select held_value, held_method, other_value, other_method from extraction_conflicts where field_name = 'color'$$,
  $$values ('Blue', 'manual', 'Red', 'a_scraper')$$, 'extraction_conflicts shows a person''s value and the page''s');
select is(pg_temp.read('{}', '{"color": {"confidence": 1, "evidence": "gone"}}') -> 'conflicts', '["color"]', 'a retraction of a person''s value is a conflict');
select is((select color from vehicles), 'Blue', 'a person''s value stays when a page takes it back');
select is(pg_temp.read('{"color": {"value": "blue", "confidence": 0.2}}') -> 'conflicts', '[]', 'a page that says what the person said is no conflict');
select is(pg_temp.state('color') ->> 'method', 'manual', 'a page that says what the person said leaves the method manual');
select is((select count(*) from extraction_conflicts where field_name = 'color'), 0::bigint, 'a source that now agrees with the person is no conflict any more');

select * from finish();
rollback;
