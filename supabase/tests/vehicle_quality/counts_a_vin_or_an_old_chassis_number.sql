begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create temp table last_one (id uuid);
create function pg_temp.worth(p_values jsonb) returns numeric language plpgsql as $$
declare
  v_id uuid;
begin
  execute format(
    'insert into vehicles (%s) select %s from jsonb_populate_record(null::vehicles, $1) returning id',
    (select string_agg(quote_ident(k), ', ') from jsonb_object_keys(p_values) k),
    (select string_agg(quote_ident(k), ', ') from jsonb_object_keys(p_values) k))
  into v_id
  using p_values;
  delete from last_one;
  insert into last_one values (v_id);
  return (select overall_score from vehicle_quality_scores where vehicle_id = v_id);
end
$$;

select is(pg_temp.worth('{"vin": "113042-10"}'), 0.0, 'a chassis number without a year is worth no points');
select is(pg_temp.worth('{"vin": "113042-10", "year": 1980}'), 25.0, 'a chassis number of 1980 is worth the points of a VIN');
select is(pg_temp.worth('{"vin": "113042-10", "year": 1981}'), 10.0, 'a chassis number of 1981 is worth no points');
select is(pg_temp.worth('{"vin": "WBSBA91070AEO4214", "year": 1990}'), 10.0, 'a VIN with the letter O is worth no points');
select is(pg_temp.worth('{"vin": "wbs ba91070ae-84214", "year": 1990}'), 25.0, 'a VIN with small letters, spaces and dashes is worth its points');
select is((select vin from vehicles where year = 1990 and vin like 'WBS%4214' and vin not like '%O%'), 'WBSBA91070AE84214', 'a VIN with small letters, spaces and dashes is held in one spelling');

select * from finish();
rollback;
