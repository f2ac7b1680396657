begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.item(n integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://bringatrailer.com/listing/' || n, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'images', '[]'::jsonb, 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb) || p_more
$$;
create function pg_temp.apply(p_item jsonb) returns jsonb language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;

select is(pg_temp.apply(pg_temp.item(6, jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '2 days'), 'facts', '{"sale_status": {"value": "live", "confidence": 0.97, "evidence": "e"}}'::jsonb))) ->> 'outcome', 'ok', 'a reading of a live auction is applied');
select is((select due_at from micro_scrape_state where vehicle_id = pg_temp.id(6)), now() + interval '2 days 10 minutes', 'a vehicle with a live auction is due ten minutes after its end');
select is((select count(*) from queue_bat_backfill_vehicles(50, 75) where vehicle_id = pg_temp.id(6) and reason = 'auction_ended'), 0::bigint, 'a live auction is not queued as auction_ended before its end');
update auction_events set ends_at = now() - interval '1 hour' where vehicle_id = pg_temp.id(6);
update bat_extraction_queue set processed_at = now() - interval '2 days' where vehicle_id = pg_temp.id(6);
select is((select reason from queue_bat_backfill_vehicles(50, 75) where vehicle_id = pg_temp.id(6) and reason = 'auction_ended'), 'auction_ended', 'an auction that has ended since its reading is queued as auction_ended');

select * from finish();
rollback;
