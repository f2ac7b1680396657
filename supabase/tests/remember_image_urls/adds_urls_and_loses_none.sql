begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1',
   '{"image_urls": ["https://img.example/1.jpg", "ftp://img.example/2.jpg", "https://img.example/1.jpg", 5], "note": "kept"}'),
  ('00000000-0000-4000-8000-000000000002', 'https://cars.example/2', '{"image_urls": "https://img.example/lone.jpg"}'),
  ('00000000-0000-4000-8000-000000000003', 'https://cars.example/3', '{}');

select results_eq(
  $$select vehicle_id, urls_known, changed from remember_image_urls('[
      {"vehicle_id": "00000000-0000-4000-8000-000000000003", "urls": ["https://img.example/b.jpg", " https://img.example/a.jpg ", "https://img.example/b.jpg", ""]},
      {"vehicle_id": "00000000-0000-4000-8000-000000000001", "urls": ["https://img.example/9.jpg", "https://img.example/1.jpg"]},
      {"vehicle_id": "00000000-0000-4000-8000-0000000000ff", "urls": ["https://img.example/9.jpg"]}]')$$,
  $$values ('00000000-0000-4000-8000-000000000001'::uuid, 5, true), ('00000000-0000-4000-8000-000000000003'::uuid, 2, true)$$,
  'URLs are remembered for the vehicles that exist, and no other vehicle is answered');
select is(
  (select origin_metadata - 'source' from vehicles where id = '00000000-0000-4000-8000-000000000001'),
  '{"image_urls": ["https://img.example/1.jpg", "ftp://img.example/2.jpg", "https://img.example/1.jpg", 5, "https://img.example/9.jpg"], "image_count": 5, "note": "kept"}'::jsonb,
  'new URLs are appended to image_urls, and the rest of origin_metadata stays as it was');
select is(
  (select origin_metadata -> 'image_urls' from vehicles where id = '00000000-0000-4000-8000-000000000003'),
  '["https://img.example/b.jpg", "https://img.example/a.jpg"]'::jsonb,
  'the URLs of a gallery keep their order, and none is there twice');
select is(
  (select count(*)::int from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000003'), 2,
  'each remembered URL has its row in image_downloads');
select ok(
  not (select bool_or(changed) from remember_image_urls('[
      {"vehicle_id": "00000000-0000-4000-8000-000000000003", "urls": ["https://img.example/a.jpg"]}]')),
  'remembering URLs that are known changes nothing');
select ok(
  not private.remember_image_urls('00000000-0000-4000-8000-000000000003', '{}'), 'remembering an empty gallery changes nothing');

select * from finish();
rollback;
