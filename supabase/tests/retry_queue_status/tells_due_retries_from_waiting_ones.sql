begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 3) n;
insert into scrape_retry_queue (vehicle_id, step_name, next_retry_at, created_at) values
  (pg_temp.id(1), 'extract_vin', null, now() - interval '2 hours'), (pg_temp.id(2), 'extract_vin', now() + interval '1 hour', now() - interval '3 hours');
insert into scrape_retry_queue (vehicle_id, step_name, status, processed_at, error_message) values
  (pg_temp.id(1), 'extract_images', 'completed', now() - interval '1 hour', null), (pg_temp.id(2), 'extract_images', 'completed', now() - interval '2 days', null),
  (pg_temp.id(2), 'extract_images', 'failed', now() - interval '1 hour', 'slow'), (pg_temp.id(3), 'extract_images', 'failed', now() - interval '2 days', 'slower');
create temp table q as select * from retry_queue_status;

select results_eq($$select due, waiting, processing, failed, next_retry_at, oldest_open_at from q where step_name = 'extract_vin'$$,
  $$values (1::bigint, 1::bigint, 0::bigint, 0::bigint, now() + interval '1 hour', now() - interval '3 hours')$$, 'retries that are due are counted apart from those that wait');
select is((select success_rate_last_day from q where step_name = 'extract_vin'), null, 'retries of which none has ended have no success rate');
select results_eq($$select failed, completed_last_day, failed_last_day, success_rate_last_day, last_error from q where step_name = 'extract_images'$$,
  $$values (2::bigint, 1::bigint, 1::bigint, 50.0, 'slow')$$, 'retries that ended have their success rate of the last day, and the last error');
select is((select next_retry_at from q where step_name = 'extract_images'), null, 'a step without waiting retries has no next_retry_at');

select * from finish();
rollback;
