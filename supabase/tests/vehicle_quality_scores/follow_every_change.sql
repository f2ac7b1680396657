begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

-- Which scores were written, told by the row's physical version.
create temp table before as select vehicle_id, xmin::text || ctid::text as version from vehicle_quality_scores;
create function pg_temp.remember() returns void language sql as $$
  delete from before;
  insert into before select vehicle_id, xmin::text || ctid::text from vehicle_quality_scores;
$$;
create function pg_temp.written() returns bigint language sql as $$
  select count(*) from vehicle_quality_scores q left join before b using (vehicle_id)
  where b.version is distinct from q.xmin::text || q.ctid::text
$$;
create function pg_temp.add_images(p_vehicles uuid[]) returns void language sql as $$
  insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
  select v, md5(v::text) || md5('x'), 'https://i.example/1', md5(v::text) || md5('x') || '.jpg', 'image/jpeg', 1, 1, 1, 0
  from unnest(p_vehicles) v
$$;
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;

insert into vehicles (id, discovery_url, year) select pg_temp.id(n), 'https://a.example/' || n, 1990 from generate_series(1, 5) n;

select is((select array_agg(overall_score) from vehicle_quality_scores), array[10, 10, 10, 10, 10]::numeric[], 'vehicles that are inserted at once are scored');
select is((select array_agg(score) from micro_scrape_state), array[10, 10, 10, 10, 10]::numeric[], 'the score stands in micro_scrape_state too');

select pg_temp.remember();
update vehicles set make = case when id <= pg_temp.id(2) then 'BMW' end;
select is(pg_temp.written(), 2::bigint, 'an update of all vehicles writes only the scores that change');
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[20, 20, 10, 10, 10]::numeric[], 'a make that is added is scored');
select pg_temp.remember();
update vehicles set make = 'Audi' where make = 'BMW';
update vehicles set location = 'Reno';
update vehicles set origin_metadata = origin_metadata || '{"note": 1}';
select is(pg_temp.written(), 0::bigint, 'an update that changes no score writes none');
update vehicles set make = null;
select is((select max(overall_score) from vehicle_quality_scores), 10.0, 'a make that is taken away lowers the score');

select pg_temp.add_images(array[pg_temp.id(1), pg_temp.id(2)]);
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[25, 25, 10, 10, 10]::numeric[], 'images that are added are scored at once');
update vehicle_images set vehicle_id = pg_temp.id(3) where vehicle_id = pg_temp.id(2);
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[25, 10, 25, 10, 10]::numeric[], 'an image that moves to another vehicle moves its points');
delete from vehicle_images;
select is((select max(overall_score) from vehicle_quality_scores), 10.0, 'images that are deleted lower the score');

select * from finish();
rollback;
