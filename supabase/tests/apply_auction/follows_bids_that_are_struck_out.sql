begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into vehicles (id, discovery_url) values
  ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a/'),
  ('00000000-0000-4000-8000-000000000002', 'https://bringatrailer.com/listing/b/');

create function pg_temp.read(p_auction jsonb, p_more jsonb default '{}', p_url text default 'https://bringatrailer.com/listing/a/', p_page_at text default '2026-01-10') returns jsonb
language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', p_url, 'page_at', p_page_at,
    'method', 'bat', 'scraper_version', 'v1.0.0', 'auction', p_auction) || p_more)) -> 0
$$;
create function pg_temp.event() returns auction_events language sql as $$ select e from auction_events e where source_url = 'https://bringatrailer.com/listing/a' $$;

select pg_temp.read('{"outcome": "live", "high_bid": 21000}', '{"bids": [{"source_id": "b0", "amount": 19000}, {"source_id": "b2", "amount": 21000}]}', p_page_at => '2026-01-13');
select pg_temp.read('{"outcome": "sold", "sale_price": 25000, "bid_count": 3, "buyer": "x"}', '{"bids": [{"source_id": "b1", "amount": 20000}, {"source_id": "b3", "amount": 25000}]}', p_page_at => '2026-01-14');

select is((select count(*) from auction_bids), 4::bigint, 'a page that names some of the bids takes no bid away');
select pg_temp.read('{"outcome": "bid_to", "high_bid": 20000, "bid_count": 1}', '{"bids": [{"source_id": "b1", "amount": 20000}]}', p_page_at => '2026-01-15');
select results_eq('select source_id from auction_bids', $$values ('b1')$$, 'a page that names all bids takes away those that were struck out');
select is((pg_temp.event()).buyer, null, 'an auction that turned out unsold has no buyer');
select pg_temp.read('{"outcome": "no_sale", "bid_count": 0}', p_page_at => '2026-01-16');
select is((pg_temp.event()).high_bid, null, 'an auction without bids has no high bid');

select isnt(pg_temp.read('{"outcome": "withdrawn", "bid_count": 1}', '{"bids": [{"source_id": "b9", "amount": -1}]}', p_page_at => '2026-01-17') -> 'step_errors' -> 'extract_comments', null, 'a bid that cannot be written is an error of the extract_comments step');
select is((pg_temp.event()).outcome, 'withdrawn', 'a bid that cannot be written does not cost the outcome of the auction');

select * from finish();
rollback;
