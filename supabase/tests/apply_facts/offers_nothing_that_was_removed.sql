-- A listing at which nothing is offered any more leaves no vehicle for sale for ever.
begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.read(p_vehicle text, p_url text, p_at timestamptz, p_facts jsonb, p_more jsonb default '{}') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', p_vehicle, 'outcome', 'ok', 'source_url', p_url, 'page_at', p_at, 'method', 'm', 'scraper_version', 'v1.0.0')
    || case when p_facts is null then '{}' else jsonb_build_object('facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)) end || p_more)) -> 0
$$;

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://one.example/1');
select pg_temp.read('00000000-0000-4000-8000-000000000001', 'https://one.example/1', now() - interval '3 days', '{"sale_status": "for_sale", "asking_price": 5000, "vin": "1HGCM82633A004352", "year": 2003, "make": "Honda"}');
select pg_temp.read('00000000-0000-4000-8000-000000000001', 'https://one.example/1', now(), '{"sale_status": "for_sale", "asking_price": 900, "vin": "5UXWX7C5XBA123456", "year": 2011, "make": "BMW"}');
select is((select status from vehicle_listings), 'removed', 'a listing at which another car stands is removed');
select is((select concat_ws(' ', make, coalesce(sale_status, 'unknown'), asking_price::integer) from vehicles), 'Honda unknown 5000', 'the car that stood there is not for sale any more; what it asked stays');

delete from vehicles;
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000002', 'https://auction.example/1');
update vehicle_listings set first_seen_at = now() - interval '9 days', listed_at = now() - interval '9 days';
select pg_temp.read('00000000-0000-4000-8000-000000000002', 'https://auction.example/1', now() - interval '5 days', '{"sale_status": "live", "high_bid": 5000}',
  jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'high_bid', 5000, 'currency', 'USD', 'starts_at', now() - interval '9 days', 'ends_at', now() + interval '1 day')));
insert into vehicle_listings (vehicle_id, listing_url, kind, first_seen_at, listed_at) values ('00000000-0000-4000-8000-000000000002', 'https://classified.example/2', 'classified', now() - interval '2 days', now() - interval '2 days');
select pg_temp.read('00000000-0000-4000-8000-000000000002', 'https://classified.example/2', now() - interval '1 day', '{"sale_status": "for_sale", "asking_price": 7000}');
select is((select sale_status || ' ' || listing_url from vehicles), 'live https://classified.example/2', 'an auction is followed while another listing is the newest');
select pg_temp.read('00000000-0000-4000-8000-000000000002', 'https://auction.example/1', now() - interval '1 hour', null, '{"outcome": "gone", "error": "404"}');
select is((select sale_status from vehicles), null, 'an auction that was removed is not live any more, whichever listing is the newest');

delete from vehicles;
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000003', 'https://one.example/3');
update vehicle_listings set first_seen_at = now() - interval '9 days', listed_at = now() - interval '9 days';
insert into vehicle_listings (vehicle_id, listing_url, kind, first_seen_at, listed_at) values ('00000000-0000-4000-8000-000000000003', 'https://two.example/4', 'classified', now() - interval '2 days', now() - interval '2 days');
select pg_temp.read('00000000-0000-4000-8000-000000000003', u.url, now() - interval '3 hours', '{"sale_status": "for_sale", "asking_price": 7000}') from (values ('https://one.example/3'), ('https://two.example/4')) u(url);
select pg_temp.read('00000000-0000-4000-8000-000000000003', 'https://two.example/4', now() - interval '2 hours', null, '{"outcome": "gone", "error": "404"}');
select pg_temp.read('00000000-0000-4000-8000-000000000003', 'https://one.example/3', now() - interval '1 hour', null, '{"outcome": "gone", "error": "404"}');
select is((select concat_ws(' ', listing_url, case when listing_ended_at is not null then 'has ended' end) from vehicles), 'https://one.example/3 has ended', 'of several that are all gone the vehicle stands on the one that went last');
select is((select state from micro_scrape_state where vehicle_id = '00000000-0000-4000-8000-000000000003'), 'ended', 'and none of them is read again for its gaps');

select * from finish();
rollback;
