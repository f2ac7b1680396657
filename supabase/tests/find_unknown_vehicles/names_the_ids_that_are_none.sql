begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');

select is(find_unknown_vehicles(array[pg_temp.id(1), pg_temp.id(2)]), jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(2), 'exists', false, 'reason', 'no such vehicle')), 'an id without a vehicle is told as no such vehicle');

select * from finish();
rollback;
