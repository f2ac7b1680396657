begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.item(n integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://bringatrailer.com/listing/' || n, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'images', '[]'::jsonb, 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb) || p_more
$$;
create function pg_temp.apply(p_item jsonb) returns jsonb language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;

select is(pg_temp.apply(pg_temp.item(6, jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '2 days'), 'facts', '{"sale_status": {"value": "live", "confidence": 0.97, "evidence": "e"}}'::jsonb))) ->> 'outcome', 'ok', 'a reading of a live auction is applied');
select is((select sale_status from vehicles where id = pg_temp.id(6)), 'live', 'a vehicle whose auction runs has sale_status live');
select is(pg_temp.apply(pg_temp.item(6, '{"outcome": "gone", "error": "404"}') - 'facts') ->> 'fields_updated', '["sale_status"]', 'a reading that says the live listing is gone takes sale_status back');
select is((select coalesce(sale_status, 'none') || ' ' || (field_state -> 'sale_status' ->> 'why') from vehicles where id = pg_temp.id(6)), 'none retracted', 'a vehicle whose live listing is gone has no sale_status, with the reason retracted');
select is((select outcome from auction_events where vehicle_id = pg_temp.id(6)), 'unknown', 'the auction of a live listing that is gone has an unknown outcome');

select * from finish();
rollback;
