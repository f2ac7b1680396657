begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url, origin_metadata)
select ('00000000-0000-4000-8000-00000000000' || v)::uuid, 'https://cars.example/' || v,
       jsonb_build_object('image_urls', (
         select jsonb_agg('https://img' || v || '.example/' || n || '.jpg' order by n) from generate_series(0, 19) n))
from generate_series(1, 3) v;

select is_empty(
  $$select * from claim_image_downloads(50, p_skip_hosts := array['img1.example', 'img2.example', 'img3.example'])$$,
  'a claim takes no image of the hosts to skip');
select results_eq(
  $$select distinct vehicle_id::text from claim_image_downloads(50, array['00000000-0000-4000-8000-000000000002']::uuid[])$$,
  $$values ('00000000-0000-4000-8000-000000000002')$$, 'a claim that names vehicles takes images of those and no other');

select * from finish();
rollback;
