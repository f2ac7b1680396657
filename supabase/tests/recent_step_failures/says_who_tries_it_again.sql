begin;
create extension if not exists pgtap with schema extensions;
select plan(21);

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
create function pg_temp.said(n integer) returns text language sql as $$ select concat_ws(' | ', state, retried_by, what_to_type) from f where vehicle_id is not distinct from pg_temp.id(n) $$;
select is((select count(*) from f), 8::bigint, 'every failure is there, and nothing else');
select results_eq($$select vehicle, url, source, error, outcome_code from f where vehicle_id = pg_temp.id(1)$$,
  $$values ('1990 BMW M3', 'https://cars.example/1', 'cars.example', 'it said timeout', 'timeout')$$, 'with its vehicle, its listing, and why');
select is(pg_temp.said(1), 'is tried again | scrape_retry_queue', 'a step that waits to be tried alone');
select is((select next_retry_at from f where vehicle_id = pg_temp.id(1)), (select next_retry_at from scrape_retry_queue where vehicle_id = pg_temp.id(1)), 'and when');
select is(pg_temp.said(2), 'is tried again | bat_extraction_queue', 'one that the queue tries again that asked for it');
select is(pg_temp.said(3), 'given up | select redrive_queue(''scrape_retry_queue'', array[''' || (select id from scrape_retry_queue where vehicle_id = pg_temp.id(3)) || ''']::uuid[]);', 'one that was tried too often');
select is(pg_temp.said(4), 'worked since', 'one that has worked since needs nothing');
select is(pg_temp.said(5), 'final', 'nor does one that has its answer');
select is(pg_temp.said(6), 'not tried again | node scripts/invoke.js extract-vin-from-vehicle --body ''{"vehicle_id": "00000000-0000-4000-8000-000000000006"}''', 'one that nobody tries again: what does it');
select is((select what_to_type from f where vehicle_id is null), 'select enqueue_listings(''[{"url": "https://cars.example/o''''hara"}]'');', 'a listing that became no vehicle, whatever its address holds');
select lives_ok((select what_to_type from f where vehicle_id is null), 'can be typed');
select lives_ok((select what_to_type from f where vehicle_id = pg_temp.id(3)), 'so can the redrive');

-- The same of a listing that stands in the import queue.
update import_queue set next_attempt_at = now() + interval '1 hour'; -- queued by what was typed above
create function pg_temp.imported() returns text language sql as $$
  select concat_ws(' | ', state, retried_by, next_retry_at = now() + interval '1 hour', what_to_type = 'select redrive_queue(''import_queue'', array[''' || (select id from import_queue) || ''']::uuid[]);')
  from recent_step_failures where vehicle_id is null
$$;
select is(pg_temp.imported(), 'is tried again | import_queue | t', 'a listing that its queue imports another time');
update import_queue set status = 'failed', outcome_code = 'server_error', next_attempt_at = null;
select is(pg_temp.imported(), 'given up | t', 'or has given up');
update import_queue set status = 'complete';
select is(pg_temp.imported(), 'worked since', 'or has imported since');

-- Vehicles of which a part is there.
select results_eq($$select right(vehicle_id::text, 1), failed_steps, worked_steps, retried_steps from p order by 1$$, $$values
  ('1', '{extract_images}'::text[], '{extract_data}'::text[], '{extract_images}'::text[]), ('3', '{backfill_images}', '{extract_data}', '{}'), ('6', '{extract_vin}', '{extract_data}', '{}')$$,
  'are those of which one step failed and has not worked since, and another has');
select is((select failures from p where vehicle_id = pg_temp.id(1)), '{"extract_images": "timeout: it said timeout"}', 'why');
select results_eq($$select image_urls, images_stored from p where vehicle_id = pg_temp.id(1)$$, $$values (2, 0::bigint)$$, 'how many images are known of, and are here');
select is((select what_to_type from p where vehicle_id = pg_temp.id(6)), (select what_to_type from f where vehicle_id = pg_temp.id(6)), 'and what to type where nobody tries again');
select is((select what_to_type from p where vehicle_id = pg_temp.id(1)), null, 'nothing where somebody does');
select lives_ok((select what_to_type from p where vehicle_id = pg_temp.id(3)), 'what it says of images can be typed');

select * from finish();
rollback;
