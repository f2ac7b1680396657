begin;
create extension if not exists pgtap with schema extensions;
select plan(13);

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
  'each vehicle''s cover comes first, however long another waits with twenty');
select is_empty($$select * from claim_image_downloads(10, p_only_missing := true)$$,
  'with the covers under way, no vehicle without a picture has more to offer now');

-- The cover of 1 is stored, that of 2 is gone, that of 3 timed out.
select count(*) from settle_image_downloads((
  select jsonb_agg(to_jsonb(l) || case right(l.vehicle_id::text, 1)
    when '1' then pg_temp.stored(l.url)
    when '2' then '{"kind": "failed", "code": "gone", "error": "404"}'
    else '{"kind": "failed", "code": "timeout", "error": "slow"}' end) from lease l));
select results_eq(
  $$select url from claim_image_downloads(10, p_only_missing := true) order by url$$,
  $$values ('https://img2.example/1.jpg'), ('https://img3.example/1.jpg')$$,
  'a vehicle whose cover failed tries the next of its gallery, before the galleries of others');
select is((select count(*)::int from image_downloads where wave = 0 and vehicle_id::text like '%1' and status = 'pending'), 0,
  'a vehicle with a picture has no cover to hurry for');
select results_eq(
  $$select vehicle_id::text, count(*)::int from claim_image_downloads(6, p_per_vehicle := 2) group by 1 order by 1$$,
  $$values ('00000000-0000-4000-8000-000000000001', 2), ('00000000-0000-4000-8000-000000000002', 2), ('00000000-0000-4000-8000-000000000003', 2)$$,
  'a claim can be shared out among vehicles');
select is((select max(position) from image_downloads where status = 'leased'), 3,
  'every vehicle gets its first four before any gets its fifth');

select is_empty(
  $$select * from claim_image_downloads(50, p_skip_hosts := array['img1.example', 'img2.example', 'img3.example'])$$,
  'hosts that take no request now are passed over');
select results_eq(
  $$select distinct vehicle_id::text from claim_image_downloads(50, array['00000000-0000-4000-8000-000000000002']::uuid[])$$,
  $$values ('00000000-0000-4000-8000-000000000002')$$, 'named vehicles are claimed alone');
select results_eq(
  $$select right(v::text, 1) from vehicles_due_for_images(10, false) v order by 1$$, $$values ('1'), ('3')$$,
  'vehicles with a due image are known');
select is_empty($$select * from vehicles_due_for_images(10, true)$$, 'and those among them without a picture');
select ok(private.image_downloads_are_due(), 'there is work');

update image_downloads set status = 'pending', next_attempt_at = now() + interval '1 hour', lease_token = null, lease_expires_at = null
where status in ('leased', 'pending');
select ok(not private.image_downloads_are_due(), 'there is none while all wait');
select is_empty($$select * from claim_image_downloads(10)$$, 'and nothing is claimed before its time');

select * from finish();
rollback;
