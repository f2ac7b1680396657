begin;
create extension if not exists pgtap with schema extensions;
select plan(18);

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
  'the same bytes under two URLs are stored once, and the second names the first');
select results_eq(
  $$select image_url, is_primary, position from vehicle_images order by position$$,
  $$values ('https://img.example/0.jpg', true, 0), ('https://img.example/1.jpg', false, 1)$$,
  'the first of the gallery is the primary one');
select results_eq(
  $$select result from settle_image_downloads((select jsonb_agg(image || pg_temp.stored('c')) from lease))$$,
  $$values ('stale'), ('stale'), ('stale')$$, 'a result that is sent twice is stale');
select is((select count(*)::int from vehicle_images), 2, 'and stores nothing');

-- A worker that lost its lease.
create temp table late as select e.value as image from jsonb_array_elements(pg_temp.claimed(1)) e;
update image_downloads set lease_expires_at = now() - interval '1 second' where status = 'leased';
create temp table second as select e.value as image from jsonb_array_elements(pg_temp.claimed(1)) e;
select is((select image ->> 'url' from second), (select image ->> 'url' from late), 'an image whose worker died is claimed again');
select isnt((select image ->> 'lease_token' from second), (select image ->> 'lease_token' from late), 'with a token of its own');
select is((select (image ->> 'attempts')::int from second), 2, 'and its attempt counts');
select is((select result from settle_image_downloads((select jsonb_agg(image || pg_temp.stored('d')) from late))), 'stale',
  'the one that lost it changes nothing');
select is((select result from settle_image_downloads((select jsonb_agg(image || pg_temp.stored('b')) from second))), 'duplicate',
  'the one that holds it settles; bytes stored in an earlier run are known');
select is((select count(*)::int from vehicle_images), 2, 'so there are two pictures still');

-- Beside the queue, as apply_extractions does it.
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000002', 'https://cars.example/2');
create function pg_temp.cover() returns jsonb language sql as $$
  select private.store_image_results('00000000-0000-4000-8000-000000000002',
    array['https://img.example/gone.jpg', 'https://img.example/x.jpg', 'https://img.example/y.jpg'],
    jsonb_build_array(
      '{"url": "https://img.example/gone.jpg", "kind": "failed", "code": "gone", "error": "404", "http_status": 404}'::jsonb,
      '{"url": "https://img.example/x.jpg"}'::jsonb || pg_temp.stored('e')))
$$;
select is(pg_temp.cover(), '{"new_urls": true, "recorded": 2, "stored": 1, "images": 1}'::jsonb,
  'a cover downloaded inline is recorded with the URLs of its gallery');
select is(pg_temp.cover(), '{"new_urls": false, "recorded": 1, "stored": 0, "images": 1}'::jsonb,
  'recording it again stores nothing');
select results_eq(
  $$select url, status from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000002' order by position$$,
  $$values ('https://img.example/gone.jpg', 'gone'), ('https://img.example/x.jpg', 'stored'), ('https://img.example/y.jpg', 'pending')$$,
  'and each URL stands as it was left');

-- What the constraints refuse.
select throws_ok(
  $$update vehicle_images set is_primary = true$$, '23505', null, 'two primary pictures of one vehicle are impossible');
select throws_ok(
  $$update vehicle_images set storage_path = 'x.jpg'$$, '23514', null, 'so is a file that is not named by its content');
select throws_ok(
  $$update image_downloads set status = 'leased' where status = 'pending'$$, '23514', null, 'so is a lease without a token');
select throws_ok(
  $$update image_downloads set status = 'failed', next_attempt_at = null where status = 'pending'$$, '23514', null,
  'so is a failure without a reason');
select throws_ok(
  $$update image_downloads set status = 'duplicate', next_attempt_at = null, content_hash = repeat('a', 64), duplicate_of = url
    where status = 'pending'$$, '23514', null, 'so is a duplicate of itself');

select * from finish();
rollback;
