begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');

create function pg_temp.read(p_field text, p_fact jsonb, p_site text default 'a.example', p_page_at text default '2026-01-10') returns jsonb
language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://' || p_site || '/1',
    'method', 'a_scraper', 'scraper_version', 'v1.9.0', 'page_at', p_page_at,
    case when p_fact ? 'value' then 'facts' else 'retractions' end,
    jsonb_build_object(p_field, p_fact || '{"evidence": "the third line"}')))) -> 0
$$;

select pg_temp.read('sale_price', '{"value": 89500, "confidence": 0.9}'), pg_temp.read('sale_price', '{"confidence": 0.95}', 'a.example', '2026-01-14');
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "absent": ["vin", "sale_price", "nonsense"]}]');

select is((select field_state -> 'vin' ->> 'why' from vehicles), 'absent_at_source', 'a field that the source leaves empty is absent_at_source');
select is((select field_state -> 'sale_price' ->> 'why' from vehicles), 'retracted', 'a field that was retracted stays so when the source leaves it empty');
select ok((select not field_state ? 'nonsense' from vehicles), 'an absent field that is no fact is passed over');
select pg_temp.read('vin', '{"value": "WP0ZZZ99ZTS392124", "confidence": 0.9}');
select is((select field_state -> 'vin' -> 'why' from vehicles), null, 'a field that was absent at the source holds no reason once it has a value');

select * from finish();
rollback;
