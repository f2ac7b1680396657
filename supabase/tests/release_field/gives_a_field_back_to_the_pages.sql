begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

insert into vehicles (id, discovery_url, color, make) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 'Blue', 'BMW');
create function pg_temp.read(p_facts jsonb) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://a.example/1',
    'method', 'a_scraper', 'scraper_version', 'v1.0.0', 'page_at', clock_timestamp(), 'facts', p_facts))) -> 0
$$;
create function pg_temp.release(p_field text) returns jsonb language sql as $$ select release_field('00000000-0000-4000-8000-000000000001', p_field) $$;
create function pg_temp.v() returns vehicles language sql as $$ select v from vehicles v where id = '00000000-0000-4000-8000-000000000001' $$;

select pg_temp.read('{"color": {"value": "Red", "confidence": 0.9}}');
update micro_scrape_state set state = 'exhausted';
select is(pg_temp.release('color'), '{"released": true, "old": "Blue", "new": "Red"}', 'a field that is released takes what a page said of it');
select is((pg_temp.v()).field_state -> 'color' ->> 'method', 'a_scraper', 'a field that is released has the state of its page');
select is((select string_agg(field_value || ' ' || validation_status, ', ' order by field_value) from extraction_metadata where field_name = 'color'), 'Blue superseded, Red accepted', 'a field that is released has the page''s value in its history');
select is((select state from micro_scrape_state), 'due', 'a vehicle of which a field is released is looked at again');
select is(pg_temp.read('{"color": {"value": "Green", "confidence": 0.9}}') -> 'corrected', '["color"]', 'a field that is released follows its page');
select is(pg_temp.release('color') ->> 'released', 'false', 'a field that no person set is not released');

select is(pg_temp.release('make'), '{"released": true, "old": "BMW", "new": "BMW"}', 'a field of which no page said anything keeps its value');
select is(pg_temp.read('{"make": {"value": "Alpina", "confidence": 0.9}}') -> 'corrected', '["make"]', 'a field of which no page said anything follows the first that does');

update vehicles set color = null;
select is(pg_temp.read('{"color": {"value": "Green", "confidence": 0.9}}') -> 'conflicts', '["color"]', 'a value that a person took away does not come back by itself');
select is(pg_temp.release('color') ->> 'new', 'Green', 'a value that a person took away comes back when its field is released');
select ok(not (pg_temp.v()).field_state -> 'color' ? 'rejected', 'a field that is released forgets what was rejected');

select throws_ok($$select pg_temp.release('colour')$$, '22023', null, 'a field that vehicles do not have is refused');
select throws_ok($$select release_field(gen_random_uuid(), 'color')$$, 'P0002', null, 'a vehicle that there is not is refused');

select * from finish();
rollback;
