begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.pairs() returns setof text language sql as $$
  select right(vehicle_id::text, 1) || right(other_vehicle_id::text, 1) || ' ' || status from vehicle_merge_candidates order by 1
$$;

insert into vehicles (id, vin, make) values (pg_temp.id(2), 'WBSBA91070AE84214', 'BMW'), (pg_temp.id(1), 'WP0ZZZ99ZTS392124', 'Porsche');

select is_empty('select pg_temp.pairs()', 'vehicles with different VINs are no pair');
insert into vehicles (id, vin) values (pg_temp.id(3), 'wbsba91070ae84214');
select results_eq('select pg_temp.pairs()', array['23 open'], 'vehicles with the same VIN in other letters are an open pair');
select is((select count(*) from vehicles), 3::bigint, 'vehicles with the same VIN are not merged by themselves');
update vehicles set vin = 'WBSBA91070AE84214' where id = pg_temp.id(1);
select results_eq('select pg_temp.pairs()', array['12 open', '13 open', '23 open'], 'a vehicle whose VIN is typed in by hand is a pair with each that has it');
insert into vehicles (id) values (pg_temp.id(4));
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000004", "outcome": "ok", "source_url": "https://a.example/4", "method": "s",
  "facts": {"vin": {"value": "WBSBA91070AE84214", "confidence": 0.9, "evidence": "VIN"}}}]');
select is((select count(*) from vehicle_merge_candidates), 6::bigint, 'a vehicle whose VIN is read from a page is a pair with each that has it');
update vehicle_merge_candidates set status = 'different_vehicles', resolved_at = now() where vehicle_id = pg_temp.id(1) and other_vehicle_id = pg_temp.id(2);
update vehicles set vin = null where id = pg_temp.id(1);
update vehicles set vin = 'WBSBA91070AE84214' where id = pg_temp.id(1);
select results_eq('select pg_temp.pairs() limit 1', array['12 different_vehicles'], 'a pair that a person decided stays decided when the VIN is set again');
insert into vehicles (id, vin, make) values (pg_temp.id(5), '1234', 'Lotus'), (pg_temp.id(6), '1234', 'Ferrari'), (pg_temp.id(7), '1234', 'lotus');
select is((select count(*) from vehicle_merge_candidates where vin = '1234'), 1::bigint, 'vehicles with the same chassis number are a pair only when they are of one make');
insert into vehicles (vin, make) select 'WP0ZZZ99ZTS39212' || n, 'Porsche' from generate_series(1, 3) n, generate_series(1, 2);
select is((select count(*) from vehicle_merge_candidates where vin like 'WP0%'), 3::bigint, 'an import that names a VIN twice makes one pair of it');

select * from finish();
rollback;
