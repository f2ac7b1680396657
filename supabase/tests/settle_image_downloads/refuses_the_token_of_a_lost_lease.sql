begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.stored(p_letter text) returns jsonb language sql as $$
  select jsonb_build_object('kind', 'stored', 'content_hash', repeat(p_letter, 64),
    'storage_path', p_letter || p_letter || '/' || repeat(p_letter, 64) || '.jpg',
    'mime_type', 'image/jpeg', 'bytes', 1000, 'width', 640, 'height', 480)
$$;
create function pg_temp.claimed(p_limit int) returns jsonb language sql as $$
  select jsonb_agg(to_jsonb(c) order by c.position)
  from claim_image_downloads(p_limit, array['00000000-0000-4000-8000-000000000001']::uuid[]) c
$$;

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1',
   '{"image_urls": ["https://img.example/0.jpg", "https://img.example/1.jpg", "https://img.example/2.jpg", "https://img.example/3.jpg"]}');

create temp table lease as select e.value as image, e.place from jsonb_array_elements(pg_temp.claimed(3)) with ordinality e(value, place);
select settle_image_downloads((select jsonb_agg(image || pg_temp.stored(case place when 2 then 'b' else 'a' end)) from lease));
create temp table late as select e.value as image from jsonb_array_elements(pg_temp.claimed(1)) e;
update image_downloads set lease_expires_at = now() - interval '1 second' where status = 'leased';
create temp table second as select e.value as image from jsonb_array_elements(pg_temp.claimed(1)) e;

select is((select image ->> 'url' from second), (select image ->> 'url' from late), 'an image whose worker died is claimed again');
select isnt((select image ->> 'lease_token' from second), (select image ->> 'lease_token' from late), 'an image that is claimed again has a new lease token');
select is((select (image ->> 'attempts')::int from second), 2, 'the attempt of a worker that died counts');
select is((select result from settle_image_downloads((select jsonb_agg(image || pg_temp.stored('d')) from late))), 'stale',
  'a worker that lost its lease is told that its result is stale');
select is((select result from settle_image_downloads((select jsonb_agg(image || pg_temp.stored('b')) from second))), 'duplicate',
  'the holder of a lease settles: bytes stored in an earlier run make a duplicate');
select is((select count(*)::int from vehicle_images), 2, 'a lost lease and a duplicate store no picture');

select * from finish();
rollback;
