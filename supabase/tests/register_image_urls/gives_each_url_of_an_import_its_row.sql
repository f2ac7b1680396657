begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1',
   '{"image_urls": ["https://img.example/1.jpg", "ftp://img.example/2.jpg", "https://img.example/1.jpg", 5], "note": "kept"}'),
  ('00000000-0000-4000-8000-000000000002', 'https://cars.example/2', '{"image_urls": "https://img.example/lone.jpg"}'),
  ('00000000-0000-4000-8000-000000000003', 'https://cars.example/3', '{}');

select results_eq(
  $$select url, position, status from image_downloads
    where vehicle_id = '00000000-0000-4000-8000-000000000001' order by position$$,
  $$values ('https://img.example/1.jpg', 0, 'pending'), ('ftp://img.example/2.jpg', 1, 'failed')$$,
  'each URL of an import has its row, and one that cannot be fetched is failed');
select is(
  (select outcome || ': ' || last_error from image_downloads where url like 'ftp:%'),
  'invalid: not an http(s) URL', 'a URL that is not http or https is failed as invalid, with the reason');
select is(
  (select url from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000002'),
  'https://img.example/lone.jpg', 'an image_urls that is one URL and no list is understood');
update vehicles set origin_metadata = '{"image_urls": ["https://img.example/b.jpg", "https://img.example/a.jpg"]}' where id = '00000000-0000-4000-8000-000000000003';
update vehicles set origin_metadata = '{"image_urls": ["https://img.example/c.jpg"]}'
where id = '00000000-0000-4000-8000-000000000003';
select set_eq(
  $$select url from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000003'$$,
  $$values ('https://img.example/a.jpg'), ('https://img.example/b.jpg'), ('https://img.example/c.jpg')$$,
  'a list that is overwritten by hand leaves the rows of its old URLs');

update vehicles set origin_metadata = jsonb_build_object('image_urls',
  jsonb_build_array('https://img.example/' || repeat('x', 3000) || '.jpg', 'https://img.example/d.jpg'))
where id = '00000000-0000-4000-8000-000000000003';
select is(
  (select count(*)::int from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000003'), 4,
  'a URL too long for an index has no row, and those beside it have theirs');
delete from vehicles where id = '00000000-0000-4000-8000-000000000001';
select is_empty(
  $$select 1 from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000001'$$,
  'a vehicle that is deleted takes its image_downloads along');

select * from finish();
rollback;
