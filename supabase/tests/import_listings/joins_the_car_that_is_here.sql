-- A car that is found on a second and a third site, and what is no proof that it is one.
begin;
create extension if not exists pgtap with schema extensions;
select plan(25);

create function pg_temp.import(p_url text, p_facts jsonb, p_confidence numeric default 0.95, p_page_at timestamptz default now()) returns jsonb language sql as $$
  select import_listings(jsonb_build_array(jsonb_build_object(
    'source_url', p_url, 'outcome', 'ok', 'method', split_part(p_url, '/', 3), 'scraper_version', 'v1.0.0', 'page_at', p_page_at, 'extraction_hash', md5(p_url),
    'absent', '[]'::jsonb, 'images', '[]'::jsonb, 'steps', '["extract_data"]'::jsonb,
    'facts', (select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', p_confidence, 'evidence', 'e')) from jsonb_each(p_facts) f)))) -> 0
$$;
create function pg_temp.car(p_vin text, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vin', p_vin, 'year', 2009, 'make', 'Porsche', 'model', '911', 'sale_status', 'for_sale', 'asking_price', 50000, 'currency', 'USD') || p_more
$$;
create temp table before as select null::jsonb as held where false;

-- Its check digit is right.
create temp table first as select pg_temp.import('https://dealer.example/911', pg_temp.car('WP0AA29829U760958', '{"color": "Red"}'), 0.7) as r;
insert into before select to_jsonb(v) - 'updated_at' from vehicles v;
create temp table second as select pg_temp.import('https://market.example/7', pg_temp.car('WP0AA29829U760958', '{"color": "Red", "engine": "3.6", "asking_price": 49000, "make": "PORSCHE"}'), 0.7) as r;
select is((select r ->> 'joined' from second), 'true', 'the listing of a car that is here joins it');
select is((select r ->> 'created' from second), 'false', 'and makes no second vehicle');
select is((select r ->> 'relisting' from second), 'false', 'what is no auction is no relisting');
select is((select r ->> 'vehicle_id' from second), (select r ->> 'vehicle_id' from first), 'it is told which');
select is((select count(*) from vehicles), 1::bigint, 'one car is one vehicle');
select results_eq('select listing_url from vehicle_listings order by 1', array['https://dealer.example/911', 'https://market.example/7'], 'with two listings');
select results_eq('select engine, asking_price, discovery_url, listing_url from vehicles', $$values ('3.6', 49000.00, 'https://dealer.example/911', 'https://market.example/7')$$,
  'it has what either says, asks what the newest asks, was found at the first and stands on the newest');
select results_eq('select by_itself, note from vehicle_merges', $$values (true, 'VIN WP0AA29829U760958 (its check digit is right), 2009 Porsche, on dealer.example and on market.example')$$, 'why is on record');
select is(pg_temp.import('https://market.example/7/', pg_temp.car('WP0AA29829U760958', '{"asking_price": 48000}'), 0.7, now() + interval '1 minute') ->> 'vehicle_id', (select r ->> 'vehicle_id' from first), 'the same listing again is the same vehicle');
select is((select asking_price from vehicles), 48000.00, 'whose price follows');
select throws_ok($$insert into vehicles (discovery_url) values ('https://market.example/7?utm_source=x')$$, '23505', null, 'the address of one of its listings makes no second vehicle');

select is((select (unmerge_vehicle(merged_vehicle_id)) ->> 'kept' from vehicle_merges), (select r ->> 'vehicle_id' from first), 'a join is taken back');
select results_eq('select listing_url, asking_price, engine from vehicles order by 1', $$values ('https://dealer.example/911', 50000.00, null), ('https://market.example/7', 49000.00, '3.6')$$, 'the two are two again, each with its own price');
select set_eq($$select to_jsonb(v) - 'updated_at' from vehicles v where listing_url like '%dealer%'$$, 'select held from before', 'the first is as it was');
select private.join_proven_vehicles();
select is((select count(*) from vehicles), 2::bigint, 'what a person took apart is not joined again');
delete from vehicles;

-- Its check digit is wrong: only where both are sure.
select pg_temp.import('https://a.example/1', pg_temp.car('WP0AA29829U760959'), 0.95), pg_temp.import('https://b.example/1', pg_temp.car('WP0AA29829U760959'), 0.85);
select is((select count(*) from vehicles), 2::bigint, 'a VIN whose check digit is wrong proves nothing where one page is not sure of it');
select pg_temp.import('https://c.example/1', pg_temp.car('ZFFYU51A910121212'), 0.95), pg_temp.import('https://d.example/1', pg_temp.car('ZFFYU51A910121212'), 0.95);
select is((select count(*) from vehicles where vin = 'ZFFYU51A910121212'), 1::bigint, 'where both are sure of it, it does');
-- Another year, another make, a chassis number.
select pg_temp.import('https://e.example/1', pg_temp.car('1M8GDM9AXKP042788'), 0.95), pg_temp.import('https://f.example/1', pg_temp.car('1M8GDM9AXKP042788', '{"year": 2010}'), 0.95);
select is((select count(*) from vehicles where vin = '1M8GDM9AXKP042788'), 2::bigint, 'a year that differs by one is for a person');
select pg_temp.import('https://g.example/1', pg_temp.car('1HGCM82633A004352'), 0.95), pg_temp.import('https://h.example/1', pg_temp.car('1HGCM82633A004352', '{"make": "Honda"}'), 0.95);
select is((select count(*) from vehicles where vin = '1HGCM82633A004352'), 2::bigint, 'and so is another make');
select pg_temp.import('https://i.example/1', pg_temp.car('12345', '{"year": 1959}'), 0.95), pg_temp.import('https://j.example/1', pg_temp.car('12345', '{"year": 1959}'), 0.95);
select is((select count(*) from vehicles where vin = '12345'), 2::bigint, 'and a chassis number');
-- No VIN at all.
select pg_temp.import('https://k.example/1', '{"year": 1999, "make": "Saab", "model": "900", "seller_name": "Ann", "mileage": 88000}', 0.95), pg_temp.import('https://l.example/1', '{"year": 1999, "make": "Saab", "model": "900", "seller_name": "ANN", "mileage": 88000}', 0.95);
select is((select count(*) from vehicles where make = 'Saab'), 2::bigint, 'and the same seller, title and mileage');

select is(private.join_proven_vehicles(), 0, 'none of these is joined by itself');
select results_eq('select vin, score from merge_candidates_to_review order by score desc, vin',
  $$values ('WP0AA29829U760959', 0.85), ('1M8GDM9AXKP042788', 0.80), ('12345', 0.75), ('', 0.60), ('1HGCM82633A004352', 0.55)$$, 'they wait for a person, the likeliest first');
select is((select years from merge_candidates_to_review where vin = '1M8GDM9AXKP042788') @> '[2009, 2010]', true, 'with both sides of the evidence');
select resolve_merge_candidate(id, 'same_vehicle') from merge_candidates_to_review where vin = '12345';
select results_eq('select vin, count(*) from vehicles where vin = $$12345$$ group by 1', $$values ('12345', 1::bigint)$$, 'what a person calls one is one');

select * from finish();
rollback;
