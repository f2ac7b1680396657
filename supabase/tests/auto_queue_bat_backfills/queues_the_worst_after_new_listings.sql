begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function pg_temp.bat(n integer, p_values jsonb) returns void language sql as $$
  insert into vehicles (id, discovery_url, created_at, year, make, model, vin, mileage, color, transmission, drivetrain, sale_status, sale_price, high_bid, field_state, origin_metadata)
  select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n, now() - make_interval(days => 100 - n), v.year, v.make, v.model, v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
    coalesce(v.field_state, '{}'), coalesce(v.origin_metadata, '{}')
  from jsonb_populate_record(null::vehicles, '{"vin": "1", "mileage": 1, "color": "c", "transmission": "t", "drivetrain": "d", "sale_status": "sold", "sale_price": 5,
    "origin_metadata": {"image_urls": ["https://i.example/1.jpg"]}, "field_state": {"sale_price": {"confidence": 0.9}, "sale_status": {"confidence": 0.9}}}' || p_values) v;
$$;
create function pg_temp.found(p_limit integer default 50) returns text language sql as $$
  select string_agg(right(vehicle_id::text, 1) || ':' || reason, ' ' order by place)
  from queue_bat_backfill_vehicles(p_limit, 75) with ordinality as q(vehicle_id, reason, bat_url, place)
$$;

select pg_temp.bat(1, '{}');
select pg_temp.bat(2, '{"vin": null}');
select pg_temp.bat(3, '{"sale_status": null, "sale_price": null}');
select pg_temp.bat(4, '{"sale_price": 89500, "field_state": {}}');
select pg_temp.bat(5, '{"sale_status": "bid_to", "sale_price": 89500}');
select pg_temp.bat(6, '{"origin_metadata": {}}');
select pg_temp.bat(7, '{"vin": null, "drivetrain": null, "field_state": {"vin": {"why": "absent_at_source"}, "drivetrain": {"why": "absent_at_source"}, "sale_price": {"confidence": 0.9}, "sale_status": {"confidence": 0.9}}}');
insert into vehicles (id, discovery_url, vin) values (pg_temp.id(8), 'https://cars.ksl.com/listing/8', null);
delete from bat_extraction_queue;

select set_config('vehicles.writer', '', true);
select results_eq('select * from auto_queue_bat_backfills(2, 75)', 'values (2, 0)', 'the worst two auctions are queued');
select results_eq('select vehicle_id, priority, status, reason from bat_extraction_queue order by vehicle_id', $$values (pg_temp.id(4), 75, 'pending', 'unproven_sale'), (pg_temp.id(5), 75, 'pending', 'wrong_sale_status')$$, 'an auction to repair is queued behind new listings, with its reason');
select results_eq('select * from auto_queue_bat_backfills(2, 75)', 'values (2, 2)', 'the next two auctions are queued, and those that wait are not queued again');
select is(pg_temp.found(), '6:missing_images', 'after two rounds of two one auction is left');
select is((select count(*) from queue_bat_backfill_vehicles(50, 100)), 5::bigint, 'for a higher priority the auctions that wait are found too');
select results_eq('select queued_count from auto_queue_bat_backfills(1, 100)', 'values (1)', 'an auction that waits is queued again for a higher priority');
select results_eq('select priority, status from bat_extraction_queue where vehicle_id = pg_temp.id(5)', $$values (100, 'pending')$$, 'an auction that is queued for a higher priority has that priority');

-- New before repair, then by age.
update bat_extraction_queue set created_at = now() - interval '1 hour' where vehicle_id = pg_temp.id(4);
update bat_extraction_queue set created_at = now() - interval '1 minute' where vehicle_id = pg_temp.id(5);
insert into vehicles (id, discovery_url) values (pg_temp.id(9), 'https://bringatrailer.com/listing/9');
select is((select string_agg(right(c ->> 'vehicle_id', 1), '' order by place) from jsonb_array_elements(claim_queue('bat_extraction_queue', 3)) with ordinality as e(c, place)), '594', 'a claim takes new listings and what has their priority before repairs, and then goes by age');

select * from finish();
rollback;
