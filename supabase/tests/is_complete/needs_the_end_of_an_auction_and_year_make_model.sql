begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, sale_status, mileage, color, engine, transmission)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 'sold', 1, 'Red', 'e', 't');
create function pg_temp.mark() returns jsonb language sql as $$
  select jsonb_strip_nulls(jsonb_build_object('complete', origin_metadata -> 'micro_scrape_complete', 'at', origin_metadata -> 'micro_scrape_completed_at'))
  from vehicles
$$;
create function pg_temp.state() returns text language sql as $$ select state from micro_scrape_state $$;

update vehicles set description = 'It runs.';
update vehicles set sale_status = 'live', high_bid = 28000;

select is((select overall_score from vehicle_quality_scores), 85.0, 'a live auction with all fields but images scores 85');
select is(pg_temp.mark(), '{"complete": false}', 'a live auction is not complete');
update vehicles set sale_status = 'sold';
select is(pg_temp.mark() -> 'complete', 'true', 'an auction of 85 points that is over is complete');
insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
values ('00000000-0000-4000-8000-000000000001', md5('a') || md5('b'), 'https://i.example/1', md5('a') || md5('b'), 'image/jpeg', 1, 1, 1, 0);
select is((select overall_score from vehicle_quality_scores), 100.0, 'a vehicle with all fields and an image scores 100');
update vehicles set model = null;
select is((select overall_score from vehicle_quality_scores), 90.0, 'a vehicle without a model scores 90');
select is(pg_temp.mark(), '{"complete": false}', 'a vehicle of 90 points without a model is not complete');
select is(pg_temp.state(), 'due', 'a vehicle of 90 points without a model is due');

-- The boundary itself, which no sum of points can reach from below.
select results_eq(
  $$select private.is_complete(v, 84.9), private.is_complete(v, 85) from (select (jsonb_populate_record(v, '{"model": "M3"}')).* from vehicles v) v$$,
  $$values (false, true)$$, '84.9 points are not complete, 85 are');

select * from finish();
rollback;
