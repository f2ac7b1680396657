-- Every status of a decision is one that the table knows: no provenance is lost to a check.
begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.read(p_field text, p_fact jsonb, p_site text default 'a.example', p_page_at text default '2026-01-10') returns jsonb
language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://' || p_site || '/1',
    'method', 'a_scraper', 'scraper_version', 'v1.9.0', 'page_at', p_page_at,
    case when p_fact ? 'value' then 'facts' else 'retractions' end,
    jsonb_build_object(p_field, p_fact || '{"evidence": "the third line"}')))) -> 0
$$;

select pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}'), pg_temp.read('vin', '{"value": "WP0ZZZ99ZTS392124", "confidence": 0.9}');

select is((select count(*) from extraction_metadata where validation_status not in ('accepted', 'conflict', 'superseded', 'retracted', 'rejected')), 0::bigint,
  'every row of the history has a status that is known');
select throws_ok(
  $$insert into extraction_metadata (vehicle_id, field_name, extraction_method, confidence_score, validation_status)
    values ('00000000-0000-4000-8000-000000000001', 'vin', 'x', 0.5, 'valid')$$, '23514', null, 'a row of the history with an unknown status is refused');
select is((select count(*) from get_extraction_history('00000000-0000-4000-8000-000000000001')), (select count(*) from extraction_metadata), 'get_extraction_history() gives every row of the vehicle');

select * from finish();
rollback;
