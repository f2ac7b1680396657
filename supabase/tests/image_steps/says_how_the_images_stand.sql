begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

create function pg_temp.id(n integer) returns uuid language sql immutable as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://cars.example/' || n from generate_series(1, 8) n;

-- The image URLs of a vehicle, each with its status.
create function pg_temp.url(n integer, p_status text, p_outcome text default null, p_due interval default '0', p_error text default null) returns void language sql as $$
  with next as (select coalesce(max(position) + 1, 0) as position from image_downloads where vehicle_id = pg_temp.id(n))
  insert into image_downloads (vehicle_id, url, position, wave, status, outcome, last_error, next_attempt_at)
  select pg_temp.id(n), 'https://i.example/' || n || '-' || position, position, 0, p_status, p_outcome, coalesce(p_error, p_outcome),
    case when p_status = 'pending' then now() + p_due end
  from next
$$;
create function pg_temp.step(n integer, p_anew boolean default false) returns text language sql as $$
  select concat_ws(' | ', status, outcome_code, error_message) from image_steps(array[pg_temp.id(n)], case when p_anew then array[pg_temp.id(n)] else '{}' end)
$$;

select is(pg_temp.step(1), 'skipped | no image URL is known: the step extract_images finds them', 'without any known URL there is nothing to download, and that is said');
insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
values (pg_temp.id(1), md5('a') || md5('b'), 'https://i.example/1', md5('a') || md5('b'), 'image/jpeg', 1, 1, 1, 0);
select is(pg_temp.step(1), 'success | ok', 'images that came without a URL are there, and nothing is wrong with them');
select pg_temp.url(2, 'gone', 'gone');
select is(pg_temp.step(2), 'success | ok', 'what the site removed is not waited for');

select pg_temp.url(3, 'gone', 'gone'), pg_temp.url(3, 'pending', 'timeout', '1 hour', 'no answer');
select is(pg_temp.step(3), 'pending | 1 of 2 images wait for their turn (gone)', 'images that wait are not failed');
select is((select retry_at from image_steps(array[pg_temp.id(3)])), now() + interval '1 hour', 'until the first of them is due');
select is(pg_temp.step(3, true), 'failed | timeout | 1 of 2 images could not be downloaded: no answer', 'those that were given new attempts and wait again have failed');
select pg_temp.url(4, 'pending');
select is(pg_temp.step(4, true), 'pending | 1 of 1 images wait for their turn', 'what is due has not been tried');
select is((select retry_at from image_steps(array[pg_temp.id(4)])), now(), 'and may be, now');

select pg_temp.url(5, 'failed', 'invalid', p_error => 'file: URL');
select is(pg_temp.step(5), 'failed | invalid | 1 of 1 images could not be downloaded: file: URL', 'images that cannot be had failed');
select pg_temp.url(5, 'failed', 'unreadable', p_error => 'an HTML page');
select is(pg_temp.step(5), 'failed | unreadable | 2 of 2 images could not be downloaded: an HTML page', 'a failure that can heal is named before one that cannot');
select is((select count(*) from image_steps(array[pg_temp.id(9)])), 0::bigint, 'a vehicle that does not exist is left out');

-- On record.
create temp table n as select note_image_steps(jsonb_build_array(
  jsonb_build_object('vehicle_id', pg_temp.id(3), 'url', 'https://cars.example/3'), jsonb_build_object('vehicle_id', pg_temp.id(5), 'url', 'https://www.cars.example/5')), 250) as n;
select results_eq('select step_name, status, outcome_code, url, source, duration_ms, completed_at is null, metadata from scrape_steps order by url', $$values
  ('backfill_images', 'pending', null, 'https://cars.example/3', 'cars.example', 250, true, '{"retried_by": "image_downloads"}'::jsonb),
  ('backfill_images', 'failed', 'unreadable', 'https://www.cars.example/5', 'cars.example', 250, false, '{}')$$, 'the step is written down as it stands');
select is((select count(*) from jsonb_array_elements((select n from n)) e join scrape_steps s on s.vehicle_id = (e ->> 'vehicle_id')::uuid and s.status = e ->> 'status' and s.error_message = e ->> 'error_message'), 2::bigint, 'and told so');
select results_eq('select vehicle_id, step_name from scrape_retry_queue', $$values (pg_temp.id(5), 'backfill_images')$$, 'what the image queue tries again is not queued a second time');

-- A retry that was no reading.
create temp table taken as select r -> 'lease_token' as token, r -> 'id' as id from jsonb_array_elements(claim_queue('scrape_retry_queue', 1, array[pg_temp.id(5)])) r;
update scrape_retry_queue set next_retry_at = null;
insert into taken select r -> 'lease_token', r -> 'id' from jsonb_array_elements(claim_queue('scrape_retry_queue', 1, array[pg_temp.id(5)])) r;
delete from scrape_steps;
select settle_retries(jsonb_build_array(
  jsonb_build_object('id', id, 'lease_token', token, 'outcome', 'ok'), jsonb_build_object('id', gen_random_uuid(), 'lease_token', gen_random_uuid(), 'outcome', 'ok'))) from taken;
select results_eq('select s.step_name, s.status, s.outcome_code, s.url, s.metadata, r.status from scrape_steps s join scrape_retry_queue r using (vehicle_id)', $$values
  ('backfill_images', 'success', 'ok', 'https://cars.example/5', '{"retried_by": "scrape_retry_queue"}'::jsonb, 'completed')$$, 'a retry ends its row and is on record, one whose lease was lost does neither');

select * from finish();
rollback;
