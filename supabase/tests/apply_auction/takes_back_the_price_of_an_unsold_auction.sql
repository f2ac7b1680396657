begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
insert into vehicles (id, discovery_url, sale_price, sale_status) values ('00000000-0000-4000-8000-000000000003', 'https://bringatrailer.com/listing/c', 89500, 'sold');

select set_config('vehicles.writer', '', true);
select is(apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000003", "outcome": "ok", "source_url": "https://bringatrailer.com/listing/c", "method": "bat",
  "facts": {"sale_status": {"value": "bid_to", "confidence": 0.99, "evidence": "Bid to $89,500"}, "high_bid": {"value": 89500, "confidence": 0.99, "evidence": "Bid to $89,500"}},
  "retractions": {"sale_price": {"confidence": 0.99, "evidence": "Bid to $89,500"}},
  "auction": {"outcome": "bid_to", "high_bid": 89500}}]') -> 0 -> 'fields_updated', '["high_bid", "sale_price", "sale_status"]', 'a page that says "Bid to" corrects a sold vehicle and takes its sale price back');
select results_eq($$select sale_status, sale_price, high_bid from vehicles where id = '00000000-0000-4000-8000-000000000003'$$, $$values ('bid_to', null::numeric, 89500.00)$$, 'a vehicle whose page says "Bid to" holds the high bid and no sale price');

select * from finish();
rollback;
