begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

create function pg_temp.check() returns void language plpgsql as $$ begin while private.check_shared_vins() > 0 loop end loop; end $$;
create function pg_temp.suspect_scores() returns bigint language sql as $$
  select count(*) from vehicles v join vehicle_quality_scores q on q.vehicle_id = v.id where v.vin = 'WBSBA91070AE84214' and 'suspect_vin' = any (q.issues)
$$;
insert into vehicles (vin, make) select 'WBSBA91070AE84214', 'BMW' from generate_series(1, 5);
insert into vehicles (vin, make) values ('WBSBA91070AE84214', 'BMW');
select is(pg_temp.suspect_scores(), 1::bigint, 'whoever writes the sixth vehicle of a VIN scores no other');
select pg_temp.check();
select is(pg_temp.suspect_scores(), 6::bigint, 'all vehicles of a suspect VIN are scored');
select is_empty('select * from vehicle_merge_candidates', 'pairs of a suspect VIN that nobody answered are taken back');
select is_empty('select * from private.vins_to_check', 'a VIN that was checked waits no longer');
select is_empty('select unnest(private.vehicles_to_sync(''00000000-0000-0000-0000-000000000000'', ''ffffffff-ffff-ffff-ffff-ffffffffffff''))', 'score and state of each vehicle are up to date');

update suspect_vins set status = 'genuine', note = 'one car, offered everywhere';
select pg_temp.check();
select is(pg_temp.suspect_scores(), 0::bigint, 'a VIN that a person calls genuine earns its points');
insert into vehicles (vin, make) values ('WBSBA91070AE84214', 'BMW');
select pg_temp.check();
select is(pg_temp.suspect_scores(), 0::bigint, 'a VIN that a person calls genuine stays so with more vehicles');
update suspect_vins set status = 'suspect';
select pg_temp.check();
select is(pg_temp.suspect_scores(), 7::bigint, 'a person can take back that a VIN is genuine');

delete from vehicles where id in (select id from vehicles limit 2);
select pg_temp.check();
select is_empty('select * from suspect_vins', 'a VIN of which five vehicles are left is suspect no longer');
select is((select count(*) from vehicle_merge_candidates), 10::bigint, 'vehicles of a VIN that is suspect no longer are pairs');
select is(pg_temp.suspect_scores(), 0::bigint, 'vehicles of a VIN that is suspect no longer earn its points');

insert into vehicles (vin, make) select 'TBD', 'Lotus' from generate_series(1, 6); -- no VIN of a car of today: it is missing
select pg_temp.check();
select is_empty('select * from private.vins_to_check', 'a chassis number that was checked waits no longer');

select * from finish();
rollback;
