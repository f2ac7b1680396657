begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into vehicles (id, discovery_url, year, make, model)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3');

create function pg_temp.read(p_facts jsonb, p_version text default 'v1.0.0', p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok',
    'source_url', 'https://' || p_host || '/1', 'method', 'a_scraper', 'scraper_version', p_version, 'facts', p_facts))) -> 0
$$;
create function pg_temp.id(p_field text, p_value text) returns bigint language sql as $$
  select id from extraction_metadata where field_name = p_field and field_value = p_value and extraction_method = 'a_scraper' order by id desc limit 1
$$;
create function pg_temp.held(p_field text) returns text language sql as $$
  select to_jsonb(v) ->> p_field from vehicles v where id = '00000000-0000-4000-8000-000000000001'
$$;
create function pg_temp.score() returns numeric language sql as $$ select overall_score from vehicle_quality_scores $$;

select pg_temp.read('{"seller_name": {"value": "lesly", "confidence": 0.3, "evidence": "a single name"}, "engine": {"value": "S14", "confidence": 0.4}, "mileage": {"value": 1000, "confidence": 0.9}}');
-- Accepting what is held.
create temp table s as select pg_temp.score() as before;

select is(review_extraction(pg_temp.id('engine', 'S14'), 'accept', 'seen in the photographs') - 'score_before' - 'score_after' - 'vehicle_id',
  '{"field": "engine", "decision": "accept", "old": "S14", "new": "S14"}', 'accepting a held value answers with the decision and the value');
select is(pg_temp.score(), (select before + 2.5 from s), 'a vehicle is rescored when a held value is accepted');
select results_eq($$select extraction_method, confidence_score, evidence from extraction_metadata where field_name = 'engine' and validation_status = 'accepted'$$,
  $$values ('manual_review', 1.000, 'seen in the photographs')$$, 'an accepted value has the method manual_review and the note of the person');
select is((select count(*) from low_confidence_extractions where field_name = 'engine'), 0::bigint, 'an accepted value is no longer shown as unsure');
select is((select validation_status || ' ' || review_note from extraction_metadata where id = pg_temp.id('engine', 'S14')), 'superseded seen in the photographs', 'the reading that was accepted keeps the person''s note');
select throws_ok($$select review_extraction(pg_temp.id('engine', 'S14'), 'reject')$$, '22023', null, 'a reading is decided once: a second decision is refused');
select pg_temp.read('{"engine": {"value": "S50", "confidence": 1}}', 'v2.0.0');
select is(pg_temp.held('engine'), 'S14', 'a later reading does not replace an accepted value');
select results_eq('select field_name, held_value, held_method, other_value from extraction_conflicts', $$values ('engine', 'S14', 'manual_review', 'S50')$$, 'a later reading that differs from an accepted value is a conflict');

select * from finish();
rollback;
