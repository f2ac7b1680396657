begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url, vin, year, make) values
  (pg_temp.id(1), 'https://a.example/1', 'WP0AA29829U760958', 2009, 'Porsche'), (pg_temp.id(2), 'https://b.example/2', 'WP0AA29829U760958', 2009, 'Porsche'),
  (pg_temp.id(3), 'https://a.example/3', '1M8GDM9AXKP042788', 1989, 'MCI'), (pg_temp.id(4), 'https://b.example/4', '1M8GDM9AXKP042788', 1989, 'MCI');
create function pg_temp.break() returns trigger language plpgsql as $$ begin raise exception 'a trigger of somebody''s own'; end $$;
create trigger break before insert on vehicle_merges for each row when (new.merged_vehicle ->> 'vin' = 'WP0AA29829U760958') execute function pg_temp.break();

select is(private.join_proven_vehicles(), 1, 'a pair that cannot be joined holds up no other');
select is((select count(*) from vehicles where vin = '1M8GDM9AXKP042788'), 1::bigint, 'the other is one vehicle');
select is((select note from merge_candidates_to_review), 'could not be joined: a trigger of somebody''s own', 'why is on the pair, for a person to see');
select is(private.join_proven_vehicles(), 0, 'it is not tried again at once');

select * from finish();
rollback;
