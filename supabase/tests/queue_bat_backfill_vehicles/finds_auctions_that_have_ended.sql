begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

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

select pg_temp.bat(6, '{"origin_metadata": {}}');
delete from bat_extraction_queue;
select pg_temp.bat(10, '{"sale_status": "live", "sale_price": null, "high_bid": 5}');
insert into auction_events (vehicle_id, source_url, outcome, ends_at) values (pg_temp.id(10), 'https://bringatrailer.com/listing/10', 'live', now() - interval '20 minutes');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(10);

select matches(pg_temp.found(), '0:auction_ended', 'an auction that has ended since its reading is found');
insert into bat_extraction_queue (vehicle_id, bat_url, status, processed_at) values (pg_temp.id(10), 'https://bringatrailer.com/listing/10', 'complete', now());
select results_eq('select no_gain_passes, requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(10)', $$values (1, now() + interval '1 hour')$$, 'an auction that has ended and whose page still says live rests for an hour');
select ok(pg_temp.found() !~ '0:', 'an auction that rests for an hour is not found meanwhile');
delete from vehicles where id = pg_temp.id(10);

select pg_temp.bat(10, '{"sale_status": "live", "sale_price": null, "vin": null}');
insert into auction_events (vehicle_id, source_url, outcome, ends_at) values (pg_temp.id(10), 'https://bringatrailer.com/listing/10', 'live', now() + interval '1 day');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(10);
select ok(coalesce(pg_temp.found(), '') !~ '0:', 'an auction that runs and lacks data is not found before its end');
update auction_events set ends_at = now() - interval '20 minutes' where vehicle_id = pg_temp.id(10);
select is((select array_agg(reason) from queue_bat_backfill_vehicles(50, 75) where vehicle_id = pg_temp.id(10)), '{auction_ended}', 'an auction that has ended and lacks data is found once, as auction_ended');
select lives_ok('select * from auto_queue_bat_backfills(50, 75)', 'an auction that has ended and lacks data can be queued');

select * from finish();
rollback;
