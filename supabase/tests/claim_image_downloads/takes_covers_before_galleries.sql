begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

-- Three vehicles with galleries of 20; the first was there long before.
insert into vehicles (id, discovery_url, origin_metadata)
select ('00000000-0000-4000-8000-00000000000' || v)::uuid, 'https://cars.example/' || v,
       jsonb_build_object('image_urls', (
         select jsonb_agg('https://img' || v || '.example/' || n || '.jpg' order by n) from generate_series(0, 19) n))
from generate_series(1, 3) v;
update image_downloads set next_attempt_at = now() - interval '1 day' where vehicle_id::text like '%1';

create function pg_temp.stored(p_url text) returns jsonb language sql as $$
  select jsonb_build_object('kind', 'stored', 'content_hash', encode(sha256(p_url::bytea), 'hex'),
    'storage_path', encode(sha256(p_url::bytea), 'hex'), 'mime_type', 'image/png', 'bytes', 9, 'width', 60, 'height', 60)
$$;
create temp table lease as select * from claim_image_downloads(3);

select results_eq(
  $$select url from lease order by url$$,
  $$values ('https://img1.example/0.jpg'), ('https://img2.example/0.jpg'), ('https://img3.example/0.jpg')$$,
  'a claim takes the cover of each vehicle first, however long the gallery of one waits');
select is_empty($$select * from claim_image_downloads(10, p_only_missing := true)$$,
  'a claim for vehicles without a picture takes nothing while their covers are leased');

-- The cover of 1 is stored, that of 2 is gone, that of 3 timed out.
select count(*) from settle_image_downloads((
  select jsonb_agg(to_jsonb(l) || case right(l.vehicle_id::text, 1)
    when '1' then pg_temp.stored(l.url)
    when '2' then '{"kind": "failed", "code": "gone", "error": "404"}'
    else '{"kind": "failed", "code": "timeout", "error": "slow"}' end) from lease l));
select results_eq(
  $$select url from claim_image_downloads(10, p_only_missing := true) order by url$$,
  $$values ('https://img2.example/1.jpg'), ('https://img3.example/1.jpg')$$,
  'a vehicle whose cover failed has its next image taken, before the galleries of others');
select is((select count(*)::int from image_downloads where wave = 0 and vehicle_id::text like '%1' and status = 'pending'), 0,
  'a vehicle that has a picture has no image with the priority of a cover');

select * from finish();
rollback;
