begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.add_images(p_vehicles uuid[]) returns void language sql as $$
  insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
  select v, md5(v::text) || md5('x'), 'https://i.example/1', md5(v::text) || md5('x') || '.jpg', 'image/jpeg', 1, 1, 1, 0
  from unnest(p_vehicles) v
$$;
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;

insert into vehicles (id, discovery_url, year) select pg_temp.id(n), 'https://a.example/' || n, 1990 from generate_series(1, 5) n;
select pg_temp.add_images(array[pg_temp.id(4), pg_temp.id(5)]);

select lives_ok($$delete from vehicles where id in ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000005')$$,
  'vehicles with images can be deleted');
select is((select count(*) from vehicle_quality_scores), 3::bigint, 'vehicles that are deleted take their scores along');
select is((select count(*) from micro_scrape_state), 3::bigint, 'vehicles that are deleted take their states along');
select is((select count(*) from vehicle_images), 0::bigint, 'vehicles that are deleted take their images along');

select * from finish();
rollback;
