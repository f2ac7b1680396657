begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

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
select count(*) from settle_image_downloads((
  select jsonb_agg(to_jsonb(l) || case right(l.vehicle_id::text, 1)
    when '1' then pg_temp.stored(l.url)
    when '2' then '{"kind": "failed", "code": "gone", "error": "404"}'
    else '{"kind": "failed", "code": "timeout", "error": "slow"}' end) from lease l));
select count(*) from claim_image_downloads(10, p_only_missing := true);

select results_eq(
  $$select vehicle_id::text, count(*)::int from claim_image_downloads(6, p_per_vehicle := 2) group by 1 order by 1$$,
  $$values ('00000000-0000-4000-8000-000000000001', 2), ('00000000-0000-4000-8000-000000000002', 2), ('00000000-0000-4000-8000-000000000003', 2)$$,
  'a claim with a limit for each vehicle takes that many of each');
select is((select max(position) from image_downloads where status = 'leased'), 3,
  'a claim takes the first four images of every vehicle before a fifth');

select * from finish();
rollback;
