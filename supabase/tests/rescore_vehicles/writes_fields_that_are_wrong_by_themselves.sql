begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
set local vehicles.writer = 'import';
insert into vehicles (id, discovery_url, year, make, model)
select pg_temp.id(n), 'https://a.example/' || n, 1990, 'BMW', 'M3'
from generate_series(1, 3) n;
create temp table before as select vehicle_id, missing_fields, low_confidence_fields from vehicle_quality_scores;
update vehicle_quality_scores set missing_fields = array['color'] where vehicle_id = pg_temp.id(1);
update vehicle_quality_scores set low_confidence_fields = '{}' where vehicle_id = pg_temp.id(2);

select is(rescore_vehicles() -> 'changed', '2', 'a list of missing fields that is wrong, or one of fields that are unsure, is rescored though the score is right');
select results_eq(
  'select vehicle_id, missing_fields, low_confidence_fields from vehicle_quality_scores order by vehicle_id',
  'select * from before order by vehicle_id', 'and written');
select is((select low_confidence_fields from vehicle_quality_scores where vehicle_id = pg_temp.id(2)), '{year,make,model}', 'as the fields are held');
select is(rescore_vehicles() -> 'changed', '0', 'so it is not rescored again');

select * from finish();
rollback;
