begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url, year, make, model, origin_metadata)
select pg_temp.id(n), 'https://cars.example/' || n, 1990, 'BMW', 'M3', '{"image_urls": ["https://i.example/1.jpg", "https://i.example/2.jpg"], "image_count": 2}' from generate_series(1, 7) n;
create function pg_temp.step(n integer, p_step text, p_status text, p_outcome text default 'ok', p_age interval default '1 hour', p_metadata jsonb default null)
returns void language sql as $$
  insert into scrape_steps (vehicle_id, step_name, source, url, status, outcome_code, error_message, created_at, metadata)
  values (pg_temp.id(n), p_step, 'cars.example', 'https://cars.example/' || n, p_status, p_outcome, case p_status when 'failed' then 'it said ' || p_outcome end, now() - p_age, p_metadata)
$$;
select pg_temp.step(n, 'extract_data', 'success', 'ok', '2 hours') from generate_series(1, 6) n;
select pg_temp.step(1, 'extract_images', 'failed', 'timeout');
select pg_temp.step(2, 'extract_data', 'failed', 'network', '30 minutes', '{"retried_by": "bat_extraction_queue"}');
select pg_temp.step(3, 'backfill_images', 'failed', 'server_error', '1 hour', '{}');
update scrape_retry_queue set status = 'failed', processed_at = now() where vehicle_id = pg_temp.id(3);
select pg_temp.step(4, 'extract_vin', 'failed', 'unreadable');
select pg_temp.step(4, 'extract_vin', 'success', 'ok', '30 minutes');
select pg_temp.step(5, 'extract_data', 'failed', 'gone');
select pg_temp.step(6, 'extract_vin', 'failed', 'robots_disallowed');
select pg_temp.step(7, 'extract_data', 'failed', 'timeout');
insert into scrape_steps (step_name, source, url, status, outcome_code, created_at) values ('extract_data', 'cars.example', 'https://cars.example/o''hara', 'failed', 'server_error', now() - interval '3 hours');

create temp table f as select * from recent_step_failures;
create temp table p as select * from vehicles_with_partial_failures;

select results_eq($$select right(vehicle_id::text, 1), failed_steps, worked_steps, retried_steps from p order by 1$$, $$values
  ('1', '{extract_images}'::text[], '{extract_data}'::text[], '{extract_images}'::text[]), ('3', '{backfill_images}', '{extract_data}', '{}'), ('6', '{extract_vin}', '{extract_data}', '{}')$$,
  'a vehicle is shown when a step failed and has not worked since, and another step worked');
select is((select failures from p where vehicle_id = pg_temp.id(1)), '{"extract_images": "timeout: it said timeout"}', 'a vehicle with a failed step is shown with that step''s error');
select results_eq($$select image_urls, images_stored from p where vehicle_id = pg_temp.id(1)$$, $$values (2, 0::bigint)$$, 'a vehicle with a failed step is shown with its known and its stored images');
select is((select what_to_type from p where vehicle_id = pg_temp.id(6)), (select what_to_type from f where vehicle_id = pg_temp.id(6)), 'a vehicle whose failed step nobody tries again is shown with what to type');
select is((select what_to_type from p where vehicle_id = pg_temp.id(1)), null, 'a vehicle whose failed step is tried again is shown without anything to type');
select lives_ok((select what_to_type from p where vehicle_id = pg_temp.id(3)), 'what vehicles_with_partial_failures says to type can be run');

select * from finish();
rollback;
