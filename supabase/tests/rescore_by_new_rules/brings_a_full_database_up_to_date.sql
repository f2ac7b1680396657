begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

set local vehicles.writer = 'import';
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url, year, make, mileage, description, description_source, field_state) values
  (pg_temp.id(1), 'https://a.example/1', 1990, null, null, 'Written by a rule.', 'generated_rules',
    '{"year": {"confidence": 0.9}, "description": {"confidence": 0.5, "method": "generated_rules"}}'),
  (pg_temp.id(2), 'https://a.example/2', 1990, 'BMW', null, 'A real one.', 'a_scraper',
    '{"year": {"confidence": 0.9}, "make": {"confidence": 0.55}, "description": {"confidence": 0.5, "method": "a_scraper"}}'),
  (pg_temp.id(3), 'https://a.example/3', 1990, null, 1000, null, null, '{"year": {"confidence": 0.9}, "mileage": {"confidence": 0.6}}');
insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status) values
  (pg_temp.id(1), 'description', 'Written by a rule.', 'generated_rules', 0.5, 'accepted'),
  (pg_temp.id(2), 'description', 'A real one.', 'a_scraper', 0.5, 'accepted');
-- As an earlier release left them.
update vehicle_quality_scores set score_version = 1, overall_score = case vehicle_id when pg_temp.id(1) then 25 when pg_temp.id(2) then 35 else 12.5 end;
update private.upgrade_progress set after = '00000000-0000-0000-0000-000000000000', finished_at = null where what = 'score_version_2';

select is(private.rescore_by_new_rules(2), 2, 'vehicles are rescored a portion at a time');
select is((select finished_at from private.upgrade_progress where what = 'score_version_2'), null, 'while some are left it is not finished');
select is(private.rescore_by_new_rules(2), 1, 'the next portion begins behind the last');
select isnt((select finished_at from private.upgrade_progress where what = 'score_version_2'), null, 'and after the last vehicle it is');
select is(private.rescore_by_new_rules(2), 0, 'what is finished is not begun again');
select results_eq(
  'select overall_score, low_confidence_fields, score_version from vehicle_quality_scores order by vehicle_id',
  $$values (25.0, '{}'::text[], 2), (10.0, '{make,description}', 2), (12.5, '{}', 2)$$,
  'what is held with less than 0.6 no longer earns points, and is listed');
select results_eq(
  $$select (field_state -> 'description' ->> 'confidence')::numeric from vehicles order by id$$,
  'values (0.6), (0.5), (null)', 'a generated description is held as new ones are, a real one as it was');
select results_eq(
  $$select confidence_score from extraction_metadata where field_name = 'description' and extraction_method in ('generated_rules', 'a_scraper') order by vehicle_id$$,
  'values (0.600), (0.500)', 'and so says its provenance');
select results_eq('select vehicle_id, field_name from low_confidence_extractions', $$values (pg_temp.id(2), 'description')$$,
  'what does not count is listed for review, a generated description is not');

select * from finish();
rollback;
