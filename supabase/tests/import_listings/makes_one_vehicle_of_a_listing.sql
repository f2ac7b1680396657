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
-- One listing, whatever its spelling.
create temp table first as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/a/')) as r;

select is((select r ->> 'created' from first), 'true', 'the first reading of a listing makes a vehicle');
select is((select count(*) from vehicles where make = 'Ferrari'), 1::bigint, 'the vehicle of a listing holds what its page states');
select is(pg_temp.import(pg_temp.car('http://WWW.bringatrailer.com/listing/a?utm_source=x#y')) ->> 'created', 'false', 'a reading under another spelling of the URL makes no second vehicle');
select is((select count(*) from vehicles), 1::bigint, 'two spellings of one URL are one vehicle');
select is((select origin_metadata -> 'image_count' from vehicles), '2'::jsonb, 'the image URLs of an imported vehicle are counted in image_count');
select is((select jsonb_array_length(origin_metadata -> 'image_urls') from vehicles), 2, 'the image URLs of an imported vehicle are kept in image_urls');
select is((select status || ' ' || outcome_code from bat_extraction_queue), null, 'an import without comments does not complete the vehicle''s row in bat_extraction_queue');

select * from finish();
rollback;
