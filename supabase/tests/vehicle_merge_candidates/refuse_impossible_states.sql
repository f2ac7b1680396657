begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, vin, make) values (pg_temp.id(2), 'WBSBA91070AE84214', 'BMW'), (pg_temp.id(3), 'WBSBA91070AE84214', 'BMW');

select throws_ok($$insert into vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin) values (pg_temp.id(3), pg_temp.id(2), 'x')$$, '23514', null, 'a pair in the other order is refused');
select throws_ok($$update vehicle_merge_candidates set status = 'same_vehicle' where status = 'open'$$, '23514', null, 'a pair that is resolved without a time is refused');

select * from finish();
rollback;
