begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

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
      'make', '{"value": "Ferrari", "confidence": 0.95, "evidence": "e"}'::jsonb,
      'sale_status', jsonb_build_object('value', p_outcome, 'confidence', 0.97, 'evidence', 'e'),
      'high_bid', jsonb_build_object('value', p_price, 'confidence', 0.97, 'evidence', 'e'))
      || case when p_outcome = 'sold' then jsonb_build_object('sale_price', jsonb_build_object('value', p_price, 'confidence', 0.97, 'evidence', 'e')) else '{}' end,
    'retractions', case when p_outcome = 'sold' then '{}' else '{"sale_price": {"confidence": 0.97, "evidence": "bid to"}}'::jsonb end,
    'auction', jsonb_build_object('outcome', p_outcome, 'high_bid', p_price, 'sale_price', case when p_outcome = 'sold' then p_price end, 'ends_at', p_ends),
    'bids', '[]'::jsonb, 'comments', '[]'::jsonb)
$$;

create temp table done as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.auction('ZFFYU51A910121212', now() - interval '40 days', 'sold', 90000))) as r;
create temp table again as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b-2/', pg_temp.auction('ZFFYU51A910121212', now() - interval '2 days', 'bid_to', 80000))) as r;

select is((select r ->> 'relisting' from again), 'true', 'a later auction of the same VIN at the same source is a relisting');
select is((select r ->> 'vehicle_id' from again), (select r ->> 'vehicle_id' from done), 'a relisting belongs to the vehicle of the first listing');
create function pg_temp.b() returns vehicles language sql as $$ select v from vehicles v where id = (select (r ->> 'vehicle_id')::uuid from done) $$;
select is((select count(*) from auction_events where vehicle_id = (pg_temp.b()).id), 2::bigint, 'a relisting is a second auction of its vehicle');
select is((pg_temp.b()).sale_status || ' ' || (pg_temp.b()).high_bid, 'bid_to 80000.00', 'the sale fields of a relisted vehicle are those of the later auction');
select is((pg_temp.b()).sale_price, null, 'a relisting that was not sold leaves no sale price');
select is((select sale_price from auction_events where source_url = 'https://bringatrailer.com/listing/b'), 90000.00, 'the first auction of a relisted vehicle keeps its sale price');
select is(array[(pg_temp.b()).discovery_url, (pg_temp.b()).listing_url, (pg_temp.b()).bat_auction_url],
  array['https://bringatrailer.com/listing/b/', 'https://bringatrailer.com/listing/b-2/', 'https://bringatrailer.com/listing/b-2/'],
  'a relisted vehicle was found at its first listing, and stands on its latest');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.auction('ZFFYU51A910121212', now() - interval '40 days', 'sold', 90000))) ->> 'vehicle_id', (pg_temp.b()).id::text, 'a reading of the older listing belongs to the relisted vehicle');
select is((pg_temp.b()).sale_status, 'bid_to', 'a reading of the older listing changes no sale field');
select is((select count(*) from auction_events where vehicle_id = (pg_temp.b()).id), 2::bigint, 'a reading of the older listing adds no auction');
select is(pg_temp.import(jsonb_build_object('source_url', 'https://bringatrailer.com/listing/b/', 'outcome', 'gone', 'error', '404')) ->> 'outcome', 'gone', 'an older listing that was removed is recorded as gone');
select is((pg_temp.b()).listing_ended_at, null, 'an older listing that was removed does not end the vehicle''s listing');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b-0/', pg_temp.auction('ZFFYU51A910121212', now() - interval '400 days', 'sold', 70000))) ->> 'relisting', 'true', 'an earlier auction that is found later is a relisting too');
select is((pg_temp.b()).listing_url, 'https://bringatrailer.com/listing/b-2/', 'an earlier auction that is found later does not move the vehicle back to its listing');

select * from finish();
rollback;
