-- Beside the queue, as apply_extractions() does it.
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

select is(pg_temp.cover(), '{"new_urls": true, "recorded": 2, "stored": 1, "images": 1}'::jsonb,
  'a cover downloaded inline is recorded, with the URLs of its gallery');
select is(pg_temp.cover(), '{"new_urls": false, "recorded": 1, "stored": 0, "images": 1}'::jsonb,
  'recording a cover a second time stores nothing');
select results_eq(
  $$select url, status from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000002' order by position$$,
  $$values ('https://img.example/gone.jpg', 'gone'), ('https://img.example/x.jpg', 'stored'), ('https://img.example/y.jpg', 'pending')$$,
  'after a cover was recorded its gallery''s URLs are gone, stored and pending as they were left');

select * from finish();
rollback;
