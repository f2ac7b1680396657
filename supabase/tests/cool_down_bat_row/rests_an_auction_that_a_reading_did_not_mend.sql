begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

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

select pg_temp.bat(4, '{"sale_price": 89500, "field_state": {}}');
select pg_temp.bat(5, '{"sale_status": "bid_to", "sale_price": 89500}');
select pg_temp.bat(6, '{"origin_metadata": {}}');
delete from bat_extraction_queue;
select auto_queue_bat_backfills(2, 75);
update bat_extraction_queue set status = 'complete', outcome_code = 'ok', lease_token = null, lease_expires_at = null, processed_at = now() where vehicle_id = pg_temp.id(5);

select set_config('vehicles.writer', '', true);
select results_eq('select no_gain_passes, requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(5)', $$values (1, now() + interval '1 day')$$, 'an auction that was read and is as bad as before rests for a day');
select ok(pg_temp.found() !~ '5:', 'an auction that rests is not found');
update bat_extraction_queue set requeue_at = now() - interval '1 second' where vehicle_id = pg_temp.id(5);
select matches(pg_temp.found(), '5:wrong_sale_status', 'an auction whose rest is over is found again');
update bat_extraction_queue set status = 'complete', no_gain_passes = 4 where vehicle_id = pg_temp.id(5);
select is((select requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(5)), 'infinity', 'an auction that was read five times in vain rests for ever');
update bat_extraction_queue set status = 'failed', outcome_code = 'server_error', lease_token = null, lease_expires_at = null, processed_at = now() where vehicle_id = pg_temp.id(4);
select is((select requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(4)), now() + interval '6 hours', 'an auction whose repair failed and can work again rests for six hours');
update bat_extraction_queue set requeue_at = now(), attempts = 3 where vehicle_id = pg_temp.id(4);
select results_eq('select queued_count from auto_queue_bat_backfills(1, 75)', 'values (1)', 'an auction whose repair failed is queued again after its rest');
select results_eq('select status, attempts, next_attempt_at from bat_extraction_queue where vehicle_id = pg_temp.id(4)', $$values ('pending', 0, null::timestamptz)$$, 'an auction that is queued again after its rest has fresh attempts');
update bat_extraction_queue set status = 'failed', outcome_code = 'not_a_listing' where vehicle_id = pg_temp.id(4);
select is((select requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(4)), 'infinity', 'an auction whose page is no listing rests for ever');
update bat_extraction_queue set status = 'pending' where vehicle_id = pg_temp.id(4);
select is((select jsonb_array_length(claim_queue('bat_extraction_queue', 5, array[pg_temp.id(4)]))), 1, 'an auction that rests for ever is claimed when it is named');

select * from finish();
rollback;
