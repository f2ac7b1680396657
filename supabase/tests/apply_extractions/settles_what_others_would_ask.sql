begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.item(n integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://bringatrailer.com/listing/' || n, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'images', '[]'::jsonb, 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb) || p_more
$$;
create function pg_temp.apply(p_item jsonb) returns jsonb language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 $$;
create function pg_temp.state(n integer) returns text language sql as $$ select state from micro_scrape_state where vehicle_id = pg_temp.id(n) $$;
create function pg_temp.queued(n integer) returns text language sql as $$ select status from bat_extraction_queue where vehicle_id = pg_temp.id(n) $$;

insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;
create temp table mine as select c from jsonb_array_elements(claim_queue('bat_extraction_queue', 1, array[pg_temp.id(1)])) c;

-- What was read settles what others would have asked.
select is(pg_temp.apply(pg_temp.item(1, jsonb_build_object('request', (select jsonb_build_object('queue', 'bat_extraction_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token') from mine)))) ->> 'state', 'complete', 'a reading completes the row of bat_extraction_queue that asked for it');
select is(pg_temp.state(1), 'waiting', 'a reading for bat_extraction_queue is the vehicle''s micro-scrape pass');
select is(pg_temp.apply(pg_temp.item(2)) ->> 'outcome', 'ok', 'a reading that nothing asked for is applied');
select is(pg_temp.queued(2) || ' ' || pg_temp.state(2), 'complete waiting', 'a reading that nothing asked for completes the row of bat_extraction_queue and is the vehicle''s pass');
select is(pg_temp.apply(pg_temp.item(3) - 'bids') ->> 'outcome', 'ok', 'a reading without bids is applied');
select is(pg_temp.queued(3) || ' ' || pg_temp.state(3), 'pending waiting', 'a reading without bids leaves the row of bat_extraction_queue pending');
select is(pg_temp.apply(pg_temp.item(4, '{"page_at": "2026-01-01"}')) ->> 'outcome', 'ok', 'a reading of an old page is applied');
select is(pg_temp.queued(4) || ' ' || pg_temp.state(4), 'pending due', 'a reading of an old page settles neither queue row nor pass');
select is(pg_temp.apply(pg_temp.item(5, '{"outcome": "gone", "error": "404"}') - 'facts') ->> 'outcome', 'gone', 'a reading of a removed listing is applied');
select is(pg_temp.queued(5) || ' ' || pg_temp.state(5), 'failed ended', 'a reading of a removed listing fails the queue row and ends the vehicle');
create temp table passing as select c from jsonb_array_elements(claim_micro_scrape(1, array[pg_temp.id(6)])) c;
select is(pg_temp.apply(pg_temp.item(6)) ->> 'outcome', 'ok', 'a reading of a vehicle that a pass has leased is applied');
select is(pg_temp.state(6), 'leased', 'a vehicle stays leased when another reading comes before its pass');
select is(pg_temp.apply(pg_temp.item(6, jsonb_build_object('request', (select jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', c -> 'lease_token') from passing)))) ->> 'outcome', 'ok', 'a pass is applied though another reading came before it');

select * from finish();
rollback;
