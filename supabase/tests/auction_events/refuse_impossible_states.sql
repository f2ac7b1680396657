begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url) values
  ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a/'),
  ('00000000-0000-4000-8000-000000000002', 'https://bringatrailer.com/listing/b/');

select throws_ok(
  $$insert into auction_events (vehicle_id, source_url, outcome, sale_price) values ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a', 'bid_to', 89500)$$,
  '23514', null, 'a record of an unsold auction with a sale price is refused');
select throws_ok(
  $$insert into auction_events (vehicle_id, source_url, outcome) values ('00000000-0000-4000-8000-000000000001', 'https://www.bringatrailer.com/listing/a/', 'sold')$$,
  '23514', null, 'a record under a URL that is not canonical is refused');
select throws_ok($$insert into auction_events (vehicle_id, source_url, outcome) values ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a', 'got_away')$$,
  '23514', null, 'a record with an unknown outcome is refused');

select * from finish();
rollback;
