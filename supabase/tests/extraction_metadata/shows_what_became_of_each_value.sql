begin;
create extension if not exists pgtap with schema extensions;
select plan(18);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.read(p_field text, p_fact jsonb, p_site text default 'a.example', p_page_at text default '2026-01-10') returns jsonb
language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://' || p_site || '/1',
    'method', 'a_scraper', 'scraper_version', 'v1.9.0', 'page_at', p_page_at,
    case when p_fact ? 'value' then 'facts' else 'retractions' end,
    jsonb_build_object(p_field, p_fact || '{"evidence": "the third line"}')))) -> 0
$$;

-- Filled, with all that is known of the reading.
select is(pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}') -> 'changes', '{"sale_price": {"old": null, "new": 89500.00}}', 'a field that is filled is a change from null to its value');
select results_eq(
  $$select field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score, validation_status, evidence, source_url, extracted_at
    from extraction_metadata$$,
  $$values ('sale_price', '89500', null, 'a_scraper', 'v1.9.0', 0.900, 'accepted', 'the third line', 'https://a.example/1', now())$$,
  'the history holds value, method, version, confidence, evidence, URL and time of a reading');

-- Confirmed.
select is(pg_temp.read('sale_price', '{"value": "89500.00", "confidence": 0.9}') -> 'changes', '{}', 'a reading of the value that is held is no change');
select is((select count(*) from extraction_metadata), 1::bigint, 'a reading of the value that is held in another spelling leaves no second row');

-- Conflict: both shown.
select is(pg_temp.read('sale_price', '{"value": 95000, "confidence": 0.9}', 'b.example') -> 'conflicts', '["sale_price"]', 'another value from another source is a conflict');
select results_eq(
  $$select field_value, previous_value, validation_status from extraction_metadata order by id$$,
  $$values ('89500', null, 'accepted'), ('95000', '89500.00', 'conflict')$$, 'a value in conflict is in the history with the value it met');
select results_eq(
  $$select held_value, held_method, held_confidence, other_value, other_confidence, source_url from extraction_conflicts$$,
  $$values ('89500.00', 'a_scraper', 0.9, '95000', 0.900, 'https://b.example/1')$$, 'extraction_conflicts shows the held and the other value, with method, confidence and URL');
select pg_temp.read('sale_price', '{"value": 95000, "confidence": 0.9}', 'b.example');
select is((select count(*) from extraction_metadata), 2::bigint, 'the same conflict a second time leaves no second row');

-- The source of a conflict changes its mind.
select pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}', 'b.example', '2026-01-11');
select is_empty('select * from extraction_conflicts', 'a source that now says what is held is no conflict any more');
select is((select field_state -> 'sale_price' -> 'conflict' from vehicles), null, 'a conflict that has ended does not stand beside the value any more');

-- Replaced.
select pg_temp.read('sale_price', '{"value": 95000, "confidence": 0.9}', 'b.example');
select is(
  pg_temp.read('sale_price', '{"value": 96000, "confidence": 0.9}', 'a.example', '2026-01-12') -> 'changes',
  '{"sale_price": {"old": 89500.00, "new": 96000.00}}', 'a value that is replaced is a change from the old one to the new one');
select results_eq(
  $$select field_value, previous_value, validation_status from extraction_metadata order by id$$,
  $$values ('89500', null, 'superseded'), ('95000', '89500.00', 'conflict'), ('96000', '89500.00', 'accepted')$$,
  'a replaced value is superseded, and another source''s value stays in conflict');
select is((select held_value from extraction_conflicts), '96000.00', 'a conflict is shown against the value that replaced the one it met');

-- Back and forth.
select pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}', 'a.example', '2026-01-13');
select results_eq(
  $$select field_value, previous_value from extraction_metadata where validation_status = 'accepted'$$,
  $$values ('89500', '96000.00')$$, 'a value that comes back is accepted once, with the value it replaced');
select is((select count(*) from extraction_metadata), 3::bigint, 'a value that comes back has the row that it had');

-- Taken back.
select is(pg_temp.read('sale_price', '{"confidence": 0.95}', 'a.example', '2026-01-14') -> 'changes',
  '{"sale_price": {"old": 89500.00, "new": null}}', 'a value that is retracted is a change to null');
select results_eq(
  $$select field_value, previous_value, evidence from extraction_metadata where validation_status = 'retracted' order by id$$,
  $$values ('89500', '96000.00', 'the third line'), (null, '89500.00', 'the third line')$$, 'a retraction leaves the value and its end in the history');
select is((select field_state -> 'sale_price' ->> 'why' from vehicles), 'retracted', 'a retracted field says so in field_state');

select * from finish();
rollback;
