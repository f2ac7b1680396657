-- One car with several listings: which of them says whether it is for sale, and for how much.
begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://one.example/1');
insert into vehicle_listings (vehicle_id, listing_url, kind) values
  ('00000000-0000-4000-8000-000000000001', 'https://two.example/2', 'classified'),
  ('00000000-0000-4000-8000-000000000001', 'https://three.example/3', 'auction');
update vehicle_listings set first_seen_at = now() - make_interval(days => 60 - id_rank::integer), listed_at = now() - make_interval(days => 60 - id_rank::integer), last_seen_at = now() - interval '40 days'
from (select id as ranked, row_number() over (order by id) as id_rank from vehicle_listings) r where r.ranked = id;

create function pg_temp.read(p_url text, p_at timestamptz, p_facts jsonb, p_more jsonb default '{}') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', p_url, 'page_at', p_at, 'method', 'm', 'scraper_version', 'v1.0.0')
    || case when p_facts is null then '{}' else jsonb_build_object('facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)) end || p_more)) -> 0
$$;
create function pg_temp.v() returns text language sql as $$
  select concat_ws(' ', sale_status, 'asks', asking_price::integer, 'bid', high_bid::integer, 'paid', sale_price::integer) from vehicles
$$;

select pg_temp.read('https://one.example/1', now() - interval '30 days', '{"sale_status": "for_sale", "asking_price": 5000, "color": "Red"}');
select is(pg_temp.v(), 'for_sale asks 5000 bid paid', 'of one that was read the vehicle has what it says');
select pg_temp.read('https://two.example/2', now() - interval '20 days', '{"sale_status": "for_sale", "asking_price": 5500}');
select is(pg_temp.v(), 'for_sale asks 5500 bid paid', 'of two for sale it follows the one seen last');
select is((select field_state -> 'asking_price' ->> 'listing' from vehicles), (select id::text from vehicle_listings where listing_url = 'https://two.example/2'), 'what is held says from which listing it is');
select pg_temp.read('https://one.example/1', now() - interval '19 days', '{"sale_status": "for_sale", "asking_price": 4900, "color": "Blue"}');
select is(pg_temp.v() || ', ' || (select color from vehicles), 'for_sale asks 5500 bid paid, Blue', 'one seen a day later takes no turn with it; what it says of the car counts');
select pg_temp.read('https://one.example/1', now() - interval '15 days', '{"sale_status": "for_sale", "asking_price": 4800}');
select is(pg_temp.v(), 'for_sale asks 4800 bid paid', 'one that was not seen for days while the other was is left');
select pg_temp.read('https://two.example/2', now() - interval '14 days', '{"sale_status": "for_sale", "asking_price": 5400}');
select is(pg_temp.v(), 'for_sale asks 5400 bid paid', 'and found again when it is seen');
select pg_temp.read('https://two.example/2', now() - interval '13 days', null, '{"outcome": "gone", "error": "404"}');
select is(pg_temp.v(), 'for_sale asks 4800 bid paid', 'when it is removed, the other is still for sale');

select pg_temp.read('https://three.example/3', now() - interval '12 days', '{"sale_status": "live", "high_bid": 3000}', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'high_bid', 3000, 'currency', 'USD', 'ends_at', now() - interval '11 days')));
select is(pg_temp.v(), 'live asks bid 3000 paid', 'an auction goes before what asks a price, and leaves none of that');
select pg_temp.read('https://one.example/1', now() - interval '11 days', '{"sale_status": "for_sale", "asking_price": 4700}');
select is(pg_temp.v(), 'live asks bid 3000 paid', 'a look at the other changes nothing of it');
select pg_temp.read('https://three.example/3', now() - interval '10 days', '{"sale_status": "sold", "sale_price": 4000}', jsonb_build_object('auction', jsonb_build_object('outcome', 'sold', 'high_bid', 4000, 'sale_price', 4000, 'currency', 'USD', 'ends_at', now() - interval '11 days')));
select is((select sale_status || ' ' || sale_price from vehicles), 'sold 4000.00', 'it is sold as the auction was');

insert into vehicle_listings (vehicle_id, listing_url, kind, first_seen_at) values ('00000000-0000-4000-8000-000000000001', 'https://four.example/4', 'dealer', now() - interval '5 days');
select pg_temp.read('https://four.example/4', now() - interval '5 days', '{"sale_status": "for_sale", "asking_price": 6000}');
select is((select sale_status from vehicles), 'sold', 'one that is for sale within a week of its auction is an old offer');
insert into vehicle_listings (vehicle_id, listing_url, kind, first_seen_at) values ('00000000-0000-4000-8000-000000000001', 'https://five.example/5', 'dealer', now() - interval '1 day');
select pg_temp.read('https://five.example/5', now(), '{"sale_status": "for_sale", "asking_price": 7000}');
select is(pg_temp.v(), 'for_sale asks 7000 bid paid', 'one that is found for sale later has a new owner who sells it');
select pg_temp.read('https://five.example/5', now(), null, '{"outcome": "gone", "error": "404"}');
select is((select sale_status || ' ' || sale_price from vehicles), 'sold 4000.00', 'and when that is gone, the auction is what is known');

select * from finish();
rollback;
