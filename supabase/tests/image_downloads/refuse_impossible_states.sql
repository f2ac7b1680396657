begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

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

select throws_ok(
  $$update image_downloads set status = 'leased' where status = 'pending'$$, '23514', null, 'an image_downloads row that is leased without a token is refused');
select throws_ok(
  $$update image_downloads set status = 'failed', next_attempt_at = null where status = 'pending'$$, '23514', null,
  'an image_downloads row that failed without a reason is refused');
select throws_ok(
  $$update image_downloads set status = 'duplicate', next_attempt_at = null, content_hash = repeat('a', 64), duplicate_of = url
    where status = 'pending'$$, '23514', null, 'an image_downloads row that is a duplicate of itself is refused');

select * from finish();
rollback;
