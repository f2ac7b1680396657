begin;
create extension if not exists pgtap with schema extensions;
select plan(26);

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
select is((select array_agg(overall_score) from vehicle_quality_scores), array[10, 10, 10, 10, 10]::numeric[], 'many vehicles inserted at once are scored');
select is((select array_agg(score) from micro_scrape_state), array[10, 10, 10, 10, 10]::numeric[], 'in the narrow row too');

select pg_temp.remember();
update vehicles set make = case when id <= pg_temp.id(2) then 'BMW' end;
select is(pg_temp.written(), 2::bigint, 'an update of all writes the scores that changed');
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[20, 20, 10, 10, 10]::numeric[], 'with the new score');
select pg_temp.remember();
update vehicles set make = 'Audi' where make = 'BMW';
update vehicles set location = 'Reno';
update vehicles set origin_metadata = origin_metadata || '{"note": 1}';
select is(pg_temp.written(), 0::bigint, 'what changes no score writes none');
update vehicles set make = null;
select is((select max(overall_score) from vehicle_quality_scores), 10.0, 'what is taken away lowers it');

select pg_temp.add_images(array[pg_temp.id(1), pg_temp.id(2)]);
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[25, 25, 10, 10, 10]::numeric[], 'images count at once');
update vehicle_images set vehicle_id = pg_temp.id(3) where vehicle_id = pg_temp.id(2);
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[25, 10, 25, 10, 10]::numeric[], 'also when one moves to another vehicle');
delete from vehicle_images;
select is((select max(overall_score) from vehicle_quality_scores), 10.0, 'and when they go');

select pg_temp.add_images(array[pg_temp.id(4), pg_temp.id(5)]);
select lives_ok($$delete from vehicles where id in ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000005')$$,
  'vehicles with images are deleted with all that hangs on them');
select is((select count(*) from vehicle_quality_scores), 3::bigint, 'scores too');
select is((select count(*) from micro_scrape_state), 3::bigint, 'and states');
select is((select count(*) from vehicle_images), 0::bigint, 'and images');

insert into vehicles (id) values (pg_temp.id(6));
select is((select count(*) from micro_scrape_state where vehicle_id = pg_temp.id(6)), 0::bigint, 'a vehicle without a listing has a score and nothing to be read');
update vehicles set listing_url = 'https://a.example/6' where id = pg_temp.id(6);
select is((select state from micro_scrape_state where vehicle_id = pg_temp.id(6)), 'due', 'until it has one');
update vehicles set discovery_url = null where id = pg_temp.id(6);
select is((select count(*) from micro_scrape_state where vehicle_id = pg_temp.id(6)), 0::bigint, 'and again without');

-- Rescoring everything, in portions.
alter table vehicles disable trigger user;
update vehicles set model = 'M3' where id <= pg_temp.id(2);
alter table vehicles enable trigger user;
select pg_temp.remember();
create temp table portion as select rescore_vehicles(null, 3) as p;
select is((select p from portion), jsonb_build_object('rescored', 3, 'changed', 2, 'last', pg_temp.id(3)), 'rescoring takes portions, and says where it is');
select is(rescore_vehicles(pg_temp.id(3), 3) -> 'rescored', '1', 'the rest');
select is(rescore_vehicles(pg_temp.id(6), 3), '{"rescored": 0, "changed": 0, "last": null}', 'until there is nothing left');
select is(pg_temp.written(), 2::bigint, 'it writes what changed');
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[20, 20, 10, 0]::numeric[], 'and nothing else');
update vehicle_quality_scores set score_version = 0 where vehicle_id = pg_temp.id(3);
select is(rescore_vehicles() -> 'changed', '1', 'scores of an older version are brought up to date');
delete from micro_scrape_state where vehicle_id = pg_temp.id(1);
select is(rescore_vehicles() -> 'changed', '1', 'and states that were lost');
select is((select state from micro_scrape_state where vehicle_id = pg_temp.id(1)), 'due', 'are there again');

-- One plan for one row and for ten thousand: it must not be quadratic.
insert into vehicles (discovery_url) select 'https://many.example/' || n from generate_series(1, 3000) n;
update vehicles set year = 1991 where discovery_url = 'https://many.example/1';
create temp table clock as select clock_timestamp() as at;
update vehicles set year = 1992 where discovery_url like 'https://many.%';
select cmp_ok(clock_timestamp() - (select at from clock), '<', interval '12 seconds',
  'a mass update after a single one takes its time once a row, not once a pair of rows (a minute)');
select is((select count(*) from vehicle_quality_scores q join vehicles v on v.id = q.vehicle_id where v.year = 1992 and overall_score = 10), 3000::bigint, 'and scores all');

select * from finish();
rollback;
