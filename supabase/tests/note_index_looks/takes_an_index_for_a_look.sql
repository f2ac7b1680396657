begin;
create extension if not exists pgtap with schema extensions;
select plan(18);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(1);
insert into vehicle_listings (vehicle_id, listing_url, kind, status, price, currency, first_seen_at, last_seen_at)
select pg_temp.id(1), 'https://cars.example/' || n, 'dealer', 'for_sale', 5000, 'USD', now() - interval '9 days', now() - interval '1 day' from generate_series(1, 9) n;
update vehicle_listings set status = 'live', kind = 'auction' where listing_url in ('https://cars.example/6', 'https://cars.example/7');
update listing_checks set known_at = now() - interval '1 day', requeue_at = now() + interval '20 hours';
update listing_checks set known_at = now() - interval '1 hour' where listing_url = 'https://cars.example/8';
update vehicle_listings set last_seen_at = now() - interval '1 hour' where listing_url = 'https://cars.example/8';
update listing_checks set status = 'pending', next_attempt_at = null, requeue_at = now() - interval '1 minute' where listing_url = 'https://cars.example/9';
create temp table found as select '[
  {"url": "https://cars.example/1", "price": 5000, "price_kind": "asking", "currency": "USD"}, {"url": "https://www.cars.example/2/"}, {"url": "https://cars.example/3", "price": 4500, "price_kind": "asking", "currency": "USD"},
  {"url": "https://cars.example/4", "price": 4500, "currency": "EUR"}, {"url": "https://cars.example/5", "price": 5000, "price_kind": "sale", "currency": "USD"},
  {"url": "https://cars.example/6", "price": 9000, "price_kind": "bid", "currency": "USD"}, {"url": "https://cars.example/7", "ended": true}, {"url": "https://cars.example/8", "price": 5000},
  {"url": "https://cars.example/9", "price": 5000}, {"url": "https://cars.example/new", "price": 1}]'::jsonb as items;
create temp table before as select to_jsonb(v) - 'updated_at' as v from vehicles v;
create view pg_temp.c as select right(listing_url, 1)::integer as n, * from listing_checks;

select is((select enqueue_listings(items, 'https://cars.example/list') - 'mistakes' from found), '{"queued": 1, "known": 9, "refreshed": 0, "refused": 0}', 'an index page is taken as before');
select results_eq('select requeue_at between now() + interval ''22 hours'' and now() + interval ''26 hours'', known_at from pg_temp.c where n = 1', $$values (true, now())$$, 'the same price puts the next look off by a day: price and status are known');
select results_eq('select requeue_at between now() + interval ''22 hours'' and now() + interval ''26 hours'', known_at from pg_temp.c where n = 2', $$values (true, now() - interval '1 day')$$, 'no price puts it off too');
select is((select requeue_at from pg_temp.c where n = 3), now(), 'another price makes it due');
select is((select requeue_at > now() + interval '19 hours' from pg_temp.c where n = 4), true, 'a sum in another currency says nothing of the price');
select is((select requeue_at from pg_temp.c where n = 5), now(), 'a sale makes it due');
select is((select requeue_at from pg_temp.c where n = 6), now() + interval '20 hours', 'a bid on a live auction changes nothing: its end is waited for');
select is((select requeue_at from pg_temp.c where n = 7), now(), 'an auction that has ended is due');
select results_eq('select known_at, requeue_at from pg_temp.c where n = 8', $$values (now() - interval '1 hour', now() + interval '20 hours')$$, 'what was looked at within twelve hours is left as it is');
select results_eq('select status, requeue_at > now() + interval ''22 hours'' from pg_temp.c where n = 9', $$values ('complete', true)$$, 'what was due need not be fetched');
select results_eq('select right(l.listing_url, 1), k.gap_days, k.changed from listing_looks k join vehicle_listings l on l.id = k.listing_id where way = ''index'' order by 1', $$values
  ('1', 1::real, false), ('2', null, false), ('4', null, false), ('6', null, false), ('9', 1::real, false)$$, 'looks are on record; what says nothing of the price has no gap');
select results_eq('select right(listing_url, 1) from vehicle_listings where last_seen_at = now() order by 1', $$values ('1'), ('2'), ('4'), ('6'), ('9')$$, 'what is named still stands there');
select results_eq('select to_jsonb(v) - ''updated_at'' from vehicles v', 'select v from before', 'what an index says is no fact of a vehicle');

update listing_checks set known_at = now(), requeue_at = now() + interval '40 hours' where listing_url = 'https://cars.example/3';
select enqueue_listings(items, 'https://cars.example/list') from found;
select is((select requeue_at > now() + interval '22 hours' from pg_temp.c where n = 3), true, 'an index that goes on stating another price than the page brings no look again');

update listing_checks set known_at = now() - interval '47 hours' where listing_url = 'https://cars.example/2';
update vehicle_listings set last_seen_at = now() - interval '13 hours' where listing_url = 'https://cars.example/2';
select enqueue_listings(items, 'https://cars.example/list') from found;
select is((select round(extract(epoch from requeue_at - now()) / 3600, 1) from pg_temp.c where n = 2), 1.4, 'but a tenth of the time between two looks at most: its price was not seen');

-- One that was removed.
update vehicle_listings set page_at = now() - interval '2 days' where listing_url = 'https://cars.example/1';
update vehicle_listings set status = 'removed', ended_at = now(), ended_because = 'gone' where listing_url = 'https://cars.example/1';
select enqueue_listings(items, 'https://cars.example/list') from found;
select results_eq('select status, priority = private.minute_of(now()) from pg_temp.c where n = 1', $$values ('pending', true)$$, 'a listing that was removed and is named again is looked at');
delete from listing_checks where listing_url = 'https://cars.example/1';
update vehicle_listings set page_at = now() - interval '2 hours' where listing_url = 'https://cars.example/1';
select enqueue_listings(items, 'https://cars.example/list') from found;
select is_empty('select * from pg_temp.c where n = 1', 'once a day');
select is((select count(*) from worker_invocations where function_name = 'check-listings'), 1::bigint, 'its worker is invoked');

select * from finish();
rollback;
