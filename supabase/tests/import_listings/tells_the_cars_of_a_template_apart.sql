-- A dealer who writes one VIN on all his cars: none of them becomes another, from the second on.
begin;
create extension if not exists pgtap with schema extensions;
select plan(20);

create function pg_temp.import(p_url text, p_more jsonb default '{}', p_vin text default 'WP0AA29829U760958') returns text language sql as $$
  select import_listings(jsonb_build_array(jsonb_build_object(
    'source_url', p_url, 'outcome', 'ok', 'method', 'm', 'scraper_version', 'v1.0.0', 'page_at', now(), 'extraction_hash', md5(p_url),
    'facts', (select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.95, 'evidence', 'e'))
      from jsonb_each(jsonb_build_object('vin', p_vin, 'year', 2009, 'make', 'Porsche', 'model', '911', 'color', 'Guards Red', 'mileage', 20000,
        'seller_name', 'Smith Motors', 'sale_status', 'for_sale', 'asking_price', 50000, 'currency', 'USD') || p_more) f where f.value <> 'null')))) -> 0 ->> 'joined'
$$;
create function pg_temp.vehicles() returns bigint language sql as 'select count(*) from vehicles';

select pg_temp.import('https://smith.example/1');
select is(pg_temp.import('https://smith.example/1b'), 'true', 'a car that a dealer lists twice, with the same title and mileage, is one');
select is(pg_temp.import('https://smith.example/2', '{"mileage": 21000}'), 'false', 'one with another mileage, on the same site at the same time, is another car');
select is(pg_temp.import('https://smith.example/3', '{"model": "911 Turbo"}'), 'false', 'and so is one with another title');
select is(pg_temp.import('https://market.example/1'), 'false', 'which of them stands on a marketplace is not known');
select private.join_proven_vehicles();
select is(pg_temp.vehicles(), 4::bigint, 'nor guessed later');
delete from vehicles;

select pg_temp.import('https://smith.example/1', '{"mileage": null}');
select is(pg_temp.import('https://smith.example/2', '{"mileage": null}'), 'false', 'where there is no mileage, two at once are two');
update vehicle_listings set listed_at = now() - interval '90 days', first_seen_at = now() - interval '90 days', status = 'removed', ended_at = now() - interval '30 days', ended_because = 'gone';
delete from vehicles where listing_url like '%/2';
select is(pg_temp.import('https://smith.example/3', '{"mileage": null}'), 'true', 'one that came when the other was gone is the same, listed again');
delete from vehicles;

select pg_temp.import('https://smith.example/1');
select is(pg_temp.import('https://market.example/2', '{"color": "Blue", "mileage": null}'), 'false', 'the same seller does not call it red here and blue there');
select is(pg_temp.import('https://jones.example/3', '{"color": "Speed Yellow", "mileage": null, "seller_name": "Jones"}'), 'false', 'who is one of two that are not one is nobody');
delete from vehicles;
select pg_temp.import('https://smith.example/1');
select is(pg_temp.import('https://jones.example/3', '{"color": "Rot", "seller_name": "Jones"}'), 'true', 'another seller may');
select is(pg_temp.import('https://black.example/3', '{"color": "Blue", "mileage": 95000, "seller_name": "Black"}'), 'false', 'who differs in two of model, colour and mileage has another car');
delete from vehicles;

-- One seller offers two at once: what looks like only one of them may be the other.
select pg_temp.import('https://bid.example/1', '{"color": null, "mileage": null, "seller_name": "Ann"}'), pg_temp.import('https://bid.example/2', '{"color": "Blue", "mileage": 90000, "seller_name": "Ann"}');
select is(pg_temp.import('https://market.example/9', '{"color": "Green", "mileage": 20000, "seller_name": "Cleo"}'), 'false', 'a VIN that two cars have proves nothing of a third');
delete from vehicles;
select pg_temp.import('https://bid.example/1', '{"year": 2008, "color": null, "mileage": null, "seller_name": "Ann"}'), pg_temp.import('https://bid.example/2', '{"color": "Blue", "mileage": 90000, "seller_name": "Ann"}');
select is(pg_temp.import('https://market.example/9', '{"color": "Blue", "mileage": null, "seller_name": "Cleo"}'), 'false', 'not even where a page gives the year of one of them wrong');
delete from vehicles;

-- Two are one before a third shows what the VIN is.
create temp table told as select to_jsonb(v) - array['id', 'created_at', 'updated_at', 'field_state', 'origin_metadata'] as car from vehicles v where false;
select pg_temp.import('https://smith.example/1', '{"mileage": null}');
insert into told select to_jsonb(v) - array['id', 'created_at', 'updated_at', 'field_state', 'origin_metadata'] from vehicles v;
select is(pg_temp.import('https://market.example/1', '{"mileage": null, "asking_price": 48000}'), 'true', 'one car on two sites');
select pg_temp.import('https://smith.example/' || n, jsonb_build_object('mileage', n)) from generate_series(2, 6) n;
select is(pg_temp.vehicles(), 6::bigint, 'and five others of one VIN');
select results_eq('select status from suspect_vins', array['suspect'], 'which says nothing from now on');
select ok((select private.check_shared_vins() + private.check_shared_vins() + private.check_shared_vins()) > 0, 'the next minute');
select is(pg_temp.vehicles(), 7::bigint, 'what it had joined is as it was');
select results_eq($$select to_jsonb(v) - array['id', 'created_at', 'updated_at', 'field_state', 'origin_metadata'] from vehicles v where listing_url = 'https://smith.example/1'$$, 'select car from told', 'with its own price');
select is((select count(*) from vehicle_merge_candidates), 0::bigint, 'and nobody is asked about each pair');

select * from finish();
rollback;
