begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
insert into vehicles (id, discovery_url, year, make, model, vin, origin_metadata)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', '{"note": 1}');
create temp table lease as select c ->> 'lease_token' as token from jsonb_array_elements(claim_micro_scrape(1)) c;
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

create temp table before as select to_jsonb(v) - 'field_state' - 'updated_at' as v from vehicles v;
create temp table r as select pg_temp.read('WP0ZZZ99ZTS392124', 1996, 'Porsche',
  (select jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', token) from lease)) as r;

select set_config('vehicles.writer', '', true);
select is((select r ->> 'outcome' from r), 'invalid', 'a reading with another VIN and another make is refused');
select matches((select r ->> 'error' from r), 'WBSBA91070AE84214.*1996 Porsche.*WP0ZZZ99ZTS392124', 'the error of a refused reading names both cars');
select is((select to_jsonb(v) - 'field_state' - 'updated_at' from vehicles v), (select v from before), 'a refused reading leaves the vehicle as it was');
select is((select count(*) from auction_events) + (select count(*) from image_downloads), 0::bigint, 'a refused reading writes no auction and no image');
select results_eq('select field_name, field_value, validation_status, confidence_score from extraction_metadata', $$values ('vin', 'WP0ZZZ99ZTS392124', 'conflict', 0.000)$$, 'the VIN of a refused reading is a conflict on record');
select is((select count(*) from extraction_conflicts), 1::bigint, 'the VIN of a refused reading is shown in extraction_conflicts');
select results_eq('select state, last_outcome, lease_token from micro_scrape_state', $$values ('failed', 'invalid', null::uuid)$$, 'the vehicle of a refused reading is failed, with its lease given back');
select matches((select why from vehicles_not_improving), 'another vehicle stands at this URL', 'vehicles_not_improving says that another vehicle stands at the URL');

update micro_scrape_state set state = 'exhausted', extraction_hash = 'h0';
select is(pg_temp.read('WP0ZZZ99ZTS392124', 1996, 'Porsche') ->> 'outcome', 'invalid', 'a reading of another car that nothing asked for is refused');
select is((select state from micro_scrape_state), 'exhausted', 'a refused reading reopens no resting vehicle');

select * from finish();
rollback;
