begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

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

-- Live, with bids and comments; then sold.
select is(pg_temp.read('{"outcome": "live", "high_bid": 20000, "currency": "USD", "bid_count": 1, "comment_count": 2, "ends_at": "2026-01-12T20:00:00Z", "lot_number": "42"}', '{
  "bids": [{"source_id": "b1", "amount": 20000, "currency": "USD", "bidder": "x", "placed_at": "2026-01-09T00:00:00Z"}],
  "comments": [{"source_id": "c1", "author": "y", "body": "Nice.", "posted_at": "2026-01-09T00:00:00Z", "is_seller": false},
               {"source_id": "c2", "author": "z", "body": "I saw one sell for $95,000.", "posted_at": null, "is_seller": null}]}') ->> 'outcome', 'ok', 'a reading of a live auction is applied');
select results_eq('select (pg_temp.event()).outcome, (pg_temp.event()).high_bid, (pg_temp.event()).sale_price', $$values ('live', 20000.00, null::numeric)$$, 'a live auction has its high bid and no sale price');
select results_eq('select (select count(*) from auction_bids), (select count(*) from auction_comments)', 'values (1::bigint, 2::bigint)', 'a live auction has its bids and comments');
select pg_temp.read('{"outcome": "live", "high_bid": 21000, "currency": "USD", "bid_count": 2, "comment_count": 3, "ends_at": "2026-01-12T20:00:00Z"}', '{
  "bids": [{"source_id": "b2", "amount": 21000, "currency": "USD"}, {"source_id": "b1", "amount": 20000, "currency": "USD"}, {"source_id": "b2", "amount": 21000, "currency": "USD"}],
  "comments": [{"source_id": "c3", "body": "Bump."}, {"source_id": "c2", "body": "I saw one sell for $95,000. (edited)"}, {"source_id": "c1", "body": "Nice."}]}', p_page_at => '2026-01-11');
select results_eq('select (select count(*) from auction_bids), (select count(*) from auction_comments)', 'values (2::bigint, 3::bigint)',
  'a page that is read again adds its new bids and comments by the source''s ids, whatever their order');
select is((select body from auction_comments where source_id = 'c2'), 'I saw one sell for $95,000. (edited)', 'a comment that was edited at the source is edited');
select is((select author from auction_comments where source_id = 'c2'), 'z', 'a comment that was edited keeps the author that was known');
select is((pg_temp.event()).lot_number, '42', 'an auction keeps its lot number when a later page does not state it');
select pg_temp.read('{"outcome": "sold", "sale_price": 25000, "high_bid": 25000, "currency": "USD", "ends_at": "2026-01-12T20:02:00Z"}', p_page_at => '2026-01-13');
select results_eq('select (pg_temp.event()).outcome, (pg_temp.event()).sale_price, (pg_temp.event()).bid_count', $$values ('sold', 25000.00, 2)$$, 'a sold auction has its sale price and the bid count that was known');
select is((select count(*) from auction_events), 1::bigint, 'an auction that was live and is sold is one record');

select * from finish();
rollback;
