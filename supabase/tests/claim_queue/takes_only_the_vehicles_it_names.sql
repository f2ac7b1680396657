begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 9) n;
insert into backfill_queue (id, vehicle_id, reason) select pg_temp.id(n), pg_temp.id(n), 'r' from generate_series(6, 8) n;

select is((select string_agg(right(c ->> 'id', 1), '') from jsonb_array_elements(claim_queue('backfill_queue', 5, array[pg_temp.id(7)])) c), '7', 'a claim that names a vehicle takes that vehicle''s row and no other');

select * from finish();
rollback;
