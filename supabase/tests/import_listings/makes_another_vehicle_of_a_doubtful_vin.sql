begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

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

create temp table done as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.auction('ZFFYU51A910121212', now() - interval '40 days', 'sold', 90000))) as r;
create temp table again as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b-2/', pg_temp.auction('ZFFYU51A910121212', now() - interval '2 days', 'bid_to', 80000))) as r;

select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/twin/', pg_temp.auction('ZFFYU51A910121212', now() - interval '3 days', 'sold', 1))) ->> 'created', 'true', 'an auction of the same VIN at the same time makes another vehicle');
select is(pg_temp.import(pg_temp.car('https://carsandbids.com/auctions/x/y', pg_temp.auction('ZFFYU51A910121212', now() - interval '200 days', 'sold', 1))) ->> 'created', 'true', 'an auction of the same VIN at another source makes another vehicle');
select ok((select count(*) from vehicle_merge_candidates where vin = 'ZFFYU51A910121212') >= 2, 'vehicles that share a VIN without a relisting are shown as vehicle_merge_candidates');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/old/', pg_temp.auction('12345', now() - interval '9 days', 'sold', 1))) ->> 'created', 'true', 'a chassis number that only its maker counts makes another vehicle');

select * from finish();
rollback;
