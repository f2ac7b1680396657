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
select pg_temp.bat(2, '{"vin": null}');
select pg_temp.bat(3, '{"sale_status": null, "sale_price": null}');
update bat_extraction_queue set status = 'pending' where vehicle_id in (pg_temp.id(2), pg_temp.id(3));
update bat_extraction_queue set attempts = 2 where vehicle_id = pg_temp.id(2);

select is(claim_queue('bat_extraction_queue', 5, array[pg_temp.id(2)], 2), '[]', 'a claim with a limit of two attempts leaves out a row that was tried twice');
select is((claim_queue('bat_extraction_queue', 5, array[pg_temp.id(3)], 1) -> 0 ->> 'max_attempts')::integer, 1, 'a row that is claimed with a limit of one attempt has that as its max_attempts');
select is((settle_queue('bat_extraction_queue', jsonb_build_array((select to_jsonb(q) || '{"outcome": "server_error", "error": "500"}' from bat_extraction_queue q where vehicle_id = pg_temp.id(3)))) -> 0 ->> 'status'), 'failed', 'a row that is claimed with a limit of one attempt fails at its first failure');

select * from finish();
rollback;
