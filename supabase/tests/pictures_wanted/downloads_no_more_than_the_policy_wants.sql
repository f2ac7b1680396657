begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

insert into vehicles (id, discovery_url, origin_metadata)
select ('00000000-0000-4000-8000-00000000000' || v)::uuid, 'https://cars.example/' || v,
       jsonb_build_object('image_urls', (
         select jsonb_agg('https://img' || v || '.example/' || n || '.jpg' order by n) from generate_series(0, 9) n))
from generate_series(1, 2) v;
create function pg_temp.settled(p_kind jsonb) returns bigint language sql as $$
  select count(*) from settle_image_downloads((
    select jsonb_agg(to_jsonb(d) || p_kind || jsonb_build_object(
      'content_hash', encode(sha256(d.url::bytea), 'hex'), 'storage_path', encode(sha256(d.url::bytea), 'hex')))
    from (select vehicle_id, url, lease_token from image_downloads where status = 'leased') d))
$$;

update fill_policy set galleries = 'none';
select is(pictures_wanted(), 'none', 'an operator says which pictures are wanted');
select is(private.image_downloads_are_due(), false, 'none: none is due');
select is((select count(*) from claim_image_downloads(100)), 0::bigint, 'no claim takes one');
select is((select count(*) from claim_image_downloads(100, array['00000000-0000-4000-8000-000000000001']::uuid[])), 0::bigint, 'nor does one for a vehicle');
select is((select count(*) from vehicles_due_for_images(10, false)), 0::bigint, 'no vehicle is due for pictures');
select is(private.due_images(), 0, 'nor counted as due');
select is((select count(*) from image_downloads where status = 'pending'), 20::bigint, 'the addresses are kept');

update fill_policy set galleries = 'cover';
select is(private.due_images(), 2, 'cover: one of each vehicle is due');
select results_eq(
  $$select position, wave from claim_image_downloads(100, array['00000000-0000-4000-8000-000000000001']::uuid[])$$,
  $$values (0, 0::smallint)$$, 'a claim for a vehicle takes its cover');
select pg_temp.settled('{"kind": "failed", "code": "gone", "error": "404"}');
select results_eq(
  $$select url, wave from claim_image_downloads(100) order by url$$,
  $$values ('https://img1.example/1.jpg', 0::smallint), ('https://img2.example/0.jpg', 0::smallint)$$, 'where that is gone the next one is the cover');
select pg_temp.settled('{"kind": "stored", "mime_type": "image/png", "bytes": 9, "width": 60, "height": 60}');
select is((select count(*) from vehicle_images), 2::bigint, 'each vehicle has one picture');
select is((select count(*) from claim_image_downloads(100)), 0::bigint, 'then no claim takes more');
select is((select count(*) from claim_image_downloads(100, array['00000000-0000-4000-8000-000000000001']::uuid[])), 0::bigint, 'nor for a vehicle');
select is(private.image_downloads_are_due(), false, 'and none is due');
select is((select count(*) from vehicles_due_for_images(10, false)), 0::bigint, 'of no vehicle');

update fill_policy set galleries = 'all';
select is(private.image_downloads_are_due(), true, 'all: what was left is due');
select is((select count(*) from claim_image_downloads(100)), 17::bigint, 'and is downloaded, whenever that is said');

select * from finish();
rollback;
