-- One plan for one row and for ten thousand: it must not be quadratic.
begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (discovery_url) select 'https://many.example/' || n from generate_series(1, 3000) n;
update vehicles set year = 1991 where discovery_url = 'https://many.example/1';
create temp table clock as select clock_timestamp() as at;
update vehicles set year = 1992 where discovery_url like 'https://many.%';

select cmp_ok(clock_timestamp() - (select at from clock), '<', interval '12 seconds',
  'an update of 3000 vehicles after one of a single vehicle takes seconds, for its time grows with the rows and not with the pairs of rows');
select is((select count(*) from vehicle_quality_scores q join vehicles v on v.id = q.vehicle_id where v.year = 1992 and overall_score = 10), 3000::bigint, 'an update of 3000 vehicles scores all of them');

select * from finish();
rollback;
