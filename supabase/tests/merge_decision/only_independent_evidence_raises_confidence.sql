begin;
create extension if not exists pgtap with schema extensions;
select plan(16);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.read(p_site text, p_confidence numeric, p_version text default 'v1.9.0', p_page_at text default '2026-01-10') returns numeric
language plpgsql as $$
begin
  perform apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://' || p_site || '/1',
    'method', 'a_scraper', 'scraper_version', p_version, 'page_at', p_page_at,
    'facts', jsonb_build_object('mileage', jsonb_build_object('value', 52000, 'confidence', p_confidence, 'evidence', 'seen')))));
  return (select (field_state -> 'mileage' ->> 'confidence')::numeric from vehicles);
end
$$;

select is(pg_temp.read('a.example', 0.4), 0.4, 'a first reading is held with its own confidence');
select is(pg_temp.read('a.example', 0.4), 0.4, 'reading the same page again raises no confidence');
select is(pg_temp.read('a.example', 0.9), 0.4, 'reading the same page again with more confidence raises none');
select is(pg_temp.read('a.example', 0.9, 'v1.9.0', '2026-02-10'), 0.4, 'a newer page of the same source raises no confidence');
select is(pg_temp.read('a.example', 0.9, 'v1.8.0'), 0.4, 'an older scraper on the same page raises no confidence');
select is((select count(*) from extraction_metadata), 1::bigint, 'readings that agree leave one row in extraction_metadata');
select is((select last_confirmed_at from extraction_metadata), now(), 'a reading that agrees updates last_confirmed_at');
select is((select overall_score from vehicle_quality_scores), 0.0, 'a value of confidence 0.4 earns no points');
select is((select count(*) from low_confidence_extractions), 1::bigint, 'a value of confidence 0.4 is shown in low_confidence_extractions');

select is(pg_temp.read('b.example', 0.3), 0.4, 'another source of less confidence raises none');
select is(pg_temp.read('b.example', 0.7), 0.7, 'another source of more confidence raises it to its own');
select is((select count(*) from extraction_metadata), 1::bigint, 'another source that agrees leaves no second row in extraction_metadata');
select is((select overall_score from vehicle_quality_scores), 2.5, 'a value whose confidence was raised to 0.7 earns its points');
select is((select count(*) from low_confidence_extractions), 0::bigint, 'a value whose confidence was raised to 0.7 is not shown in low_confidence_extractions');
select is(pg_temp.read('a.example', 0.95, 'v1.10.0'), 0.95, 'a higher version of the scraper raises the confidence to its own');

select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
insert into vehicles (id, mileage) values ('00000000-0000-4000-8000-000000000002', 52000);
select set_config('vehicles.writer', '', true);
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000002", "outcome": "ok", "source_url": "https://a.example/2",
  "method": "a_scraper", "facts": {"mileage": {"value": 52000, "confidence": 0.9, "evidence": "seen"}}}]');
select is((select field_state -> 'mileage' ->> 'confidence' from vehicles where id = '00000000-0000-4000-8000-000000000002'), '0.9',
  'a value held without state gets the confidence of the page that says the same');

select * from finish();
rollback;
