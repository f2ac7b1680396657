begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1',
   '{"image_urls": ["https://img.example/1.jpg", "ftp://img.example/2.jpg", "https://img.example/1.jpg", 5], "note": "kept"}'),
  ('00000000-0000-4000-8000-000000000002', 'https://cars.example/2', '{"image_urls": "https://img.example/lone.jpg"}'),
  ('00000000-0000-4000-8000-000000000003', 'https://cars.example/3', '{}');
select remember_image_urls('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "urls": ["https://img.example/9.jpg"]}]');

select is(
  (select count(*)::int from vehicles v left join vehicle_images vi on v.id = vi.vehicle_id
   where v.origin_metadata -> 'image_urls' is not null and v.origin_metadata -> 'image_urls' != '[]'::jsonb
   group by v.id having count(vi.id) = 0 limit 1), 1,
  'vehicles with image URLs and no images are found by their origin_metadata');
select results_eq(
  $$select host, urls::int, waiting::int, failed::int, why from image_download_status
    where vehicle_id = '00000000-0000-4000-8000-000000000001' order by host$$,
  $$values ('img.example', 3, 2, 1, 'not an http(s) URL')$$,
  'image_download_status shows for each host how many wait, how many failed, and why');

select * from finish();
rollback;
