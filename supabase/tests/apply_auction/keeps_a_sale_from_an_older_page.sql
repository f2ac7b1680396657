-- A snapshot of before the sale that is read again.
begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

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

select is(pg_temp.read('{"outcome": "live", "high_bid": 20000, "currency": "USD", "bid_count": 1, "comment_count": 2, "ends_at": "2026-01-12T20:00:00Z", "lot_number": "42"}', '{
  "bids": [{"source_id": "b1", "amount": 20000, "currency": "USD", "bidder": "x", "placed_at": "2026-01-09T00:00:00Z"}],
  "comments": [{"source_id": "c1", "author": "y", "body": "Nice.", "posted_at": "2026-01-09T00:00:00Z", "is_seller": false},
               {"source_id": "c2", "author": "z", "body": "I saw one sell for $95,000.", "posted_at": null, "is_seller": null}]}') ->> 'outcome', 'ok', 'a reading of a live auction is applied');
select pg_temp.read('{"outcome": "live", "high_bid": 21000, "currency": "USD", "bid_count": 2, "comment_count": 3, "ends_at": "2026-01-12T20:00:00Z"}', '{
  "bids": [{"source_id": "b2", "amount": 21000, "currency": "USD"}, {"source_id": "b1", "amount": 20000, "currency": "USD"}, {"source_id": "b2", "amount": 21000, "currency": "USD"}],
  "comments": [{"source_id": "c3", "body": "Bump."}, {"source_id": "c2", "body": "I saw one sell for $95,000. (edited)"}, {"source_id": "c1", "body": "Nice."}]}', p_page_at => '2026-01-11');
select pg_temp.read('{"outcome": "sold", "sale_price": 25000, "high_bid": 25000, "currency": "USD", "ends_at": "2026-01-12T20:02:00Z"}', p_page_at => '2026-01-13');
select is(pg_temp.read('{"outcome": "live", "high_bid": 20500, "ends_at": "2026-01-12T20:00:00Z"}', '{"bids": [{"source_id": "b0", "amount": 19000}]}', p_page_at => '2026-01-10') ->> 'outcome', 'ok', 'a reading of an older page of a sold auction is applied');
select results_eq('select (pg_temp.event()).outcome, (pg_temp.event()).sale_price', $$values ('sold', 25000.00)$$, 'an older page does not undo a sale');
select is((select count(*) from auction_bids), 3::bigint, 'an older page adds its bids to a sold auction');
select pg_temp.read('{"outcome": "live", "high_bid": 20500}', '{"comments": [{"source_id": "c2", "body": "I saw one sell for $95,000."}]}', p_page_at => '2026-01-10');
select matches((select body from auction_comments where source_id = 'c2'), 'edited', 'an older page does not undo the edit of a comment');

select * from finish();
rollback;
