begin;
create extension if not exists pgtap with schema extensions;
select plan(38);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.item(n integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://bringatrailer.com/listing/' || n, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'images', '[]'::jsonb, 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb) || p_more
$$;
create function pg_temp.apply(p_item jsonb) returns jsonb language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 $$;
create function pg_temp.state(n integer) returns text language sql as $$ select state from micro_scrape_state where vehicle_id = pg_temp.id(n) $$;
create function pg_temp.queued(n integer) returns text language sql as $$ select status from bat_extraction_queue where vehicle_id = pg_temp.id(n) $$;

-- New listings are queued.
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;
insert into vehicles (id, discovery_url) values (pg_temp.id(7), 'https://cars.ksl.com/listing/7');
select is((select count(*) from bat_extraction_queue where priority = 100 and status = 'pending' and reason = 'new'), 6::bigint, 'each new listing of Bring a Trailer is queued before all repairs');
select is(pg_temp.queued(7), null, 'and no other');
update vehicles set discovery_url = 'https://bringatrailer.com/listing/7' where id = pg_temp.id(7);
select is(pg_temp.queued(7), 'pending', 'also one that moves there');

-- One worker at a time.
create temp table mine as select c from jsonb_array_elements(claim_queue('bat_extraction_queue', 1, array[pg_temp.id(1)])) c;
select is(jsonb_array_length(claim_micro_scrape(20)), 6, 'what another worker has leased is passed over');
select is(pg_temp.state(1), 'due', 'and stays due');
select is(claim_queue('bat_extraction_queue', 20), '[]', 'the other way round too');
select is(jsonb_array_length(claim_queue('bat_extraction_queue', 20, array[pg_temp.id(2)])), 1, 'unless a person names it');
select is(preview_queue('bat_extraction_queue', 20), '[]', 'a preview says the same');
update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';
select is(jsonb_array_length(claim_queue('bat_extraction_queue', 2)), 2, 'a worker that died has nothing leased');
select is((rescue_expired_leases() ->> 'micro_scrape_state')::integer, 6, 'its vehicles are freed');
select is(rescue_expired_leases() -> 'bat_extraction_queue', '0'::jsonb, 'no lease that holds is touched');
update bat_extraction_queue set status = 'pending' where status = 'processing' and vehicle_id <> pg_temp.id(1);

-- What was read settles what others would have asked.
select is(pg_temp.apply(pg_temp.item(1, jsonb_build_object('request', (select jsonb_build_object('queue', 'bat_extraction_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token') from mine)))) ->> 'state', 'complete', 'the queue''s worker reads');
select is(pg_temp.state(1), 'waiting', 'which was the vehicle''s pass');
select is(pg_temp.apply(pg_temp.item(2)) ->> 'status', 'applied', 'a person reads one');
select is(pg_temp.queued(2) || ' ' || pg_temp.state(2), 'complete waiting', 'and both queues know');
select is(pg_temp.apply(pg_temp.item(3) - 'bids') ->> 'status', 'applied', 'without bids and comments');
select is(pg_temp.queued(3) || ' ' || pg_temp.state(3), 'pending waiting', 'the auction is still to be read');
select is(pg_temp.apply(pg_temp.item(4, '{"page_at": "2026-01-01"}')) ->> 'status', 'applied', 'an old page that is read again');
select is(pg_temp.queued(4) || ' ' || pg_temp.state(4), 'pending due', 'answers nothing');
select is(pg_temp.apply(pg_temp.item(5, '{"outcome": "gone", "error": "404"}') - 'facts') ->> 'status', 'applied', 'a removed listing');
select is(pg_temp.queued(5) || ' ' || pg_temp.state(5), 'failed ended', 'is asked for by nobody');
create temp table passing as select c from jsonb_array_elements(claim_micro_scrape(1, array[pg_temp.id(6)])) c;
select is(pg_temp.apply(pg_temp.item(6)) ->> 'status', 'applied', 'somebody reads what a pass has leased');
select is(pg_temp.state(6), 'leased', 'and does not take it away');
select is(pg_temp.apply(pg_temp.item(6, jsonb_build_object('request', (select jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', c -> 'lease_token') from passing)))) ->> 'status', 'applied', 'the pass ends as it would have');

-- A live auction.
update bat_extraction_queue set status = 'pending' where vehicle_id = pg_temp.id(6);
select is(pg_temp.apply(pg_temp.item(6, jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '2 days'), 'facts', '{"sale_status": {"value": "live", "confidence": 0.97, "evidence": "e"}}'::jsonb))) ->> 'status', 'applied', 'an auction that runs');
select is((select due_at from micro_scrape_state where vehicle_id = pg_temp.id(6)), now() + interval '2 days 10 minutes', 'is due at its end');
select is((select count(*) from queue_bat_backfill_vehicles(50, 75) where vehicle_id = pg_temp.id(6) and reason = 'auction_ended'), 0::bigint, 'and not before');
update auction_events set ends_at = now() - interval '1 hour' where vehicle_id = pg_temp.id(6);
update bat_extraction_queue set processed_at = now() - interval '2 days' where vehicle_id = pg_temp.id(6);
select is((select reason from queue_bat_backfill_vehicles(50, 75) where vehicle_id = pg_temp.id(6) and reason = 'auction_ended'), 'auction_ended', 'whoever comes first then');

-- A live auction whose listing is removed.
select is((select sale_status from vehicles where id = pg_temp.id(6)), 'live', 'held as running');
select is(pg_temp.apply(pg_temp.item(6, '{"outcome": "gone", "error": "404"}') - 'facts') ->> 'fields_updated', '["sale_status"]', 'its listing is gone');
select is((select coalesce(sale_status, 'none') || ' ' || (field_state -> 'sale_status' ->> 'why') from vehicles where id = pg_temp.id(6)), 'none retracted', 'so it runs no more');
select is((select outcome from auction_events where vehicle_id = pg_temp.id(6)), 'unknown', 'and nobody says how it ended');

-- What of a reading is good is kept.
select is(pg_temp.apply(pg_temp.item(4, '{"auction": {"outcome": "bid_to", "sale_price": 5}, "facts": {"model": {"value": "M3", "confidence": 0.9, "evidence": "e"}}, "images": ["https://i.example/1.jpg"]}')) ->> 'status', 'applied', 'a record of an auction that makes no sense');
select is((select model || ' ' || (origin_metadata ->> 'image_count') from vehicles where id = pg_temp.id(4)), 'M3 1', 'spoils neither facts nor image URLs');
select is((select status || ' ' || outcome_code from scrape_steps where vehicle_id = pg_temp.id(4) and step_name = 'extract_comments'), 'failed server_error', 'its step has failed');
select is((select count(*) from scrape_retry_queue where vehicle_id = pg_temp.id(4) and step_name = 'extract_comments'), 1::bigint, 'and is tried again alone');
select is(pg_temp.apply(pg_temp.item(3, '{"facts": {"year": {"value": 1492, "confidence": 1}}, "images": ["https://i.example/2.jpg"]}')) ->> 'status', 'failed', 'facts that make no sense');
select is((select origin_metadata ->> 'image_count' from vehicles where id = pg_temp.id(3)), '1', 'leave the image URLs');

select * from finish();
rollback;
