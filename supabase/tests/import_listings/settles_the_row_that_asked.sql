begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.car(p_url text, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('source_url', p_url, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0', 'page_at', now(),
    'extraction_hash', md5(p_url), 'absent', '[]'::jsonb, 'images', jsonb_build_array('https://i.example/1.jpg', 'https://i.example/2.jpg'),
    'facts', '{"year": {"value": 2001, "confidence": 0.95, "evidence": "e"}, "make": {"value": "Ferrari", "confidence": 0.95, "evidence": "e"}, "model": {"value": "360", "confidence": 0.95, "evidence": "e"}}'::jsonb,
    'steps', '["extract_data"]'::jsonb) || p_more
$$;
create function pg_temp.import(p_item jsonb) returns jsonb language sql as $$ select import_listings(jsonb_build_array(p_item)) -> 0 $$;
create function pg_temp.auction(p_vin text, p_ends timestamptz, p_outcome text, p_price numeric) returns jsonb language sql as $$
  select jsonb_build_object(
    'facts', jsonb_build_object(
      'vin', jsonb_build_object('value', p_vin, 'confidence', 0.95, 'evidence', 'e'),
      'year', '{"value": 2001, "confidence": 0.95, "evidence": "e"}'::jsonb,
      'sale_status', jsonb_build_object('value', p_outcome, 'confidence', 0.97, 'evidence', 'e'),
      'high_bid', jsonb_build_object('value', p_price, 'confidence', 0.97, 'evidence', 'e'))
      || case when p_outcome = 'sold' then jsonb_build_object('sale_price', jsonb_build_object('value', p_price, 'confidence', 0.97, 'evidence', 'e')) else '{}' end,
    'retractions', case when p_outcome = 'sold' then '{}' else '{"sale_price": {"confidence": 0.97, "evidence": "bid to"}}'::jsonb end,
    'auction', jsonb_build_object('outcome', p_outcome, 'high_bid', p_price, 'sale_price', case when p_outcome = 'sold' then p_price end, 'ends_at', p_ends),
    'bids', '[]'::jsonb, 'comments', '[]'::jsonb)
$$;

insert into import_queue (listing_url) values ('https://bringatrailer.com/listing/b/');
create temp table leased as select c from jsonb_array_elements(claim_queue('import_queue', 5)) c;
create function pg_temp.request() returns jsonb language sql as $$ select jsonb_build_object('request', jsonb_build_object('queue', 'import_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token')) from leased $$;
create temp table done as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.request() || pg_temp.auction('ZFFYU51A910121212', now() - interval '40 days', 'sold', 90000))) as r;

select is((select r ->> 'state' from done), 'complete', 'an import completes the row of import_queue that asked for it, in the same transaction');
select is((select vehicle_id::text from import_queue), (select r ->> 'vehicle_id' from done), 'a completed row of import_queue names its vehicle');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.request())) ->> 'outcome', 'stale_lease', 'an import that is sent a second time is a stale lease');
select is((select status from bat_extraction_queue where bat_url like '%/b/'), 'complete', 'an import with comments completes the vehicle''s row in bat_extraction_queue');
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/b/"}]'), '{"queued": 0, "known": 1, "refreshed": 0, "refused": 0, "mistakes": []}'::jsonb, 'a listing that was imported is not queued when it is found again');

select * from finish();
rollback;
