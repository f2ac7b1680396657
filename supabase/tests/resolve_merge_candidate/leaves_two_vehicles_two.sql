begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, vin, make) values (pg_temp.id(1), 'WBSBA91070AE84214', 'BMW'), (pg_temp.id(3), null, 'BMW');
update vehicles set vin = 'WBSBA91070AE84214' where id = pg_temp.id(3);
select resolve_merge_candidate(id, 'different_vehicles', 'a clone') from vehicle_merge_candidates where status = 'open';

select results_eq('select status, note from vehicle_merge_candidates', $$values ('different_vehicles', 'a clone')$$, 'a pair that is answered different_vehicles is kept as that, with the note');

select * from finish();
rollback;
