begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.stored(p_letter text) returns jsonb language sql as $$
  select jsonb_build_object('kind', 'stored', 'content_hash', repeat(p_letter, 64),
    'storage_path', p_letter || p_letter || '/' || repeat(p_letter, 64) || '.jpg',
    'mime_type', 'image/jpeg', 'bytes', 1000, 'width', 640, 'height', 480)
$$;
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000002', 'https://cars.example/2');
create function pg_temp.cover() returns jsonb language sql as $$
  select private.store_image_results('00000000-0000-4000-8000-000000000002',
    array['https://img.example/gone.jpg', 'https://img.example/x.jpg', 'https://img.example/y.jpg'],
    jsonb_build_array(
      '{"url": "https://img.example/gone.jpg", "kind": "failed", "code": "gone", "error": "404", "http_status": 404}'::jsonb,
      '{"url": "https://img.example/x.jpg"}'::jsonb || pg_temp.stored('e')))
$$;
select pg_temp.cover();
insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position) select vehicle_id, repeat('f', 64), 'https://img.example/y.jpg', 'ff/' || repeat('f', 64) || '.jpg', mime_type, bytes, width, height, 2 from vehicle_images;

select throws_ok(
  $$update vehicle_images set is_primary = true$$, '23505', null, 'a second primary picture of one vehicle is refused');
select throws_ok(
  $$update vehicle_images set storage_path = 'x.jpg'$$, '23514', null, 'a file that is not named by its content is refused');

select * from finish();
rollback;
