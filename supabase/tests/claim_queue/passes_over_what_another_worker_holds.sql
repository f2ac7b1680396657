begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.state(n integer) returns text language sql as $$ select state from micro_scrape_state where vehicle_id = pg_temp.id(n) $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;
insert into vehicles (id, discovery_url) values (pg_temp.id(7), 'https://bringatrailer.com/listing/7');
create temp table mine as select c from jsonb_array_elements(claim_queue('bat_extraction_queue', 1, array[pg_temp.id(1)])) c;

select is(jsonb_array_length(claim_micro_scrape(20)), 6, 'claim_micro_scrape() passes over a vehicle that bat_extraction_queue has leased');
select is(pg_temp.state(1), 'due', 'a vehicle that claim_micro_scrape() passed over stays due');
select is(claim_queue('bat_extraction_queue', 20), '[]', 'claim_queue() passes over vehicles that a micro-scrape has leased');
select is(jsonb_array_length(claim_queue('bat_extraction_queue', 20, array[pg_temp.id(2)])), 1, 'claim_queue() takes a vehicle that a micro-scrape has leased when it is named');
select is(preview_queue('bat_extraction_queue', 20), '[]', 'preview_queue() shows no vehicle that a micro-scrape has leased');
update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';
select is(jsonb_array_length(claim_queue('bat_extraction_queue', 2)), 2, 'claim_queue() takes vehicles whose micro-scrape has died');
select is((rescue_expired_leases() ->> 'micro_scrape_state')::integer, 6, 'rescue_expired_leases() frees the vehicles of a dead micro-scrape');
select is(rescue_expired_leases() -> 'bat_extraction_queue', '0'::jsonb, 'rescue_expired_leases() frees no row whose lease still holds');

select * from finish();
rollback;
