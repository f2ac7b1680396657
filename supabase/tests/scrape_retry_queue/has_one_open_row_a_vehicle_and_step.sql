begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 9) n;
insert into scrape_retry_queue (id, vehicle_id, step_name, next_retry_at) values
  (pg_temp.id(1), pg_temp.id(1), 'backfill_images', null), (pg_temp.id(2), pg_temp.id(1), 'extract_vin', now() + interval '1 hour');

select throws_ok($$insert into scrape_retry_queue (vehicle_id, step_name) values (pg_temp.id(1), 'extract_vin')$$, '23505', null, 'scrape_retry_queue takes no second open row of one vehicle and step');

select * from finish();
rollback;
