-- A classified that is found, drops its price twice, vanishes and comes back; an auction that ends in a sale.
begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.read(p_at timestamptz, p_facts jsonb default null, p_more jsonb default '{}', n integer default 1) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', pg_temp.id(n), 'outcome', 'ok', 'source_url', 'https://cars.example/' || n, 'page_at', p_at, 'method', 'cars', 'scraper_version', 'v1.0.0')
    || case when p_facts is not null then jsonb_build_object('facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)) else '{}' end
    || p_more)) -> 0
$$;
create function pg_temp.events(n integer default 1) returns setof text language sql as $$
  select concat_ws(' ', e.event, e.status_from, '>', e.status_to, e.price_from::integer, '>', e.price_to::integer)
  from listing_events e join vehicle_listings l on l.id = e.listing_id where l.vehicle_id = pg_temp.id(n) order by e.at, e.id
$$;
create function pg_temp.listing(n integer default 1) returns vehicle_listings language sql as $$ select l from vehicle_listings l where vehicle_id = pg_temp.id(n) $$;

insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://cars.example/1'), (pg_temp.id(2), 'https://cars.example/2');
select is((pg_temp.listing()).status, 'unknown', 'a vehicle that comes has a listing of which nothing is known');
select is_empty('select * from pg_temp.events()', 'before it is read nothing has happened there');

select pg_temp.read('2026-01-01', '{"year": 1990, "make": "Saab", "sale_status": "for_sale", "asking_price": 9000, "currency": "USD", "seller_name": "Ann", "mileage": 100000}');
select results_eq($$select status, price, currency, seller, title, mileage, kind from vehicle_listings where vehicle_id = pg_temp.id(1)$$,
  $$values ('for_sale', 9000.00, 'USD', 'Ann', '1990 Saab', 100000, 'dealer')$$, 'a reading says how the listing stands');
select results_eq('select * from pg_temp.events()', array['seen > for_sale > 9000'], 'the first reading is when it was seen');
select pg_temp.read('2026-01-02', '{"sale_status": "for_sale", "asking_price": 9000, "currency": "USD"}');
select is((select count(*) from listing_events), 1::bigint, 'the same again is no event');
select pg_temp.read('2026-01-03', '{"sale_status": "for_sale", "asking_price": 8500, "currency": "USD"}');
select pg_temp.read('2026-01-02T12:00:00Z', '{"sale_status": "for_sale", "asking_price": 8800, "currency": "USD"}');
select pg_temp.read('2026-01-04', '{"vin": "YS3AT35S8M7000000"}');
select pg_temp.read('2026-01-05', '{"sale_status": "for_sale", "asking_price": 7900, "currency": "USD"}');
select results_eq('select * from pg_temp.events()', array['seen > for_sale > 9000', 'price_changed for_sale > for_sale 9000 > 8500', 'price_changed for_sale > for_sale 8500 > 7900'],
  'two drops of the price are two events; an older page and one that speaks of no price are none');
select is((select asking_price from vehicles where id = pg_temp.id(1)), 7900.00, 'the vehicle asks what its listing asks');

select pg_temp.read('2026-01-06', null, '{"outcome": "timeout", "error": "no answer"}');
select is((pg_temp.listing()).status, 'for_sale', 'a listing that does not answer is still for sale');
select pg_temp.read('2026-01-07', null, '{"outcome": "gone", "error": "404"}');
select results_eq($$select status, ended_at, ended_because, price from vehicle_listings where vehicle_id = pg_temp.id(1)$$,
  $$values ('removed', '2026-01-07'::timestamptz, 'the listing was removed: 404', 7900.00)$$, 'a listing that is gone is removed, and never sold');
select is((select sale_status from vehicles where id = pg_temp.id(1)), null, 'how it ended nobody knows');
select pg_temp.read('2026-01-09', '{"sale_status": "for_sale", "asking_price": 7500, "currency": "USD"}');
select is((select sale_status || ' ' || asking_price from vehicles where id = pg_temp.id(1)), 'for_sale 7500.00', 'one that stands there again is for sale again');
select pg_temp.read('2026-01-10', '{"sale_status": "sold", "sale_price": 7000, "currency": "USD"}');
select results_eq('select * from pg_temp.events() offset 3', array['removed for_sale > removed 7900 > 7900', 'relisted removed > for_sale 7900 > 7500', 'sold for_sale > sold 7500 > 7000'],
  'removed, listed again, sold: each with its price');
select is(has_table_privilege('service_role', 'listing_events', 'update') or has_table_privilege('service_role', 'listing_events', 'delete'), false, 'events are only ever added');

select pg_temp.read('2026-01-01', '{"sale_status": "live", "high_bid": 100}', '{"auction": {"outcome": "live", "high_bid": 100, "currency": "USD", "ends_at": "2026-01-08T20:00:00Z"}}', 2);
select pg_temp.read('2026-01-09', '{"sale_status": "sold", "sale_price": 300}', '{"auction": {"outcome": "sold", "high_bid": 300, "sale_price": 300, "currency": "USD", "ends_at": "2026-01-08T20:00:00Z"}}', 2);
select results_eq('select * from pg_temp.events(2)', array['seen > live > 100', 'sold live > sold 100 > 300'], 'an auction that ends is sold for what was paid');
select results_eq($$select kind, status, listed_at, ended_at from vehicle_listings where vehicle_id = pg_temp.id(2)$$,
  $$values ('auction', 'sold', '2026-01-01T20:00:00Z'::timestamptz, '2026-01-08T20:00:00Z'::timestamptz)$$, 'it began a week before its end, where its page says only that, and ended when the auction did');
select pg_temp.read('2026-02-01', null, '{"outcome": "gone", "error": "410"}', 2);
select is((pg_temp.listing(2)).status, 'sold', 'what was sold stays sold when its page goes');

select results_eq($$select event, status, price::integer from vehicle_history(pg_temp.id(1))$$,
  $$values ('seen', 'for_sale', 9000), ('price_changed', 'for_sale', 8500), ('price_changed', 'for_sale', 7900), ('removed', 'removed', 7900), ('relisted', 'for_sale', 7500), ('sold', 'sold', 7000)$$,
  'vehicle_history() tells all of it in order');

select * from finish();
rollback;
