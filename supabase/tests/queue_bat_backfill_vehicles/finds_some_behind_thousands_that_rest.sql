begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
create function pg_temp.bat(n integer, p_values jsonb) returns void language sql as $$
  insert into vehicles (id, discovery_url, created_at, year, make, model, vin, mileage, color, transmission, drivetrain, sale_status, sale_price, high_bid, field_state, origin_metadata)
  select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n, now() - make_interval(days => 100 - n), v.year, v.make, v.model, v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
    coalesce(v.field_state, '{}'), coalesce(v.origin_metadata, '{}')
  from jsonb_populate_record(null::vehicles, '{"vin": "1", "mileage": 1, "color": "c", "transmission": "t", "drivetrain": "d", "sale_status": "sold", "sale_price": 5,
    "origin_metadata": {"image_urls": ["https://i.example/1.jpg"]}, "field_state": {"sale_price": {"confidence": 0.9}, "sale_status": {"confidence": 0.9}}}' || p_values) v;
$$;
select pg_temp.bat(6, '{"origin_metadata": {}}');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(6);
insert into vehicles (id, discovery_url, sale_status) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n, 'unknown' from generate_series(1000, 3999) n;
update bat_extraction_queue set status = 'complete', outcome_code = 'ok', processed_at = now() where vehicle_id >= pg_temp.id(1000) and vehicle_id < pg_temp.id(3980);
update bat_extraction_queue set status = 'failed', outcome_code = 'gone', processed_at = now() where vehicle_id = pg_temp.id(3999);
delete from bat_extraction_queue where vehicle_id >= pg_temp.id(3980) and vehicle_id < pg_temp.id(3999);

select is((select count(*) from queue_bat_backfill_vehicles(10, 75) where vehicle_id >= pg_temp.id(3980)), 10::bigint, 'ten auctions are found behind three thousand that rest');
select results_eq('select queued_count from auto_queue_bat_backfills(20, 75)', 'values (20)', 'twenty auctions are queued though three thousand rest');
select results_eq('select queued_count from auto_queue_bat_backfills(20, 75)', 'values (0)', 'nothing is queued when all auctions rest or wait');

select * from finish();
rollback;
