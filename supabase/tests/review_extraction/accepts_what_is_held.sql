begin;
create extension if not exists pgtap with schema extensions;
select plan(27);

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
select results_eq('select field_name, why from low_confidence_extractions',
  $$values ('seller_name', 'too unsure to count in the score: read from a single name'), ('engine', 'too unsure to count in the score, and nothing says where it stood')$$,
  'what is unsure is shown, with why');

-- What it must not take.
select throws_ok($$select review_extraction(pg_temp.id('engine', 'S14'), 'maybe')$$, '22023', null, 'a decision is accept or reject');
select throws_ok('select review_extraction(0, ''accept'')', 'P0002', null, 'a reading that is none is an error');

-- Accepting what is held.
create temp table s as select pg_temp.score() as before;
select is(review_extraction(pg_temp.id('engine', 'S14'), 'accept', 'seen in the photographs') - 'score_before' - 'score_after' - 'vehicle_id',
  '{"field": "engine", "decision": "accept", "old": "S14", "new": "S14"}', 'accepting says what it did');
select is(pg_temp.score(), (select before + 2.5 from s), 'and is rescored at once');
select results_eq($$select extraction_method, confidence_score, evidence from extraction_metadata where field_name = 'engine' and validation_status = 'accepted'$$,
  $$values ('manual_review', 1.000, 'seen in the photographs')$$, 'the value is the person''s now, with the note');
select is((select count(*) from low_confidence_extractions where field_name = 'engine'), 0::bigint, 'and is no longer shown for review');
select is((select validation_status || ' ' || review_note from extraction_metadata where id = pg_temp.id('engine', 'S14')), 'superseded seen in the photographs', 'the reading keeps what was said of it');
select throws_ok($$select review_extraction(pg_temp.id('engine', 'S14'), 'reject')$$, '22023', null, 'a reading is decided once');
select pg_temp.read('{"engine": {"value": "S50", "confidence": 1}}', 'v2.0.0');
select is(pg_temp.held('engine'), 'S14', 'later readings do not replace it');
select results_eq('select field_name, held_value, held_method, other_value from extraction_conflicts', $$values ('engine', 'S14', 'manual_review', 'S50')$$, 'and are shown');

-- Rejecting what is held.
select review_extraction(pg_temp.id('seller_name', 'lesly'), 'reject', 'that is the dog');
select is(pg_temp.held('seller_name'), null, 'rejecting takes the value away');
select is((select validation_status from extraction_metadata where id = pg_temp.id('seller_name', 'lesly')), 'rejected', 'and says so in the history');
select pg_temp.read('{"seller_name": {"value": "Lesly", "confidence": 1}}', 'v2.0.0', 'b.example');
select is(pg_temp.held('seller_name'), null, 'it does not come back, in no spelling and from no source');
select pg_temp.read('{"seller_name": {"value": "Leslie Jones", "confidence": 0.9}}', 'v2.0.0');
select is(pg_temp.held('seller_name'), 'Leslie Jones', 'another value does');

-- A conflict, decided either way.
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9}}', 'v1.0.0', 'b.example');
select review_extraction(pg_temp.id('mileage', '2000'), 'reject');
select is(pg_temp.held('mileage'), '1000', 'rejecting a conflict keeps what is held');
select is((select count(*) from extraction_conflicts where field_name = 'mileage'), 0::bigint, 'and it is no longer shown');
select ok(not (select field_state -> 'mileage' ? 'conflict' from vehicles), 'nor noted beside the value');
select is((select field_state -> 'mileage' ->> 'method' from vehicles), 'a_scraper', 'what is held is no person''s word for that');
select pg_temp.read('{"mileage": {"value": 2000, "confidence": 0.9}}', 'v1.0.0', 'b.example');
select is((select count(*) from extraction_conflicts where field_name = 'mileage'), 0::bigint, 'the same reading does not nag');
select is(pg_temp.held('mileage'), '1000', 'nor win');
select pg_temp.read('{"mileage": {"value": 3000, "confidence": 0.9}}', 'v1.0.0', 'b.example');
select review_extraction(pg_temp.id('mileage', '3000'), 'accept', 'the title says so');
select is(pg_temp.held('mileage'), '3000', 'accepting a conflict takes its value');
select results_eq($$select field_value, previous_value from extraction_metadata where field_name = 'mileage' and validation_status = 'accepted'$$,
  $$values ('3000', '1000')$$, 'and keeps what was there in the history');
select pg_temp.read('{"mileage": {"value": 1000, "confidence": 0.99}}', 'v9.0.0');
select is(pg_temp.held('mileage'), '3000', 'for good');

-- Ten readings that disagree with a person.
update vehicles set vin = 'WBSAK0304LAE33333';
select pg_temp.read(jsonb_build_object('vin', jsonb_build_object('value', 'WBSAK0304LAE3300' || n, 'confidence', 1)), 'v' || n || '.0.0') from generate_series(0, 9) n;
select is(pg_temp.held('vin'), 'WBSAK0304LAE33333', 'a manual fix survives ten readings that disagree');
select is((select count(*) from extraction_conflicts where field_name = 'vin'), 10::bigint, 'and each of them is visible');
select is((select count(*) from get_extraction_history('00000000-0000-4000-8000-000000000001') where field_name = 'vin'), 11::bigint, 'in the history too');

select * from finish();
rollback;
