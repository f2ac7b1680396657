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

select is(pg_temp.read('a.example', 0.4), 0.4, 'a first reading is as sure as it is');
select is(pg_temp.read('a.example', 0.4), 0.4, 'reading the same page again makes it no surer');
select is(pg_temp.read('a.example', 0.9), 0.4, 'also when it is read with more confidence');
select is(pg_temp.read('a.example', 0.9, 'v1.9.0', '2026-02-10'), 0.4, 'nor does the same source saying it again later');
select is(pg_temp.read('a.example', 0.9, 'v1.8.0'), 0.4, 'nor an older scraper');
select is((select count(*) from extraction_metadata), 1::bigint, 'and none of it is another row');
select is((select last_confirmed_at from extraction_metadata), now(), 'but the day it was last confirmed');
select is((select overall_score from vehicle_quality_scores), 0.0, 'a weak value earns nothing');
select is((select count(*) from low_confidence_extractions), 1::bigint, 'and is listed for review');

select is(pg_temp.read('b.example', 0.3), 0.4, 'another source that is less sure adds nothing');
select is(pg_temp.read('b.example', 0.7), 0.7, 'another source that is surer does');
select is((select count(*) from extraction_metadata), 1::bigint, 'without another row');
select is((select overall_score from vehicle_quality_scores), 2.5, 'so that the value counts');
select is((select count(*) from low_confidence_extractions), 0::bigint, 'and needs no review any more');
select is(pg_temp.read('a.example', 0.95, 'v1.10.0'), 0.95, 'a better scraper that reads the same is surer');

insert into vehicles (id, mileage) values ('00000000-0000-4000-8000-000000000002', 52000);
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000002", "outcome": "ok", "source_url": "https://a.example/2",
  "method": "a_scraper", "facts": {"mileage": {"value": 52000, "confidence": 0.9, "evidence": "seen"}}}]');
select is((select field_state -> 'mileage' ->> 'confidence' from vehicles where id = '00000000-0000-4000-8000-000000000002'), '0.9',
  'a value that came without state gets one from the page that says the same');

select * from finish();
rollback;
