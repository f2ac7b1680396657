begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

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
select is(pg_temp.found(), '5:wrong_sale_status 4:unproven_sale 3:missing_outcome 2:missing_data 6:missing_images', 'auctions are found by how bad they are; none that is whole, whose page does not state what it lacks, or of another site');
select is(pg_temp.found(2), '5:wrong_sale_status 4:unproven_sale', 'as many auctions are found as were asked for');
select is((select bat_url from queue_bat_backfill_vehicles(1, 75)), 'https://bringatrailer.com/listing/5', 'an auction is found with its listing');
select is((select count(*) from bat_extraction_queue), 0::bigint, 'finding auctions queues none');

select * from finish();
rollback;
