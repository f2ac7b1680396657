begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) values (pg_temp.id(6));

select is((select count(*) from micro_scrape_state where vehicle_id = pg_temp.id(6)), 0::bigint, 'a vehicle without a listing has no micro_scrape_state');
update vehicles set listing_url = 'https://a.example/6' where id = pg_temp.id(6);
select is((select state from micro_scrape_state where vehicle_id = pg_temp.id(6)), 'due', 'a vehicle that gets a listing is due');
update vehicles set discovery_url = null where id = pg_temp.id(6);
select is((select count(*) from micro_scrape_state where vehicle_id = pg_temp.id(6)), 0::bigint, 'a vehicle that loses its listing has no micro_scrape_state any more');

select * from finish();
rollback;
