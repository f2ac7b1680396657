begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 9) n;
insert into backfill_queue (id, vehicle_id, reason) select pg_temp.id(n), pg_temp.id(n), 'r' from generate_series(6, 8) n;

select throws_ok($$insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(8), 'r')$$, '23505', null, 'backfill_queue takes no second open row of one vehicle and reason');
select lives_ok($$insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(8), 'r'), (pg_temp.id(9), 'r') on conflict do nothing$$, 'an insert with "on conflict do nothing" keeps its rows that are no duplicates');

select * from finish();
rollback;
