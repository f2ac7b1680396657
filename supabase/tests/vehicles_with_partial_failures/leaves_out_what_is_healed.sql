begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url, vin, description, origin_metadata)
select pg_temp.id(n), 'https://cars.example/' || n, case when n in (1, 6) then '1HGCM82633A00435' || n end, case when n = 2 then 'A car.' end, m
from (values (1, '{}'::jsonb), (2, '{}'), (3, '{}'), (4, '{"image_urls": ["https://i.example/4.jpg"]}'), (5, '{"image_urls": ["https://i.example/5.jpg", "https://i.example/6.jpg"], "image_count": "many"}'),
  (6, '{"image_count": 1.5}'), (7, '{"image_count": {"a": 1}}'), (8, '{"image_count": 99999999999}')) v(n, m);
insert into scrape_steps (vehicle_id, step_name, source, url, status, outcome_code, error_message, created_at)
select pg_temp.id(n), step, 'cars.example', 'https://cars.example/' || n, 'failed', 'timeout', 'it took too long', now() - interval '1 hour'
from (values (1, 'extract_vin'), (2, 'generate_description'), (3, 'extract_data'), (4, 'backfill_images'), (5, 'backfill_images'), (6, 'extract_comments'), (7, 'extract_vin'), (8, 'extract_images')) f(n, step);
insert into scrape_steps (vehicle_id, step_name, source, url, status, outcome_code, created_at)
select pg_temp.id(n), 'extract_location', 'cars.example', 'https://cars.example/' || n, 'success', 'ok', now() - interval '2 hours' from generate_series(1, 8) n;
insert into scrape_steps (vehicle_id, step_name, source, url, status, outcome_code, created_at)
values (pg_temp.id(3), 'read_again', 'cars.example', 'https://cars.example/3', 'success', 'ok', now() - interval '10 minutes'), (pg_temp.id(6), 'read_again', 'cars.example', 'https://cars.example/6', 'success', 'ok', now() - interval '10 minutes');
insert into vehicle_images (vehicle_id, image_url, content_hash, storage_path, mime_type, bytes, width, height, position)
select pg_temp.id(n), 'https://i.example/' || n || '.jpg', repeat(md5(n::text), 2), repeat(md5(n::text), 2) || '.jpg', 'image/jpeg', 1, 60, 60, 0 from generate_series(4, 5) n;
update image_downloads set status = 'gone', outcome = 'gone', last_error = 'HTTP 404', next_attempt_at = null where vehicle_id = pg_temp.id(4);

select lives_ok('select * from vehicles_with_partial_failures', 'an image_count that is no number breaks nothing');
select is(array(select right(vehicle_id::text, 1) from vehicles_with_partial_failures order by 1), '{5,6,7,8}',
  'a vehicle is not shown that has the VIN, the description or all pictures by now, or whose page was read since; one is that lacks what a reading does not bring');
select is((select image_urls from vehicles_with_partial_failures where vehicle_id = pg_temp.id(5)), 2, 'a vehicle with an image_count that is no number is shown with the number of its image URLs');
select is((select array_agg(image_urls) from vehicles_with_partial_failures where vehicle_id in (pg_temp.id(6), pg_temp.id(7), pg_temp.id(8))), '{null,null,null}', 'a vehicle with neither is shown without a number');

select * from finish();
rollback;
