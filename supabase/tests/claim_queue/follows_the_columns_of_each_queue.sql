-- A queue that spells its columns its own way.
begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 9) n;
insert into scrape_retry_queue (id, vehicle_id, step_name, next_retry_at) values
  (pg_temp.id(1), pg_temp.id(1), 'backfill_images', null), (pg_temp.id(2), pg_temp.id(1), 'extract_vin', now() + interval '1 hour');

select is((select string_agg(right(c ->> 'id', 1), '') from jsonb_array_elements(claim_queue('scrape_retry_queue', 5, array[pg_temp.id(1)])) c), '1', 'a claim of scrape_retry_queue leaves out rows whose next_retry_at is later');
select is((select retry_count from scrape_retry_queue where id = pg_temp.id(1)), 1, 'a claim of scrape_retry_queue counts its attempt in retry_count');

select * from finish();
rollback;
