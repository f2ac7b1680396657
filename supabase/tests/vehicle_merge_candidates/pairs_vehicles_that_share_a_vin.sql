begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.pairs() returns setof text language sql as $$
  select right(vehicle_id::text, 1) || right(other_vehicle_id::text, 1) || ' ' || status from vehicle_merge_candidates order by 1
$$;

insert into vehicles (id, vin, make) values (pg_temp.id(2), 'WBSBA91070AE84214', 'BMW'), (pg_temp.id(1), 'WP0ZZZ99ZTS392124', 'Porsche');
select is_empty('select pg_temp.pairs()', 'different VINs are different vehicles');
insert into vehicles (id, vin) values (pg_temp.id(3), 'wbsba91070ae84214');
select results_eq('select pg_temp.pairs()', array['23 open'], 'the same VIN at an import is a pair to look at');
select is((select count(*) from vehicles), 3::bigint, 'and nothing is merged');
update vehicles set vin = 'WBSBA91070AE84214' where id = pg_temp.id(1);
select results_eq('select pg_temp.pairs()', array['12 open', '13 open', '23 open'], 'so is one typed in by hand');
insert into vehicles (id) values (pg_temp.id(4));
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000004", "outcome": "ok", "source_url": "https://a.example/4", "method": "s",
  "facts": {"vin": {"value": "WBSBA91070AE84214", "confidence": 0.9, "evidence": "VIN"}}}]');
select is((select count(*) from vehicle_merge_candidates), 6::bigint, 'and one read from a page');
update vehicle_merge_candidates set status = 'different_vehicles', resolved_at = now() where vehicle_id = pg_temp.id(1) and other_vehicle_id = pg_temp.id(2);
update vehicles set vin = null where id = pg_temp.id(1);
update vehicles set vin = 'WBSBA91070AE84214' where id = pg_temp.id(1);
select results_eq('select pg_temp.pairs() limit 1', array['12 different_vehicles'], 'what a person said of a pair stays said');
insert into vehicles (id, vin, make) values (pg_temp.id(5), '1234', 'Lotus'), (pg_temp.id(6), '1234', 'Ferrari'), (pg_temp.id(7), '1234', 'lotus');
select is((select count(*) from vehicle_merge_candidates where vin = '1234'), 1::bigint, 'chassis numbers are counted by each maker for itself');
insert into vehicles (vin, make) select 'WP0ZZZ99ZTS39212' || n, 'Porsche' from generate_series(1, 3) n, generate_series(1, 2);
select is((select count(*) from vehicle_merge_candidates where vin like 'WP0%'), 3::bigint, 'an import that names a VIN twice makes one pair of it');
select throws_ok($$insert into vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin) values (pg_temp.id(3), pg_temp.id(2), 'x')$$, '23514', null, 'a pair stands in one order');
select throws_ok($$update vehicle_merge_candidates set status = 'same_vehicle' where status = 'open'$$, '23514', null, 'and is resolved at a time');

select * from finish();
rollback;
