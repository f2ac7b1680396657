begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.read(p_facts jsonb, p_retractions jsonb default '{}') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://a.example/1',
    'method', 'a_scraper', 'scraper_version', 'v1.0.0', 'page_at', clock_timestamp(),
    'facts', p_facts, 'retractions', p_retractions))) -> 0
$$;
select pg_temp.read('{"color": {"value": "Red", "confidence": 0.9}, "sale_price": {"value": 28000, "confidence": 0.9}, "make": {"value": "BMW", "confidence": 0.9}}');
update vehicles set color = 'Blue', updated_at = now();

select results_eq(
  $$select field_value, previous_value, extraction_method, confidence_score, validation_status
    from get_extraction_history('00000000-0000-4000-8000-000000000001')
    where field_name = 'color' and extraction_method = 'manual'$$,
  $$values ('Blue', 'Red', 'manual', 1.000, 'accepted')$$, 'a change by hand stands in the history with the value before it');
update vehicles set color = 'Blue';
select is((select count(*) from extraction_metadata where field_name = 'color' and extraction_method = 'manual'), 1::bigint,
  'setting by hand the value that is held leaves no second row in the history');

select * from finish();
rollback;
