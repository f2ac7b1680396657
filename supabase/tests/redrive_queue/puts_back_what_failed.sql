begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 4) n;
insert into backfill_queue (id, vehicle_id, reason, status, attempts, error_message, processed_at)
select pg_temp.id(n), pg_temp.id((n + 1) / 2), 'r', 'failed', 3, 'x', now() from generate_series(1, 4) n;
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(9), pg_temp.id(1), 'r');

select is(redrive_queue('backfill_queue'), 1, 'a redrive puts back one failed row a vehicle and reason, and none that was asked for again');
select is((select string_agg(right(id::text, 1), '' order by id) from backfill_queue where status = 'pending'), '39', 'a redrive leaves the other failed rows as they are');
select is((select attempts from backfill_queue where id = pg_temp.id(3)), 0, 'a redriven row has fresh attempts');
select is(redrive_queue('backfill_queue', array[pg_temp.id(1)]), 0, 'a redrive that names a row does not put it back while another one is open');
update backfill_queue set status = 'completed' where status = 'pending';
select is(redrive_queue('backfill_queue', array[pg_temp.id(1), pg_temp.id(4)]), 2, 'a redrive that names rows puts back those');
select is(redrive_queue('backfill_queue', null, 0), 0, 'a redrive with a limit of none puts back none');

select * from finish();
rollback;
