begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1', '{"image_urls": ["https://img.example/0.jpg"]}');

select results_eq(
  $$select result, detail from settle_image_downloads(
      (select jsonb_agg(to_jsonb(c) || '{"kind": "failed", "code": "sulking"}') from claim_image_downloads(1) c))$$,
  $$values ('refused', 'unknown failure code sulking')$$, 'a result with an unknown failure code is refused, with the code');

select * from finish();
rollback;
