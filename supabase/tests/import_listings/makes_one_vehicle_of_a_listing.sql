begin;
create extension if not exists pgtap with schema extensions;
select plan(43);

create function pg_temp.car(p_url text, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('source_url', p_url, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0', 'page_at', now(),
    'extraction_hash', md5(p_url), 'absent', '[]'::jsonb, 'images', jsonb_build_array('https://i.example/1.jpg', 'https://i.example/2.jpg'),
    'facts', '{"year": {"value": 2001, "confidence": 0.95, "evidence": "e"}, "make": {"value": "Ferrari", "confidence": 0.95, "evidence": "e"}, "model": {"value": "360", "confidence": 0.95, "evidence": "e"}}'::jsonb,
    'steps', '[{"step_name": "extract_data", "status": "success"}]'::jsonb) || p_more
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

-- One listing, whatever its spelling.
create temp table first as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/a/')) as r;
select is((select r ->> 'created' from first), 'true', 'a listing that was read becomes a vehicle');
select is((select count(*) from vehicles where make = 'Ferrari'), 1::bigint, 'with what its page states');
select is(pg_temp.import(pg_temp.car('http://WWW.bringatrailer.com/listing/a?utm_source=x#y')) ->> 'created', 'false', 'another spelling of its URL makes none');
select is((select count(*) from vehicles), 1::bigint, 'there is one vehicle');
select is((select origin_metadata -> 'image_count' from vehicles), '2'::jsonb, 'its image URLs are counted');
select is((select jsonb_array_length(origin_metadata -> 'image_urls') from vehicles), 2, 'and kept');
select is((select status || ' ' || outcome_code from bat_extraction_queue), null, 'what was imported without its comments is nobody''s proof that they were read');

-- The queue.
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/b/", "title": "B", "price": 5, "price_kind": "bid", "currency": "USD"}, {"url": "https://www.bringatrailer.com/listing/b"},
  {"url": "https://bringatrailer.com/listing/a"}, {"url": "javascript:alert(1)"}]', 'https://bringatrailer.com/auctions/'), '{"queued": 1, "known": 1, "refreshed": 0}'::jsonb, 'a listing is queued once; a vehicle''s is known; what is no URL is none');
select results_eq('select listing_title, listing_price, price_kind, discovered_from from import_queue', $$values ('B', 5.00, 'bid', 'https://bringatrailer.com/auctions/')$$, 'as the index shows it');
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/b/", "price": 9, "price_kind": "sale"}]'), '{"queued": 0, "known": 1, "refreshed": 1}'::jsonb, 'found again before it was read: its price is the newer one');
select is((select listing_price || price_kind from import_queue), '9.00sale', 'so it stands there');
select throws_ok($$insert into import_queue (listing_url) values ('ftp://x.example/')$$, '23514', null, 'only http(s) is a listing');
select throws_ok($$insert into import_queue (listing_url) values ('http://bringatrailer.com/listing/b')$$, '23505', null, 'one row a listing');

create temp table leased as select c from jsonb_array_elements(claim_queue('import_queue', 5)) c;
create function pg_temp.request() returns jsonb language sql as $$ select jsonb_build_object('request', jsonb_build_object('queue', 'import_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token')) from leased $$;
create temp table done as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.request() || pg_temp.auction('ZFFYU51A910121212', now() - interval '40 days', 'sold', 90000))) as r;
select is((select r ->> 'state' from done), 'complete', 'the row that asked is settled in the same transaction');
select is((select vehicle_id::text from import_queue), (select r ->> 'vehicle_id' from done), 'and names its vehicle');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.request())) ->> 'status', 'stale_lease', 'the same batch sent again writes nothing');
select is((select status from bat_extraction_queue where bat_url like '%/b/'), 'complete', 'nobody reads again what was imported with its comments');
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/b/"}]'), '{"queued": 0, "known": 1, "refreshed": 0}'::jsonb, 'nor is it found anew');

-- Listed again.
create temp table again as select pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b-2/', pg_temp.auction('ZFFYU51A910121212', now() - interval '2 days', 'bid_to', 80000))) as r;
select is((select r ->> 'relisting' from again), 'true', 'the same VIN in a later auction of the same source is a relisting');
select is((select r ->> 'vehicle_id' from again), (select r ->> 'vehicle_id' from done), 'of the same vehicle');
create function pg_temp.b() returns vehicles language sql as $$ select v from vehicles v where id = (select (r ->> 'vehicle_id')::uuid from done) $$;
select is((select count(*) from auction_events where vehicle_id = (pg_temp.b()).id), 2::bigint, 'with a second auction');
select is((pg_temp.b()).sale_status || ' ' || (pg_temp.b()).high_bid, 'bid_to 80000.00', 'the sale fields follow the latest');
select is((pg_temp.b()).sale_price, null, 'which was no sale');
select is((select sale_price from auction_events where source_url = 'https://bringatrailer.com/listing/b'), 90000.00, 'the first keeps its own');
select is((pg_temp.b()).discovery_url, 'https://bringatrailer.com/listing/b-2/', 'the vehicle stands on its latest listing');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b/', pg_temp.auction('ZFFYU51A910121212', now() - interval '40 days', 'sold', 90000))) ->> 'vehicle_id', (pg_temp.b()).id::text, 'the older one still leads to it');
select is((pg_temp.b()).sale_status, 'bid_to', 'and changes no sale field');
select is((select count(*) from auction_events where vehicle_id = (pg_temp.b()).id), 2::bigint, 'nor adds an auction');
select is(pg_temp.import(jsonb_build_object('source_url', 'https://bringatrailer.com/listing/b/', 'outcome', 'gone', 'error', '404')) ->> 'outcome', 'gone', 'the older listing is removed');
select is((pg_temp.b()).listing_ended_at, null, 'which ends nothing');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/b-0/', pg_temp.auction('ZFFYU51A910121212', now() - interval '400 days', 'sold', 70000))) ->> 'relisting', 'true', 'an auction from before is found later');
select is((pg_temp.b()).discovery_url, 'https://bringatrailer.com/listing/b-2/', 'and does not move the vehicle back');

-- The same VIN, and not a relisting: for a person.
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/twin/', pg_temp.auction('ZFFYU51A910121212', now() - interval '3 days', 'sold', 1))) ->> 'created', 'true', 'an auction at the same time is another vehicle');
select is(pg_temp.import(pg_temp.car('https://carsandbids.com/auctions/x/y', pg_temp.auction('ZFFYU51A910121212', now() - interval '200 days', 'sold', 1))) ->> 'created', 'true', 'so is one on another source');
select ok((select count(*) from vehicle_merge_candidates where vin = 'ZFFYU51A910121212') >= 2, 'both are shown to a person');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/old/', pg_temp.auction('12345', now() - interval '9 days', 'sold', 1))) ->> 'created', 'true', 'a chassis number of one maker''s own counting proves nothing');

-- No vehicle.
create temp table before as select count(*) as n from vehicles;
select is(pg_temp.import('{"source_url": "https://bringatrailer.com/listing/sign/", "outcome": "not_a_listing", "error": "a sign", "steps": [{"step_name": "extract_data", "status": "failed", "error_message": "a sign"}]}') ->> 'vehicle_id', null, 'a sign is no vehicle');
select results_eq($$select status, outcome_code, error_message from import_queue where listing_url like '%sign/'$$, $$values ('failed', 'not_a_listing', 'a sign')$$, 'and is recorded as none');
select is(enqueue_listings('[{"url": "https://bringatrailer.com/listing/sign"}]') ->> 'queued', '0', 'so it is not tried at every turn');
select is((select count(*) from scrape_steps where vehicle_id is null and url like '%sign/' and outcome_code = 'not_a_listing'), 1::bigint, 'the step is on record');
select is(pg_temp.import(pg_temp.car('https://bringatrailer.com/listing/broken/', '{"facts": {"year": {"value": 1492, "confidence": 1}}}')) ->> 'status', 'failed', 'what cannot be written');
select is((select count(*) from vehicles), (select n from before), 'makes no empty vehicle');
select is((select status || ' ' || outcome_code from scrape_steps where url like '%broken/' and step_name = 'extract_data'), 'failed server_error', 'and is on record');

select * from finish();
rollback;
