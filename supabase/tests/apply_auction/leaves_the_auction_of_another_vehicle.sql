begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url) values
  ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a/'),
  ('00000000-0000-4000-8000-000000000002', 'https://bringatrailer.com/listing/b/');

create function pg_temp.read(p_auction jsonb, p_more jsonb default '{}', p_url text default 'https://bringatrailer.com/listing/a/', p_page_at text default '2026-01-10') returns jsonb
language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', p_url, 'page_at', p_page_at,
    'method', 'bat', 'scraper_version', 'v1.0.0', 'auction', p_auction) || p_more)) -> 0
$$;
select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
insert into vehicles (id, discovery_url, sale_price, sale_status) values ('00000000-0000-4000-8000-000000000003', 'https://bringatrailer.com/listing/c', 89500, 'sold');
select set_config('vehicles.writer', '', true);

select is(apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000003", "outcome": "ok", "source_url": "https://bringatrailer.com/listing/c", "method": "bat",
  "facts": {"sale_status": {"value": "bid_to", "confidence": 0.99, "evidence": "Bid to $89,500"}, "high_bid": {"value": 89500, "confidence": 0.99, "evidence": "Bid to $89,500"}},
  "retractions": {"sale_price": {"confidence": 0.99, "evidence": "Bid to $89,500"}},
  "auction": {"outcome": "bid_to", "high_bid": 89500}}]') -> 0 -> 'fields_updated', '["high_bid", "sale_price", "sale_status"]', 'a page that says "Bid to" corrects a sold vehicle and takes its sale price back');
select is(pg_temp.read('{"outcome": "sold", "sale_price": 1}', p_url => 'https://bringatrailer.com/listing/c/') -> 'step_errors' ->> 'extract_comments' is not null, true, 'the auction of another vehicle is an error of the extract_comments step');
select is((select sale_price from auction_events where source_url = 'https://bringatrailer.com/listing/c'), null, 'the auction of another vehicle keeps its record');

select * from finish();
rollback;
