begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

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
  $$values (19::bigint, 1::bigint, 95.0, 19::bigint, 2::bigint, 90.5)$$, 'a step that was tried has its success rate of the day and of the week');
select is((select nothing_there_7d from r where step_name = 'extract_data' and source = 'a.example'), 4::bigint, 'listings that are gone are counted in nothing_there_7d and lower no rate');
select results_eq($$select median_ms_1d, p95_ms_1d, timed_1d from r where step_name = 'extract_data' and source = 'a.example'$$, $$values (1050, 2305, 20::bigint)$$, 'a step has its median and 95th percentile of milliseconds, and how many were timed');
select is((select success_rate_7d from r where step_name = 'extract_vin'), null, 'a step that was only skipped has no rate');
select is((select skipped_7d from r where step_name = 'extract_vin'), 1::bigint, 'a step that was only skipped is counted as skipped');
select is((select success_rate_7d from r where step_name = 'backfill_images'), null, 'a step that has only begun has no rate');
select is((select success_rate_7d from r where source = 'gone.example'), null, 'a step that met only removed listings has no rate');
select is((select success_rate_1d from r where step_name = 'extract_images'), null, 'a step that was not tried today has no rate of today');
select is((select success_rate_7d from r where step_name = 'extract_images'), 100.0, 'a step that was not tried today has the rate of its week');
select is((select median_ms_1d from r where step_name = 'extract_images'), null, 'a step that was not tried today has no median time of today');
select is((select timed_1d from r where step_name = 'extract_images'), 0::bigint, 'a step that was not tried today has no timed attempts of today');
select results_eq($$select source, success_rate_1d, median_ms_1d from r where step_name = 'generate_description'$$, $$values (null::text, 100.0, 30)$$, 'a step without a site has a row of its own');
select is((select count(*) from r), 6::bigint, 'step_success_rates has one row a step and site');
select is((select step_name from step_success_rates limit 1), 'extract_data', 'the step that fails most stands first');
select is((select count(*) from r where success_rate_7d is null and succeeded_7d + failed_7d > 0 or success_rate_7d is not null and succeeded_7d + failed_7d = 0), 0::bigint,
  'a step has a rate exactly when something was tried');

select * from finish();
rollback;
