begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

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

select results_eq(
  $$select url, result, detail from settle_image_downloads(
      (select jsonb_agg(image || pg_temp.stored(case place when 1 then 'a' when 2 then 'b' else 'a' end)) from lease)) order by url$$,
  $$values ('https://img.example/0.jpg', 'stored', null), ('https://img.example/1.jpg', 'stored', null),
           ('https://img.example/2.jpg', 'duplicate', 'https://img.example/0.jpg')$$,
  'the same bytes under two URLs are stored once, and the second URL is a duplicate of the first');
select results_eq(
  $$select image_url, is_primary, position from vehicle_images order by position$$,
  $$values ('https://img.example/0.jpg', true, 0), ('https://img.example/1.jpg', false, 1)$$,
  'the first image of a gallery is the primary one');
select results_eq(
  $$select result from settle_image_downloads((select jsonb_agg(image || pg_temp.stored('c')) from lease))$$,
  $$values ('stale'), ('stale'), ('stale')$$, 'a result that is sent a second time is stale');
select is((select count(*)::int from vehicle_images), 2, 'a result that is sent a second time stores nothing');

select * from finish();
rollback;
