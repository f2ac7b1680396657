begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

-- Higher than any id that a run begins behind, so that it begins behind the first of them: number 3 by age.
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('ffffffff-ffff-4fff-bfff-fffffffffff' || n)::uuid $$;
create function pg_temp.found(p_limit integer) returns text language sql as $$
  select coalesce(string_agg(right(vehicle_id::text, 1), '' order by vehicle_id), '') from queue_bat_backfill_vehicles(p_limit)
$$;
insert into vehicles (id, discovery_url, created_at)
select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n, now() - case n when 1 then interval '7 hours' else (11 - n) * interval '1 hour' end
from generate_series(1, 9) n;
update bat_extraction_queue set status = 'complete', processed_at = now();
delete from bat_extraction_queue where vehicle_id in (pg_temp.id(5), pg_temp.id(8));

select is(pg_temp.found(20), '58', 'auctions without an open row are found, and none that was read lately');
create or replace function private.bat_repairs_looked_at() returns integer language sql immutable as 'select 2';
select is(pg_temp.found(1), '5', 'an auction is found behind older ones that rest, more of them than one look covers');
create or replace function private.bat_repairs_looked_at() returns integer language sql immutable as 'select 0';
select is(pg_temp.found(1), '', 'a look over no auction finds none');
select is(pg_temp.found(20), '58', 'a look covers at least as many auctions as are asked for');

select * from finish();
rollback;
