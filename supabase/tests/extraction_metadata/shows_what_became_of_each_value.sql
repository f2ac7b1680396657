begin;
create extension if not exists pgtap with schema extensions;
select plan(25);

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
select is(pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}') -> 'changes', '{"sale_price": {"old": null, "new": 89500.00}}', 'a change is shown as a diff');
select results_eq(
  $$select field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score, validation_status, evidence, source_url, extracted_at
    from extraction_metadata$$,
  $$values ('sale_price', '89500', null, 'a_scraper', 'v1.9.0', 0.900, 'accepted', 'the third line', 'https://a.example/1', now())$$,
  'provenance says when, how, by which version, with which evidence');

-- Confirmed.
select is(pg_temp.read('sale_price', '{"value": "89500.00", "confidence": 0.9}') -> 'changes', '{}', 'the same value is no change');
select is((select count(*) from extraction_metadata), 1::bigint, 'and no new row, in whatever spelling');

-- Conflict: both shown.
select is(pg_temp.read('sale_price', '{"value": 95000, "confidence": 0.9}', 'b.example') -> 'conflicts', '["sale_price"]', 'another value is a conflict');
select results_eq(
  $$select field_value, previous_value, validation_status from extraction_metadata order by id$$,
  $$values ('89500', null, 'accepted'), ('95000', '89500.00', 'conflict')$$, 'kept with the value it met');
select results_eq(
  $$select held_value, held_method, held_confidence, other_value, other_confidence, source_url from extraction_conflicts$$,
  $$values ('89500.00', 'a_scraper', 0.9, '95000', 0.900, 'https://b.example/1')$$, 'and both are shown for review');
select pg_temp.read('sale_price', '{"value": 95000, "confidence": 0.9}', 'b.example');
select is((select count(*) from extraction_metadata), 2::bigint, 'the same conflict again is no new row');

-- The source of a conflict changes its mind.
select pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}', 'b.example', '2026-01-11');
select is_empty('select * from extraction_conflicts', 'a source that now says the same is no conflict any more');
select is((select field_state -> 'sale_price' -> 'conflict' from vehicles), null, 'nor beside the value');

-- Replaced.
select pg_temp.read('sale_price', '{"value": 95000, "confidence": 0.9}', 'b.example');
select is(
  pg_temp.read('sale_price', '{"value": 96000, "confidence": 0.9}', 'a.example', '2026-01-12') -> 'changes',
  '{"sale_price": {"old": 89500.00, "new": 96000.00}}', 'a replaced value is a diff');
select results_eq(
  $$select field_value, previous_value, validation_status from extraction_metadata order by id$$,
  $$values ('89500', null, 'superseded'), ('95000', '89500.00', 'conflict'), ('96000', '89500.00', 'accepted')$$,
  'the old one is superseded, what another source says is still in conflict');
select is((select held_value from extraction_conflicts), '96000.00', 'with what is held now');

-- Back and forth.
select pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}', 'a.example', '2026-01-13');
select results_eq(
  $$select field_value, previous_value from extraction_metadata where validation_status = 'accepted'$$,
  $$values ('89500', '96000.00')$$, 'a value that comes back stands once');
select is((select count(*) from extraction_metadata), 3::bigint, 'in the row it had');

-- Taken back.
select is(pg_temp.read('sale_price', '{"confidence": 0.95}', 'a.example', '2026-01-14') -> 'changes',
  '{"sale_price": {"old": 89500.00, "new": null}}', 'a retraction is a diff too');
select results_eq(
  $$select field_value, previous_value, evidence from extraction_metadata where validation_status = 'retracted' order by id$$,
  $$values ('89500', '96000.00', 'the third line'), (null, '89500.00', 'the third line')$$, 'the value and its end are on record');
select is((select field_state -> 'sale_price' ->> 'why' from vehicles), 'retracted', 'and why there is none');

-- Absent at the source.
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "absent": ["vin", "sale_price", "nonsense"]}]');
select is((select field_state -> 'vin' ->> 'why' from vehicles), 'absent_at_source', 'an empty place is remembered');
select is((select field_state -> 'sale_price' ->> 'why' from vehicles), 'retracted', 'where nothing better is known');
select ok((select not field_state ? 'nonsense' from vehicles), 'for facts only');
select pg_temp.read('vin', '{"value": "WP0ZZZ99ZTS392124", "confidence": 0.9}');
select is((select field_state -> 'vin' -> 'why' from vehicles), null, 'until there is a value');

-- Every status of a decision is one that the table knows: no provenance is lost to a check.
select is((select count(*) from extraction_metadata where validation_status not in ('accepted', 'conflict', 'superseded', 'retracted', 'rejected')), 0::bigint,
  'no row has an unknown status');
select throws_ok(
  $$insert into extraction_metadata (vehicle_id, field_name, extraction_method, confidence_score, validation_status)
    values ('00000000-0000-4000-8000-000000000001', 'vin', 'x', 0.5, 'valid')$$, '23514', null, 'and none can');
select is((select count(*) from get_extraction_history('00000000-0000-4000-8000-000000000001')), (select count(*) from extraction_metadata), 'the history shows all of them');

select * from finish();
rollback;
