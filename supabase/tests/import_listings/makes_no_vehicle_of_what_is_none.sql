begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

create function pg_temp.car(p_url text, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('source_url', p_url, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0', 'page_at', now(),
    'extraction_hash', md5(p_url), 'absent', '[]'::jsonb, 'images', jsonb_build_array('https://i.example/1.jpg', 'https://i.example/2.jpg'),
    'facts', '{"year": {"value": 2001, "confidence": 0.95, "evidence": "e"}, "make": {"value": "Ferrari", "confidence": 0.95, "evidence": "e"}, "model": {"value": "360", "confidence": 0.95, "evidence": "e"}}'::jsonb,
    'steps', '["extract_data"]'::jsonb) || p_more
$$;
create function pg_temp.import(p_item jsonb) returns jsonb language sql as $$ select import_listings(jsonb_build_array(p_item)) -> 0 $$;
create temp table before as select count(*) as n from vehicles;

select is(pg_temp.import('{"source_url": "https://bringatrailer.com/listing/sign/", "outcome": "not_a_listing", "error": "a sign", "steps": ["extract_data"]}') ->> 'vehicle_id', null, 'a listing that shows no vehicle makes none');
select results_eq($$select status, outcome_code, error_message from import_queue where listing_url like '%sign/'$$, $$values ('failed', 'not_a_listing', 'a sign')$$, 'a listing that shows no vehicle fails its row in import_queue with the reason');
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/sign"}]') ->> 'queued', '0', 'a listing that showed no vehicle is not queued when it is found again');
select is((select count(*) from scrape_steps where vehicle_id is null and url like '%sign/' and outcome_code = 'not_a_listing'), 1::bigint, 'a listing that shows no vehicle leaves its step on record');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/broken/', '{"facts": {"year": {"value": 1492, "confidence": 1}}}')) ->> 'outcome', 'server_error', 'an import whose facts cannot be written fails');
select is((select count(*) from vehicles), (select n from before), 'an import whose facts cannot be written makes no empty vehicle');
select is((select status || ' ' || outcome_code from scrape_steps where url like '%broken/' and step_name = 'extract_data'), 'failed server_error', 'an import whose facts cannot be written leaves its step on record');

select * from finish();
rollback;
