begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.stored() returns jsonb language sql as $$
  select jsonb_build_object('kind', 'stored', 'content_hash', repeat('a', 64), 'storage_path', 'aa/' || repeat('a', 64) || '.jpg',
    'mime_type', 'image/jpeg', 'bytes', 1000, 'width', 640, 'height', 480)
$$;
create function pg_temp.settled() returns text language sql as $$
  select result from settle_image_downloads((
    select jsonb_agg(to_jsonb(c) || pg_temp.stored())
    from claim_image_downloads(1, array['00000000-0000-4000-8000-000000000001']::uuid[]) c))
$$;
insert into vehicles (id, discovery_url, origin_metadata)
values ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1', '{"image_urls": ["https://img.example/0.jpg"]}');
insert into private.unneeded_snapshot_objects (bucket, storage_path) values ('vehicle-images', 'aa/' || repeat('a', 64) || '.jpg');
select claim_unneeded_objects(); -- prune-snapshots removes the file of a vehicle that was deleted

select is(pg_temp.settled(), 'pending', 'a picture whose file is being removed is downloaded again');
select is_empty('select * from vehicle_images', 'no row names a file that is being removed');
select is((select attempts from image_downloads), 0, 'the attempt is given back');

select forget_snapshot_objects(array['aa/' || repeat('a', 64) || '.jpg']);
update private.removed_objects set removed_at = now() - interval '20 minutes';
update image_downloads set next_attempt_at = now();
select is(pg_temp.settled(), 'stored', 'the picture is stored once the removal is over');

select * from finish();
rollback;
