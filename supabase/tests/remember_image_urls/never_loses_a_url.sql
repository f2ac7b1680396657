begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1',
   '{"image_urls": ["https://img.example/1.jpg", "ftp://img.example/2.jpg", "https://img.example/1.jpg", 5], "note": "kept"}'),
  ('00000000-0000-4000-8000-000000000002', 'https://cars.example/2', '{"image_urls": "https://img.example/lone.jpg"}'),
  ('00000000-0000-4000-8000-000000000003', 'https://cars.example/3', '{}');

select results_eq(
  $$select url, position, status from image_downloads
    where vehicle_id = '00000000-0000-4000-8000-000000000001' order by position$$,
  $$values ('https://img.example/1.jpg', 0, 'pending'), ('ftp://img.example/2.jpg', 1, 'failed')$$,
  'an import''s URLs have their rows at once; what cannot be fetched is failed, not forgotten');
select is(
  (select outcome || ': ' || last_error from image_downloads where url like 'ftp:%'),
  'invalid: not an http(s) URL', 'and says why');
select is(
  (select url from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000002'),
  'https://img.example/lone.jpg', 'one URL that is no list is understood');

select results_eq(
  $$select vehicle_id, urls_known, changed from remember_image_urls('[
      {"vehicle_id": "00000000-0000-4000-8000-000000000003", "urls": ["https://img.example/b.jpg", " https://img.example/a.jpg ", "https://img.example/b.jpg", ""]},
      {"vehicle_id": "00000000-0000-4000-8000-000000000001", "urls": ["https://img.example/9.jpg", "https://img.example/1.jpg"]},
      {"vehicle_id": "00000000-0000-4000-8000-0000000000ff", "urls": ["https://img.example/9.jpg"]}]')$$,
  $$values ('00000000-0000-4000-8000-000000000001'::uuid, 5, true), ('00000000-0000-4000-8000-000000000003'::uuid, 2, true)$$,
  'URLs are remembered for the vehicles that exist');
select is(
  (select origin_metadata - 'source' from vehicles where id = '00000000-0000-4000-8000-000000000001'),
  '{"image_urls": ["https://img.example/1.jpg", "ftp://img.example/2.jpg", "https://img.example/1.jpg", 5, "https://img.example/9.jpg"], "image_count": 5, "note": "kept"}'::jsonb,
  'new URLs stand behind the held ones, and everything else is as it was');
select is(
  (select origin_metadata -> 'image_urls' from vehicles where id = '00000000-0000-4000-8000-000000000003'),
  '["https://img.example/b.jpg", "https://img.example/a.jpg"]'::jsonb,
  'the order of the gallery is kept, and nothing is there twice');
select is(
  (select count(*)::int from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000003'), 2,
  'each URL has its row');
select ok(
  not (select bool_or(changed) from remember_image_urls('[
      {"vehicle_id": "00000000-0000-4000-8000-000000000003", "urls": ["https://img.example/a.jpg"]}]')),
  'remembering what is known changes nothing');
select ok(
  not private.remember_image_urls('00000000-0000-4000-8000-000000000003', '{}'), 'nor does an empty gallery');

update vehicles set origin_metadata = '{"image_urls": ["https://img.example/c.jpg"]}'
where id = '00000000-0000-4000-8000-000000000003';
select set_eq(
  $$select url from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000003'$$,
  $$values ('https://img.example/a.jpg'), ('https://img.example/b.jpg'), ('https://img.example/c.jpg')$$,
  'a list overwritten by hand leaves the rows of the old one');

update vehicles set origin_metadata = jsonb_build_object('image_urls',
  jsonb_build_array('https://img.example/' || repeat('x', 3000) || '.jpg', 'https://img.example/d.jpg'))
where id = '00000000-0000-4000-8000-000000000003';
select is(
  (select count(*)::int from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000003'), 4,
  'a URL too long for an index is kept in the metadata alone, and spoils no other');

-- The queries of the operators.
select is(
  (select count(*)::int from vehicles v left join vehicle_images vi on v.id = vi.vehicle_id
   where v.origin_metadata -> 'image_urls' is not null and v.origin_metadata -> 'image_urls' != '[]'::jsonb
   group by v.id having count(vi.id) = 0 limit 1), 1,
  'vehicles with URLs and no images are found by their metadata');
select results_eq(
  $$select host, urls::int, waiting::int, failed::int, why from image_download_status
    where vehicle_id = '00000000-0000-4000-8000-000000000001' order by host$$,
  $$values ('img.example', 3, 2, 1, 'not an http(s) URL')$$,
  'the status says for each host how many wait, how many failed, and why');

delete from vehicles where id = '00000000-0000-4000-8000-000000000001';
select is_empty(
  $$select 1 from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000001'$$,
  'a vehicle that is deleted takes its rows along');

select * from finish();
rollback;
