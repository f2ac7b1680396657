-- A person changes an address: it is a listing of the vehicle, and none of another.
begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

create function pg_temp.read(p_url text, p_at timestamptz, p_facts jsonb, p_more jsonb default '{}') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', p_url, 'page_at', p_at, 'method', 'm', 'scraper_version', 'v1.0.0')
    || case when p_facts is null then '{}' else jsonb_build_object('facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)) end || p_more)) -> 0
$$;
create function pg_temp.listings() returns text language sql as $$
  select string_agg(concat_ws(' ', listing_url, status, price::integer), ', ' order by id) from vehicle_listings where vehicle_id = '00000000-0000-4000-8000-000000000001'
$$;

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://one.example/1');
update vehicle_listings set first_seen_at = now() - interval '9 days', listed_at = now() - interval '9 days';
select pg_temp.read('https://one.example/1', now() - interval '3 days', '{"sale_status": "for_sale", "asking_price": 5000}');
update vehicles set listing_url = 'https://new.example/2';
select is(pg_temp.listings(), 'https://one.example/1 for_sale 5000, https://new.example/2 unknown', 'an address given by hand is a listing of which nothing is known');
select pg_temp.read('https://new.example/2', now() - interval '1 hour', null, '{"outcome": "gone", "error": "404"}');
select is((select string_agg(concat_ws(' ', event, price_from, price_to), ', ' order by e.id) from listing_events e join vehicle_listings l on l.id = listing_id where listing_url = 'https://new.example/2'), 'seen',
  'one that is gone when it is read first has never had the price of the other');

update vehicles set listing_url = 'https://hand.example/3';
select pg_temp.read('https://one.example/1', now(), '{"sale_status": "for_sale", "asking_price": 5100}');
select is((select concat_ws(' ', discovery_url, listing_url) from vehicles), 'https://one.example/1 https://hand.example/3', 'an address given by hand to one with several outlives the next reading of another');
update vehicles set bat_auction_url = 'https://bringatrailer.com/listing/x';
select is((select concat_ws(' ', listing_url, bat_auction_url) from vehicles), 'https://hand.example/3 https://bringatrailer.com/listing/x', 'an auction given beside it moves no other column');

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000002', 'https://other.example/1');
select throws_ok($$update vehicles set listing_url = 'http://hand.example/3/' where id = '00000000-0000-4000-8000-000000000002'$$, '23505', null, 'the second listing of another is refused');
select throws_ok($$update vehicles set bat_auction_url = 'https://bringatrailer.com/listing/x' where id = '00000000-0000-4000-8000-000000000002'$$, '23505', null, 'and so is its auction');

-- A slip of the hand leaves nothing; what was read stays.
select is((select count(*)::int from vehicle_listings where vehicle_id = '00000000-0000-4000-8000-000000000002'), 1, 'what was refused left no listing');
update vehicles set discovery_url = 'https://other.example/slip' where id = '00000000-0000-4000-8000-000000000002';
update vehicles set discovery_url = 'https://other.example/2' where id = '00000000-0000-4000-8000-000000000002';
select is((select string_agg(listing_url, ', ') from vehicle_listings where vehicle_id = '00000000-0000-4000-8000-000000000002'), 'https://other.example/2', 'an address that is corrected before it was read is no listing any more');
update vehicles set listing_url = 'https://one.example/1', bat_auction_url = null where id = '00000000-0000-4000-8000-000000000001';
select is(pg_temp.listings(), 'https://one.example/1 for_sale 5100, https://new.example/2 removed', 'nor is one that is cleared, and what was read stays');
update vehicles set discovery_url = null, listing_url = null where id = '00000000-0000-4000-8000-000000000002';
select is((select count(*)::int from vehicle_listings where vehicle_id = '00000000-0000-4000-8000-000000000002'), 0, 'nor the only one, when it is cleared');

select * from finish();
rollback;
