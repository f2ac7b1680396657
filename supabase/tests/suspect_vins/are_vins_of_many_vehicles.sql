begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

create function pg_temp.add(n integer, p_vin text, p_make text default 'BMW') returns void language sql as $$
  insert into vehicles (vin, make, discovery_url) select p_vin, p_make, 'https://' || p_make || i % 3 || '.example/' || p_vin || '/' || gen_random_uuid() from generate_series(1, n) i
$$;

select pg_temp.add(5, 'WBSBA91070AE84214');
select is_empty('select * from suspect_vins', 'a VIN of five vehicles is not suspect');
select is((select count(*) from vehicle_merge_candidates), 10::bigint, 'five vehicles of a VIN are pairs, each with each');
select pg_temp.add(1, 'WBSBA91070AE84214');
select results_eq('select vin, status from suspect_vins', $$values ('WBSBA91070AE84214', 'suspect')$$, 'a VIN of six vehicles is suspect');
select pg_temp.add(2000, 'WBSBA91070AE84214');
select is((select count(*) from vehicle_merge_candidates), 10::bigint, 'two thousand more vehicles of the VIN make no pair');
select pg_temp.add(2000, 'ZFFYU51A910121212');
select is((select count(*) from vehicle_merge_candidates), 10::bigint, 'two thousand vehicles in one statement make no pair');
select is((select count(*) from suspect_vins), 2::bigint, 'two thousand vehicles in one statement make one suspect VIN');
select results_eq($$select distinct 'vin' = any (q.low_confidence_fields), 'suspect_vin' = any (q.issues) from vehicles v join vehicle_quality_scores q on q.vehicle_id = v.id where vin = 'ZFFYU51A910121212'$$, $$values (true, true)$$, 'a suspect VIN is listed as an issue of each vehicle');
select is((select max(overall_score) from vehicles v join vehicle_quality_scores q on q.vehicle_id = v.id where vin = 'ZFFYU51A910121212'), 10.0, 'a suspect VIN earns no points');

select pg_temp.add(6, 'TBD', 'Lotus');
select pg_temp.add(2, 'TBD', 'Ferrari');
select results_eq($$select vin_key from suspect_vins where vin = 'TBD'$$, array['TBD lotus'], 'a chassis number of many vehicles is suspect for its make');
select is((select count(*) from vehicle_merge_candidates where vin = 'TBD'), 1::bigint, 'a chassis number that is suspect for one make pairs vehicles of another');

update vehicles set vin = 'WP0ZZZ99ZTS392124' where vin = 'ZFFYU51A910121212';
select ok(private.is_suspect_vin('WP0ZZZ99ZTS392124', null), 'a VIN that two thousand vehicles get by an update is suspect');
select is((select count(*) from vehicle_merge_candidates where vin = 'WP0ZZZ99ZTS392124'), 0::bigint, 'a VIN that two thousand vehicles get by an update makes no pair');
select is((select string_agg(format('%s %s %s %s', vin, what, vehicles, sources), ', ' order by vin, what) from shared_vins where vin like 'W%'),
  'WBSBA91070AE84214 merge_candidates 2006 3, WBSBA91070AE84214 suspect_vin 2006 3, WP0ZZZ99ZTS392124 suspect_vin 2000 3', 'shared_vins has a row a VIN, with how many vehicles and sources have it');

select * from finish();
rollback;
