begin;
create extension if not exists pgtap with schema extensions;
select plan(31);

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

select throws_ok(
  $$insert into auction_events (vehicle_id, source_url, outcome, sale_price) values ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a', 'bid_to', 89500)$$,
  '23514', null, 'only a sale has a sale price');
select throws_ok(
  $$insert into auction_events (vehicle_id, source_url, outcome) values ('00000000-0000-4000-8000-000000000001', 'https://www.bringatrailer.com/listing/a/', 'sold')$$,
  '23514', null, 'a record stands under the canonical URL');
select alike(pg_temp.read('{"outcome": "bid_to", "sale_price": 89500, "high_bid": 89500}') -> 'step_errors' ->> 'extract_comments', '%only_a_sale_has_a_sale_price%', 'nor can a reading claim one');
select is((select count(*) from auction_events), 0::bigint, 'and then nothing of it is written');
select throws_ok($$insert into auction_events (vehicle_id, source_url, outcome) values ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a', 'got_away')$$,
  '23514', null, 'outcomes are the known ones');

-- Live, with bids and comments; then sold.
select is(pg_temp.read('{"outcome": "live", "high_bid": 20000, "currency": "USD", "bid_count": 1, "comment_count": 2, "ends_at": "2026-01-12T20:00:00Z", "lot_number": "42"}', '{
  "bids": [{"source_id": "b1", "amount": 20000, "currency": "USD", "bidder": "x", "placed_at": "2026-01-09T00:00:00Z"}],
  "comments": [{"source_id": "c1", "author": "y", "body": "Nice.", "posted_at": "2026-01-09T00:00:00Z", "is_seller": false},
               {"source_id": "c2", "author": "z", "body": "I saw one sell for $95,000.", "posted_at": null, "is_seller": null}]}') ->> 'status', 'applied', 'a live auction is recorded');
select results_eq('select (pg_temp.event()).outcome, (pg_temp.event()).high_bid, (pg_temp.event()).sale_price', $$values ('live', 20000.00, null::numeric)$$, 'a running bid is no sale price');
select results_eq('select (select count(*) from auction_bids), (select count(*) from auction_comments)', 'values (1::bigint, 2::bigint)', 'with its bids and comments');
select pg_temp.read('{"outcome": "live", "high_bid": 21000, "currency": "USD", "bid_count": 2, "comment_count": 3, "ends_at": "2026-01-12T20:00:00Z"}', '{
  "bids": [{"source_id": "b2", "amount": 21000, "currency": "USD"}, {"source_id": "b1", "amount": 20000, "currency": "USD"}, {"source_id": "b2", "amount": 21000, "currency": "USD"}],
  "comments": [{"source_id": "c3", "body": "Bump."}, {"source_id": "c2", "body": "I saw one sell for $95,000. (edited)"}, {"source_id": "c1", "body": "Nice."}]}', p_page_at => '2026-01-11');
select results_eq('select (select count(*) from auction_bids), (select count(*) from auction_comments)', 'values (2::bigint, 3::bigint)',
  'the page read again adds what is new, by the source''s own ids, whatever their order');
select is((select body from auction_comments where source_id = 'c2'), 'I saw one sell for $95,000. (edited)', 'a comment that was edited is');
select is((select author from auction_comments where source_id = 'c2'), 'z', 'and loses nothing');
select is((pg_temp.event()).lot_number, '42', 'what a later page does not say stays known');
select pg_temp.read('{"outcome": "sold", "sale_price": 25000, "high_bid": 25000, "currency": "USD", "ends_at": "2026-01-12T20:02:00Z"}', p_page_at => '2026-01-13');
select results_eq('select (pg_temp.event()).outcome, (pg_temp.event()).sale_price, (pg_temp.event()).bid_count', $$values ('sold', 25000.00, 2)$$, 'a sale has its price');
select is((select count(*) from auction_events), 1::bigint, 'in the same record');

-- An older page that is read again.
select is(pg_temp.read('{"outcome": "live", "high_bid": 20500, "ends_at": "2026-01-12T20:00:00Z"}', '{"bids": [{"source_id": "b0", "amount": 19000}]}', p_page_at => '2026-01-10') ->> 'status', 'applied', 'a snapshot of before');
select results_eq('select (pg_temp.event()).outcome, (pg_temp.event()).sale_price', $$values ('sold', 25000.00)$$, 'does not undo the sale');
select is((select count(*) from auction_bids), 3::bigint, 'though its bids are kept');
select pg_temp.read('{"outcome": "live", "high_bid": 20500}', '{"comments": [{"source_id": "c2", "body": "I saw one sell for $95,000."}]}', p_page_at => '2026-01-10');
select matches((select body from auction_comments where source_id = 'c2'), 'edited', 'nor an edit of a comment');

-- Bids that are struck out, a sale that was none.
select pg_temp.read('{"outcome": "sold", "sale_price": 25000, "bid_count": 3, "buyer": "x"}', '{"bids": [{"source_id": "b1", "amount": 20000}, {"source_id": "b3", "amount": 25000}]}', p_page_at => '2026-01-14');
select is((select count(*) from auction_bids), 4::bigint, 'a page that names some of the bids takes none away');
select pg_temp.read('{"outcome": "bid_to", "high_bid": 20000, "bid_count": 1}', '{"bids": [{"source_id": "b1", "amount": 20000}]}', p_page_at => '2026-01-15');
select results_eq('select source_id from auction_bids', $$values ('b1')$$, 'one that names all takes away what was struck out');
select is((pg_temp.event()).buyer, null, 'who bought nothing is no buyer');
select pg_temp.read('{"outcome": "no_sale", "bid_count": 0}', p_page_at => '2026-01-16');
select is((pg_temp.event()).high_bid, null, 'without a bid there is no highest');

select isnt(pg_temp.read('{"outcome": "withdrawn", "bid_count": 1}', '{"bids": [{"source_id": "b9", "amount": -1}]}', p_page_at => '2026-01-17') -> 'step_errors' -> 'extract_comments', null, 'a bid that cannot be written is a step that failed');
select is((pg_temp.event()).outcome, 'withdrawn', 'and costs nobody how the auction ended');

-- Unsold: a sale price that somebody read into it is taken back.
insert into vehicles (id, discovery_url, sale_price, sale_status) values ('00000000-0000-4000-8000-000000000003', 'https://bringatrailer.com/listing/c', 89500, 'sold');
select is(apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000003", "outcome": "ok", "source_url": "https://bringatrailer.com/listing/c", "method": "bat",
  "facts": {"sale_status": {"value": "bid_to", "confidence": 0.99, "evidence": "Bid to $89,500"}, "high_bid": {"value": 89500, "confidence": 0.99, "evidence": "Bid to $89,500"}},
  "retractions": {"sale_price": {"confidence": 0.99, "evidence": "Bid to $89,500"}},
  "auction": {"outcome": "bid_to", "high_bid": 89500}}]') -> 0 -> 'fields_updated', '["high_bid", "sale_price", "sale_status"]', '"Bid to" corrects the status and takes the price back');
select results_eq($$select sale_status, sale_price, high_bid from vehicles where id = '00000000-0000-4000-8000-000000000003'$$, $$values ('bid_to', null::numeric, 89500.00)$$, 'as the spec asks');

-- Whose auction it is.
select is(pg_temp.read('{"outcome": "sold", "sale_price": 1}', p_url => 'https://bringatrailer.com/listing/c/') -> 'step_errors' ->> 'extract_comments' is not null, true, 'the auction of another vehicle is not taken over');
select is((select sale_price from auction_events where source_url = 'https://bringatrailer.com/listing/c'), null, 'and stays as it is');

-- Sold twice: the sale fields follow the latest.
create function pg_temp.sold(p_url text, p_price integer, p_ends text, p_page_at text) returns void language sql as $$
  select pg_temp.read(jsonb_build_object('outcome', 'sold', 'sale_price', p_price, 'ends_at', p_ends), jsonb_build_object('facts', jsonb_build_object(
    'sale_price', jsonb_build_object('value', p_price, 'confidence', 0.95, 'evidence', 'Sold for'),
    'sale_date', jsonb_build_object('value', left(p_ends, 10), 'confidence', 0.95, 'evidence', 'Sold on'))), p_url, p_page_at)
$$;
select pg_temp.sold('https://bringatrailer.com/listing/a/', 25000, '2026-01-12T20:02:00Z', '2026-01-13');
select pg_temp.sold('https://bringatrailer.com/listing/a-2/', 31000, '2026-06-01T20:00:00Z', '2026-06-02');
select is((select sale_price from vehicles where id = '00000000-0000-4000-8000-000000000001'), 31000.00, 'a relisting moves the sale price');
select is((select count(*) from auction_events where vehicle_id = '00000000-0000-4000-8000-000000000001'), 2::bigint, 'and has a record of its own');
select pg_temp.sold('https://bringatrailer.com/listing/a/', 25500, '2026-01-12T20:02:00Z', '2026-07-01');
select results_eq($$select sale_price, sale_date from vehicles where id = '00000000-0000-4000-8000-000000000001'$$, $$values (31000.00, '2026-06-01'::date)$$,
  'the page of the first, read again, does not move it back');

select * from finish();
rollback;
