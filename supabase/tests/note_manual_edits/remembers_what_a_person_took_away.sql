begin;
create extension if not exists pgtap with schema extensions;
select plan(11);

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
update vehicles set sale_price = null;

select is(pg_temp.state('sale_price') ->> 'why', 'removed_by_hand', 'a value taken away by hand leaves the reason removed_by_hand');
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 1}}') -> 'fields_updated', '[]', 'a value taken away by hand is not brought back by a reading');
select is(pg_temp.read('{"sale_price": {"value": "28000.0", "confidence": 1}}') -> 'conflicts', '["sale_price"]', 'a value taken away by hand is a conflict when it is read in another spelling');
select is((select sale_price from vehicles), null, 'a field emptied by hand stays empty when the value is read again');
select isnt((select validation_status from extraction_metadata where field_name = 'sale_price' and field_value = '28000'), 'accepted',
  'provenance does not show a value taken away by hand as accepted');
select is(pg_temp.read('{"sale_price": {"value": 29000, "confidence": 0.6}}') -> 'fields_updated', '["sale_price"]', 'a field emptied by hand takes another value than the one taken away');
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 1}}') -> 'conflicts', '["sale_price"]', 'a value taken away by hand does not replace a later one of less confidence');
select is((select sale_price from vehicles), 29000.00, 'the later value stays when the one taken away is read with more confidence');
update vehicles set sale_price = null;
select is(
  (select array_agg(r order by r) from jsonb_array_elements_text(pg_temp.state('sale_price') -> 'rejected') r),
  array['28000.00', '29000.00'], 'values taken away by hand add up in field_state');
update vehicles set sale_price = 28000;
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 0.5}}') -> 'conflicts', '[]', 'a value that the person put back is no conflict when it is read');
update vehicles set sale_price = null;
select is(pg_temp.read('{"sale_price": {"value": 28000, "confidence": 1}}') -> 'conflicts', '["sale_price"]', 'a value that the person took away a second time is a conflict when it is read');

select * from finish();
rollback;
