begin;
create extension if not exists pgtap with schema extensions;
select plan(19);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 3) n;
create function pg_temp.step(p_step text, p_source text, p_status text, p_outcome text default null, p_age interval default '1 hour', p_ms integer default null)
returns void language sql as $$
  insert into scrape_steps (step_name, source, status, outcome_code, created_at, duration_ms) values (p_step, p_source, p_status, p_outcome, now() - p_age, p_ms)
$$;

-- What was tried today, three days ago, and longer ago.
select pg_temp.step('extract_data', 'a.example', 'success', 'ok', '1 hour', n * 100) from generate_series(1, 19) n;
select pg_temp.step('extract_data', 'a.example', 'failed', 'timeout', '2 hours', 10000);
select pg_temp.step('extract_data', 'a.example', 'failed', 'timeout', '3 days', 50);
select pg_temp.step('extract_data', 'a.example', 'failed', 'timeout', '8 days');
-- An answer, and no failure of ours.
select pg_temp.step('extract_data', 'a.example', 'failed', o) from unnest(array['gone', 'not_a_listing', 'invalid', 'too_large']) o;
-- Only skipped, only begun, only gone, only three days ago; and a step of no site.
select pg_temp.step('extract_vin', 'a.example', 'skipped');
select pg_temp.step('backfill_images', 'a.example', 'pending');
select pg_temp.step('extract_data', 'gone.example', 'failed', 'gone');
select pg_temp.step('extract_images', 'a.example', 'success', 'ok', '3 days', 7);
select pg_temp.step('generate_description', null, 'success', 'ok', '1 hour', 20);
select pg_temp.step('generate_description', null, 'success', 'ok', '1 hour', 40);

create temp table r as select * from step_success_rates;
select results_eq($$select succeeded_1d, failed_1d, success_rate_1d, succeeded_7d, failed_7d, success_rate_7d from r where step_name = 'extract_data' and source = 'a.example'$$,
  $$values (19::bigint, 1::bigint, 95.0, 19::bigint, 2::bigint, 90.5)$$, 'what was tried has a rate, of the day and of the week');
select is((select nothing_there_7d from r where step_name = 'extract_data' and source = 'a.example'), 4::bigint, 'listings that are no more lower nothing, and are counted');
select results_eq($$select median_ms_1d, p95_ms_1d, timed_1d from r where step_name = 'extract_data' and source = 'a.example'$$, $$values (1050, 2305, 20::bigint)$$, 'how long one takes, in the middle and in the worst of twenty');
select is((select success_rate_7d from r where step_name = 'extract_vin'), null, 'a step that was only skipped has no rate');
select is((select skipped_7d from r where step_name = 'extract_vin'), 1::bigint, 'but is there');
select is((select success_rate_7d from r where step_name = 'backfill_images'), null, 'nor has one that has only begun');
select is((select success_rate_7d from r where source = 'gone.example'), null, 'nor one that met nothing but removed listings');
select is((select success_rate_1d from r where step_name = 'extract_images'), null, 'what was not tried today has no rate of today');
select is((select success_rate_7d from r where step_name = 'extract_images'), 100.0, 'and one of the week');
select is((select median_ms_1d from r where step_name = 'extract_images'), null, 'nor a time of today');
select is((select timed_1d from r where step_name = 'extract_images'), 0::bigint, 'as none was taken');
select results_eq($$select source, success_rate_1d, median_ms_1d from r where step_name = 'generate_description'$$, $$values (null::text, 100.0, 30)$$, 'a step of no site is no step of another');
select is((select count(*) from r), 6::bigint, 'one row a step and site');
select is((select step_name from step_success_rates limit 1), 'extract_data', 'what fails most stands first');
select is((select count(*) from r where success_rate_7d is null and succeeded_7d + failed_7d > 0 or success_rate_7d is not null and succeeded_7d + failed_7d = 0), 0::bigint,
  'a rate is there exactly where something was tried');

-- The same of the retries.
insert into scrape_retry_queue (vehicle_id, step_name, next_retry_at, created_at) values
  (pg_temp.id(1), 'extract_vin', null, now() - interval '2 hours'), (pg_temp.id(2), 'extract_vin', now() + interval '1 hour', now() - interval '3 hours');
insert into scrape_retry_queue (vehicle_id, step_name, status, processed_at, error_message) values
  (pg_temp.id(1), 'extract_images', 'completed', now() - interval '1 hour', null), (pg_temp.id(2), 'extract_images', 'completed', now() - interval '2 days', null),
  (pg_temp.id(2), 'extract_images', 'failed', now() - interval '1 hour', 'slow'), (pg_temp.id(3), 'extract_images', 'failed', now() - interval '2 days', 'slower');
create temp table q as select * from retry_queue_status;
select results_eq($$select due, waiting, processing, failed, next_retry_at, oldest_open_at from q where step_name = 'extract_vin'$$,
  $$values (1::bigint, 1::bigint, 0::bigint, 0::bigint, now() + interval '1 hour', now() - interval '3 hours')$$, 'retries that are due are not those that wait');
select is((select success_rate_last_day from q where step_name = 'extract_vin'), null, 'retries of which none has ended have no rate');
select results_eq($$select failed, completed_last_day, failed_last_day, success_rate_last_day, last_error from q where step_name = 'extract_images'$$,
  $$values (2::bigint, 1::bigint, 1::bigint, 50.0, 'slow')$$, 'those that have, of the last day, do');
select is((select next_retry_at from q where step_name = 'extract_images'), null, 'what nobody waits for has no time');

select * from finish();
rollback;
