begin;
create extension if not exists pgtap with schema extensions;
select plan(27);

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
select is(pg_temp.state('color') ->> 'method', 'manual', 'a fact changed outside apply_extractions() was set by a person');
select is(pg_temp.state('color') ->> 'confidence', '1', 'who is sure of it');
select is(pg_temp.state('make') ->> 'method', 'a_scraper', 'what was not touched is as it was');
select is(pg_temp.read('{"color": {"value": "Red", "confidence": 1}}') -> 'conflicts', '["color"]', 'a page that differs is a conflict');
select is((select color from vehicles), 'Blue', 'and the person''s value stays');
select is(pg_temp.state('color') -> 'conflict' ->> 'value', 'Red', 'with the other one beside it');
select results_eq(
  $$select held_value, held_method, other_value, other_method from extraction_conflicts where field_name = 'color'$$,
  $$values ('Blue', 'manual', 'Red', 'a_scraper')$$, 'both are shown for review');
select is(pg_temp.read('{}', '{"color": {"confidence": 1, "evidence": "gone"}}') -> 'conflicts', '["color"]', 'a retraction does not move it either');
select is((select color from vehicles), 'Blue', 'it still stays');
select is(pg_temp.read('{"color": {"value": "blue", "confidence": 0.2}}') -> 'conflicts', '[]', 'a page that says the same is no conflict');
select is(pg_temp.state('color') ->> 'method', 'manual', 'and leaves the word the person''s');
select is((select count(*) from extraction_conflicts where field_name = 'color'), 0::bigint, 'and what it said before is no conflict any more');

-- A value taken away by hand.
update vehicles set sale_price = null;
select is(pg_temp.state('sale_price') ->> 'why', 'removed_by_hand', 'a value taken away by hand is remembered');
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 1}}') -> 'fields_updated', '[]', 'no scraper brings it back');
select is(pg_temp.read('{"sale_price": {"value": "28000.0", "confidence": 1}}') -> 'conflicts', '["sale_price"]', 'in no spelling: it is shown as a conflict');
select is((select sale_price from vehicles), null, 'the field stays empty');
select isnt((select validation_status from extraction_metadata where field_name = 'sale_price' and field_value = '28000'), 'accepted',
  'provenance says that it does not stand');
select is(pg_temp.read('{"sale_price": {"value": 29000, "confidence": 0.6}}') -> 'fields_updated', '["sale_price"]', 'another value may fill it');
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 1}}') -> 'conflicts', '["sale_price"]', 'and the rejected one still may not');
select is((select sale_price from vehicles), 29000.00, 'also when it is surer');
update vehicles set sale_price = null;
select is(
  (select array_agg(r order by r) from jsonb_array_elements_text(pg_temp.state('sale_price') -> 'rejected') r),
  array['28000.00', '29000.00'], 'what was taken away adds up');
update vehicles set sale_price = 28000;
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 0.5}}') -> 'conflicts', '[]', 'the person may put it back');
update vehicles set sale_price = null;
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 1}}') -> 'conflicts', '["sale_price"]', 'and take it away again');

-- Provenance of a person's word.
select results_eq(
  $$select field_value, previous_value, extraction_method, confidence_score, validation_status
    from get_extraction_history('00000000-0000-4000-8000-000000000001')
    where field_name = 'color' and extraction_method = 'manual'$$,
  $$values ('Blue', 'Red', 'manual', 1.000, 'accepted')$$, 'the change stands in the history, with what was before');
update vehicles set color = 'Blue';
select is((select count(*) from extraction_metadata where field_name = 'color' and extraction_method = 'manual'), 1::bigint,
  'setting the same value again is no change');
update vehicles set description = 'Seen and driven by me.';
select is((select description_source from vehicles), 'manual', 'a description written by hand says so');
update vehicles set description = null;
select is((select description_source from vehicles), null, 'and none has no source');

select * from finish();
rollback;
