begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 9) n;
insert into backfill_queue (id, vehicle_id, reason) select pg_temp.id(n), pg_temp.id(n), 'r' from generate_series(6, 8) n;

select throws_ok($$update backfill_queue set status = 'processing' where id = pg_temp.id(8)$$, '23514', null, 'a row of backfill_queue cannot be processing without a lease');
select throws_ok($$update backfill_queue set status = 'done' where id = pg_temp.id(8)$$, '23514', null, 'backfill_queue takes no status that it does not know');

select * from finish();
rollback;
