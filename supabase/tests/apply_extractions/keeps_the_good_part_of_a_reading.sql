begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.item(n integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://bringatrailer.com/listing/' || n, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'images', '[]'::jsonb, 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb) || p_more
$$;
create function pg_temp.apply(p_item jsonb) returns jsonb language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;

select is(pg_temp.apply(pg_temp.item(4, '{"auction": {"outcome": "bid_to", "sale_price": 5}, "facts": {"model": {"value": "M3", "confidence": 0.9, "evidence": "e"}}, "images": ["https://i.example/1.jpg"]}')) ->> 'outcome', 'ok', 'a reading with an impossible auction record is applied');
select is((select model || ' ' || (origin_metadata ->> 'image_count') from vehicles where id = pg_temp.id(4)), 'M3 1', 'a reading with an impossible auction record keeps its facts and its image URLs');
select is((select status || ' ' || outcome_code from scrape_steps where vehicle_id = pg_temp.id(4) and step_name = 'extract_comments'), 'failed server_error', 'an impossible auction record is a failed extract_comments step');
select is((select count(*) from scrape_retry_queue where vehicle_id = pg_temp.id(4) and step_name = 'extract_comments'), 1::bigint, 'a failed extract_comments step is queued to be tried alone');
select is(pg_temp.apply(pg_temp.item(3, '{"facts": {"year": {"value": 1492, "confidence": 1}}, "images": ["https://i.example/2.jpg"]}')) ->> 'outcome', 'server_error', 'a reading with impossible facts fails');
select is((select origin_metadata ->> 'image_count' from vehicles where id = pg_temp.id(3)), '1', 'a reading with impossible facts keeps its image URLs');

select * from finish();
rollback;
