-- The record of such an auction may say something else.
begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

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

select pg_temp.bat(10, '{"sale_status": "bid_to", "sale_price": null, "high_bid": 5, "field_state": {}}');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(10);

select matches(pg_temp.found(), '0:missing_outcome', 'an auction whose outcome no page vouches for is found');
update vehicles set field_state = '{"sale_status": {"confidence": 0.9}}' where id = pg_temp.id(10);
select set_config('vehicles.writer', '', true);
select ok(coalesce(pg_temp.found(), '') !~ '0:', 'an auction whose outcome a page vouches for is not found');

select * from finish();
rollback;
