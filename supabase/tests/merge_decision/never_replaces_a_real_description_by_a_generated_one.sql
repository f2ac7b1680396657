begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.describe(p_text text, p_method text, p_confidence numeric) returns text language plpgsql as $$
begin
  perform apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://a.example/1',
    'method', 'a_scraper', 'scraper_version', 'v1.0.0', 'page_at', clock_timestamp(),
    'facts', jsonb_build_object('description', jsonb_build_object(
      'value', p_text, 'confidence', p_confidence, 'evidence', 'made', 'method', p_method)))));
  return (select description || ' (' || description_source || ')' from vehicles);
end
$$;

select is(pg_temp.describe('A 1990 BMW.', 'generated_by_rules', 0.9), 'A 1990 BMW. (generated_by_rules)', 'a vehicle without a description takes a generated one');
select is(pg_temp.describe('A BMW of 1990.', 'generated_by_model', 1), 'A BMW of 1990. (generated_by_model)', 'a generated description is replaced by a newly generated one');
select is(pg_temp.describe('The seller says it runs.', 'a_scraper', 0.1), 'The seller says it runs. (a_scraper)', 'a generated description is replaced by a read one of any confidence');
select is(pg_temp.describe('A 1990 BMW.', 'generated_by_rules', 1), 'The seller says it runs. (a_scraper)', 'a read description is not replaced by a generated one of any confidence');
select is_empty('select * from extraction_conflicts', 'a read and a generated description are no conflict');
select is((select count(*) from extraction_metadata where validation_status = 'accepted'), 1::bigint, 'of a read and a generated description only the read one is accepted');

select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1",
  "retractions": {"description": {"confidence": 0.9, "evidence": "was another car''s"}}}]');
select is((select description_source from vehicles), null, 'a description that is taken back leaves no description_source');

select * from finish();
rollback;
