begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url, origin_metadata)
select ('00000000-0000-4000-8000-00000000000' || v)::uuid, 'https://cars.example/' || v,
       jsonb_build_object('image_urls', (
         select jsonb_agg('https://img' || v || '.example/' || n || '.jpg' order by n) from generate_series(0, 19) n))
from generate_series(1, 3) v;

select ok(private.image_downloads_are_due(), 'images are due when one is pending and its time has come');

update image_downloads set status = 'pending', next_attempt_at = now() + interval '1 hour', lease_token = null, lease_expires_at = null
where status in ('leased', 'pending');
select ok(not private.image_downloads_are_due(), 'images are not due when all of them wait for later');
select is_empty($$select * from claim_image_downloads(10)$$, 'a claim takes no image whose next attempt is later');

select * from finish();
rollback;
