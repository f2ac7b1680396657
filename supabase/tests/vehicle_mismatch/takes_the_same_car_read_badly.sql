begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
insert into vehicles (id, discovery_url, year, make, model, vin, origin_metadata)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', '{"note": 1}');
create function pg_temp.read(p_vin text, p_year integer, p_make text, p_request jsonb default 'null') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://a.example/1', 'method', 's', 'extraction_hash', 'h' || p_vin,
    'request', p_request, 'images', '["https://i.example/other.jpg"]'::jsonb, 'absent', '["color"]'::jsonb,
    'retractions', '{"model": {"confidence": 1, "evidence": "e"}}'::jsonb, 'auction', '{"outcome": "sold", "sale_price": 5}'::jsonb,
    'facts', jsonb_build_object(
      'vin', jsonb_build_object('value', p_vin, 'confidence', 0.99, 'evidence', 'VIN'),
      'year', jsonb_build_object('value', p_year, 'confidence', 0.99, 'evidence', 'title'),
      'make', jsonb_build_object('value', p_make, 'confidence', 0.99, 'evidence', 'title'),
      'mileage', jsonb_build_object('value', 1, 'confidence', 0.99, 'evidence', 'e'))))) -> 0
$$;

select set_config('vehicles.writer', '', true);
select is(pg_temp.read('WBSBA91070AE84215', 1990, 'bmw') -> 'changes' -> 'vin' ->> 'old', 'WBSBA91070AE84214', 'another VIN on the same make and year is a reading like others');
select is((select mileage from vehicles), 1, 'a reading with another VIN on the same car writes its other facts');
update vehicles set vin = '1234567', year = 1959;
select is(pg_temp.read('WP0ZZZ99ZTS392124', 1996, 'Porsche') ->> 'outcome', 'ok', 'a reading with another VIN is applied to a vehicle that has a chassis number');

select * from finish();
rollback;
