begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

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
create function pg_temp.said(n integer) returns text language sql as $$ select concat_ws(' | ', state, retried_by, what_to_type) from f where vehicle_id is not distinct from pg_temp.id(n) $$;

select is((select count(*) from f), 8::bigint, 'recent_step_failures shows every failed step and no other');
select results_eq($$select vehicle, url, source, error, outcome_code from f where vehicle_id = pg_temp.id(1)$$,
  $$values ('1990 BMW M3', 'https://cars.example/1', 'cars.example', 'it said timeout', 'timeout')$$, 'a failed step is shown with its vehicle, its listing, its source and its error');
select is(pg_temp.said(1), 'is tried again | scrape_retry_queue', 'a step with an open row in scrape_retry_queue is tried again by it');
select is((select next_retry_at from f where vehicle_id = pg_temp.id(1)), (select next_retry_at from scrape_retry_queue where vehicle_id = pg_temp.id(1)), 'a step that is tried again shows the next_retry_at of its row');
select is(pg_temp.said(2), 'is tried again | bat_extraction_queue', 'a step that bat_extraction_queue asked for is tried again by that queue');
select is(pg_temp.said(3), 'given up | select redrive_queue(''scrape_retry_queue'', array[''' || (select id from scrape_retry_queue where vehicle_id = pg_temp.id(3)) || ''']::uuid[]);', 'a step whose retries are used up is given up, with the redrive to type');
select is(pg_temp.said(4), 'worked since', 'a step that has succeeded since needs nothing typed');
select is(pg_temp.said(5), 'final', 'a step that failed because its listing is gone is final');
select is(pg_temp.said(6), 'not tried again | node scripts/invoke.js extract-vin-from-vehicle --body ''{"vehicle_id": "00000000-0000-4000-8000-000000000006"}''', 'a step that nobody tries again names the command that runs it');
select is((select what_to_type from f where vehicle_id is null), 'select enqueue_listings(''[{"url": "https://cars.example/o''''hara"}]'');', 'a listing that became no vehicle names the enqueue_listings() call, with its quotes escaped');
select lives_ok((select what_to_type from f where vehicle_id is null), 'the enqueue_listings() call that recent_step_failures names can be run');
select lives_ok((select what_to_type from f where vehicle_id = pg_temp.id(3)), 'the redrive that recent_step_failures names can be run');

select * from finish();
rollback;
