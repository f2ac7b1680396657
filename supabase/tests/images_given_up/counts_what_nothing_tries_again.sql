begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url, origin_metadata)
select pg_temp.id(n), 'https://cars.example/' || n, jsonb_build_object('image_urls', jsonb_build_array('https://i.example/' || n || 'a.jpg', 'https://i.example/' || n || 'b.jpg')) from generate_series(1, 3) n;
update image_downloads set status = 'failed', outcome = 'server_error', last_error = 'HTTP 500', attempts = 5, next_attempt_at = null where vehicle_id in (pg_temp.id(1), pg_temp.id(2));
update image_downloads set outcome = 'invalid' where url = 'https://i.example/2b.jpg';

select is(images_given_up() - 'what_to_type', '{"images": 3, "vehicles": 2}', 'images whose attempts are spent are counted, and their vehicles; what is no picture is not');
select is(images_given_up(array[pg_temp.id(2)]) ->> 'images', '1', 'of the vehicles that are asked for only theirs are counted');
select is(images_given_up(array[pg_temp.id(3)]), '{"images": 0, "vehicles": 0, "what_to_type": null}', 'where nothing is given up there is nothing to type');
create temp table typed as select images_given_up() ->> 'what_to_type' as everything, images_given_up(array[pg_temp.id(2)]) ->> 'what_to_type' as one;
do $$ begin execute (select one from typed); end $$;
select is(images_given_up() -> 'images', '2', 'what is to be typed for one vehicle puts its images back');
do $$ begin execute (select everything from typed); end $$;
select is(images_given_up() -> 'images', '0', 'what is to be typed for all puts all of them back');

select * from finish();
rollback;
