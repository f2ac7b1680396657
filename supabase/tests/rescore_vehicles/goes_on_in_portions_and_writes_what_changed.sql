begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create temp table before as select vehicle_id, xmin::text || ctid::text as version from vehicle_quality_scores;
create function pg_temp.remember() returns void language sql as $$
  delete from before;
  insert into before select vehicle_id, xmin::text || ctid::text from vehicle_quality_scores;
$$;
create function pg_temp.written() returns bigint language sql as $$
  select count(*) from vehicle_quality_scores q left join before b using (vehicle_id)
  where b.version is distinct from q.xmin::text || q.ctid::text
$$;
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url, year) select pg_temp.id(n), 'https://a.example/' || n, 1990 from generate_series(1, 3) n;
insert into vehicles (id) values (pg_temp.id(6));
alter table vehicles disable trigger user;
update vehicles set model = 'M3', field_state = field_state || '{"model": {"confidence": 0.9}}' where id <= pg_temp.id(2);
alter table vehicles enable trigger user;
select pg_temp.remember();
create temp table portion as select rescore_vehicles(null, 3) as p;

select is((select p from portion), jsonb_build_object('rescored', 3, 'changed', 2, 'last', pg_temp.id(3)), 'rescoring a portion answers how many were rescored, how many changed, and where it stopped');
select is(rescore_vehicles(pg_temp.id(3), 3) -> 'rescored', '1', 'rescoring goes on behind the last vehicle of a portion');
select is(rescore_vehicles(pg_temp.id(6), 3), '{"rescored": 0, "changed": 0, "last": null}', 'rescoring behind the last vehicle rescores none');
select is(pg_temp.written(), 2::bigint, 'rescoring writes only the scores that changed');
select is((select array_agg(overall_score order by vehicle_id) from vehicle_quality_scores), array[20, 20, 10, 0]::numeric[], 'rescoring gives each vehicle the score of what it holds');
update vehicle_quality_scores set score_version = 0 where vehicle_id = pg_temp.id(3);
select is(rescore_vehicles() -> 'changed', '1', 'rescoring brings scores of an older version up to date');
delete from micro_scrape_state where vehicle_id = pg_temp.id(1);
select is(rescore_vehicles() -> 'changed', '1', 'rescoring counts a lost micro_scrape_state as a change');
select is((select state from micro_scrape_state where vehicle_id = pg_temp.id(1)), 'due', 'rescoring makes a lost micro_scrape_state again');

select * from finish();
rollback;
