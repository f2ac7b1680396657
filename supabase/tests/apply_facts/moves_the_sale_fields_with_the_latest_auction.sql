-- A car that is sold twice.
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
create function pg_temp.sold(p_url text, p_price integer, p_ends text, p_page_at text) returns void language sql as $$
  select pg_temp.read(jsonb_build_object('outcome', 'sold', 'sale_price', p_price, 'ends_at', p_ends), jsonb_build_object('facts', jsonb_build_object(
    'sale_price', jsonb_build_object('value', p_price, 'confidence', 0.95, 'evidence', 'Sold for'),
    'sale_date', jsonb_build_object('value', left(p_ends, 10), 'confidence', 0.95, 'evidence', 'Sold on'))), p_url, p_page_at)
$$;
select pg_temp.sold('https://bringatrailer.com/listing/a/', 25000, '2026-01-12T20:02:00Z', '2026-01-13');
insert into vehicle_listings (vehicle_id, listing_url, kind) values ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a-2/', 'auction');
select pg_temp.sold('https://bringatrailer.com/listing/a-2/', 31000, '2026-06-01T20:00:00Z', '2026-06-02');

select is((select sale_price from vehicles where id = '00000000-0000-4000-8000-000000000001'), 31000.00, 'a later sale moves the vehicle''s sale price');
select is((select count(*) from auction_events where vehicle_id = '00000000-0000-4000-8000-000000000001'), 2::bigint, 'a later sale of a vehicle is a record of its own');
select pg_temp.sold('https://bringatrailer.com/listing/a/', 25500, '2026-01-12T20:02:00Z', '2026-07-01');
select results_eq($$select sale_price, sale_date from vehicles where id = '00000000-0000-4000-8000-000000000001'$$, $$values (31000.00, '2026-06-01'::date)$$,
  'the page of the earlier sale, read again, does not move the sale price back');

select * from finish();
rollback;
