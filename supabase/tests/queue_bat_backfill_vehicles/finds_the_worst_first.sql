begin;
create extension if not exists pgtap with schema extensions;
select plan(35);

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

select is(pg_temp.found(), '5:wrong_sale_status 4:unproven_sale 3:missing_outcome 2:missing_data 6:missing_images', 'the worst first; nothing of a whole vehicle, of what its page does not state, or of another site');
select is(pg_temp.found(2), '5:wrong_sale_status 4:unproven_sale', 'as many as asked for');
select is((select bat_url from queue_bat_backfill_vehicles(1, 75)), 'https://bringatrailer.com/listing/5', 'with its listing');
select is((select count(*) from bat_extraction_queue), 0::bigint, 'finding them queues nothing');

select results_eq('select * from auto_queue_bat_backfills(2, 75)', 'values (2, 0)', 'the worst are queued');
select results_eq('select vehicle_id, priority, status, reason from bat_extraction_queue order by vehicle_id', $$values (pg_temp.id(4), 75, 'pending', 'unproven_sale'), (pg_temp.id(5), 75, 'pending', 'wrong_sale_status')$$, 'after all new listings, with why');
select results_eq('select * from auto_queue_bat_backfills(2, 75)', 'values (2, 2)', 'then the next; those that wait are not taken again');
select is(pg_temp.found(), '6:missing_images', 'one is left');
select is((select count(*) from queue_bat_backfill_vehicles(50, 100)), 5::bigint, 'for a higher priority those that wait are candidates');
select results_eq('select queued_count from auto_queue_bat_backfills(1, 100)', 'values (1)', 'and are raised');
select results_eq('select priority, status from bat_extraction_queue where vehicle_id = pg_temp.id(5)', $$values (100, 'pending')$$, 'to it');

-- New before repair, then by age.
update bat_extraction_queue set created_at = now() - interval '1 hour' where vehicle_id = pg_temp.id(4);
update bat_extraction_queue set created_at = now() - interval '1 minute' where vehicle_id = pg_temp.id(5);
insert into vehicles (id, discovery_url) values (pg_temp.id(9), 'https://bringatrailer.com/listing/9');
select is((select string_agg(right(c ->> 'vehicle_id', 1), '' order by place) from jsonb_array_elements(claim_queue('bat_extraction_queue', 3)) with ordinality as e(c, place)), '594', 'a claim takes new listings and what was raised, then the rest by age');

-- Cool-down.
update bat_extraction_queue set status = 'complete', outcome_code = 'ok', lease_token = null, lease_expires_at = null, processed_at = now() where vehicle_id = pg_temp.id(5);
select results_eq('select no_gain_passes, requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(5)', $$values (1, now() + interval '1 day')$$, 'read, and as wrong as before: it rests for a day');
select ok(pg_temp.found() !~ '5:', 'and fills no batch meanwhile');
update bat_extraction_queue set requeue_at = now() - interval '1 second' where vehicle_id = pg_temp.id(5);
select matches(pg_temp.found(), '5:wrong_sale_status', 'then it is looked at again');
update bat_extraction_queue set status = 'complete', no_gain_passes = 4 where vehicle_id = pg_temp.id(5);
select is((select requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(5)), 'infinity', 'after the fifth time in vain no longer');
update bat_extraction_queue set status = 'failed', outcome_code = 'server_error', lease_token = null, lease_expires_at = null, processed_at = now() where vehicle_id = pg_temp.id(4);
select is((select requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(4)), now() + interval '6 hours', 'what failed and can work again is tried after six hours');
update bat_extraction_queue set requeue_at = now(), attempts = 3 where vehicle_id = pg_temp.id(4);
select results_eq('select queued_count from auto_queue_bat_backfills(1, 75)', 'values (1)', 'by itself');
select results_eq('select status, attempts, next_attempt_at from bat_extraction_queue where vehicle_id = pg_temp.id(4)', $$values ('pending', 0, null::timestamptz)$$, 'with fresh attempts');
update bat_extraction_queue set status = 'failed', outcome_code = 'not_a_listing' where vehicle_id = pg_temp.id(4);
select is((select requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(4)), 'infinity', 'what cannot work never');
update bat_extraction_queue set status = 'pending' where vehicle_id = pg_temp.id(4);
select is((select jsonb_array_length(claim_queue('bat_extraction_queue', 5, array[pg_temp.id(4)]))), 1, 'unless a person asks');

-- An auction that has ended, and whose page still says that it runs.
select pg_temp.bat(10, '{"sale_status": "live", "sale_price": null, "high_bid": 5}');
insert into auction_events (vehicle_id, source_url, outcome, ends_at) values (pg_temp.id(10), 'https://bringatrailer.com/listing/10', 'live', now() - interval '20 minutes');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(10);
select matches(pg_temp.found(), '0:auction_ended', 'an auction that has ended since is read again');
insert into bat_extraction_queue (vehicle_id, bat_url, status, processed_at) values (pg_temp.id(10), 'https://bringatrailer.com/listing/10', 'complete', now());
select results_eq('select no_gain_passes, requeue_at from bat_extraction_queue where vehicle_id = pg_temp.id(10)', $$values (1, now() + interval '1 hour')$$, 'a page that lags behind is given an hour');
select ok(pg_temp.found() !~ '0:', 'and is not asked at every turn');
delete from vehicles where id = pg_temp.id(10);

select pg_temp.bat(10, '{"sale_status": "live", "sale_price": null, "vin": null}');
insert into auction_events (vehicle_id, source_url, outcome, ends_at) values (pg_temp.id(10), 'https://bringatrailer.com/listing/10', 'live', now() + interval '1 day');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(10);
select ok(coalesce(pg_temp.found(), '') !~ '0:', 'one that runs and lacks data is left alone until its end');
update auction_events set ends_at = now() - interval '20 minutes' where vehicle_id = pg_temp.id(10);
select is((select array_agg(reason) from queue_bat_backfill_vehicles(50, 75) where vehicle_id = pg_temp.id(10)), '{auction_ended}', 'one that also lacks data is found once, for the worse');
select lives_ok('select * from auto_queue_bat_backfills(50, 75)', 'and queued with the rest');
delete from vehicles where id = pg_temp.id(10);
delete from bat_extraction_queue where vehicle_id = pg_temp.id(6);

-- What no page vouches for: the record of its auction may say something else.
select pg_temp.bat(10, '{"sale_status": "bid_to", "sale_price": null, "high_bid": 5, "field_state": {}}');
delete from bat_extraction_queue where vehicle_id = pg_temp.id(10);
select matches(pg_temp.found(), '0:missing_outcome', 'an outcome that no page vouches for is read again');
update vehicles set field_state = '{"sale_status": {"confidence": 0.9}}' where id = pg_temp.id(10);
select ok(coalesce(pg_temp.found(), '') !~ '0:', 'until one does');
delete from vehicles where id = pg_temp.id(10);

-- The limit of attempts that a call sets.
update bat_extraction_queue set status = 'pending' where vehicle_id in (pg_temp.id(2), pg_temp.id(3));
update bat_extraction_queue set attempts = 2 where vehicle_id = pg_temp.id(2);
select is(claim_queue('bat_extraction_queue', 5, array[pg_temp.id(2)], 2), '[]', 'what was tried as often as that is left alone');
select is((claim_queue('bat_extraction_queue', 5, array[pg_temp.id(3)], 1) -> 0 ->> 'max_attempts')::integer, 1, 'what is taken has that limit');
select is((settle_queue('bat_extraction_queue', jsonb_build_array((select to_jsonb(q) || '{"outcome": "server_error", "error": "500"}' from bat_extraction_queue q where vehicle_id = pg_temp.id(3)))) -> 0 ->> 'status'), 'failed', 'and ends there');

-- However many rest.
insert into vehicles (id, discovery_url, sale_status) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n, 'unknown' from generate_series(1000, 3999) n;
update bat_extraction_queue set status = 'complete', outcome_code = 'ok', processed_at = now() where vehicle_id >= pg_temp.id(1000) and vehicle_id < pg_temp.id(3980);
update bat_extraction_queue set status = 'failed', outcome_code = 'gone', processed_at = now() where vehicle_id = pg_temp.id(3999);
delete from bat_extraction_queue where vehicle_id >= pg_temp.id(3980) and vehicle_id < pg_temp.id(3999);
select is((select count(*) from queue_bat_backfill_vehicles(10, 75) where vehicle_id >= pg_temp.id(3980)), 10::bigint, 'thousands that rest do not stand before those that do not');
select results_eq('select queued_count from auto_queue_bat_backfills(20, 75)', 'values (20)', 'the next are queued');
select results_eq('select queued_count from auto_queue_bat_backfills(20, 75)', 'values (0)', 'until there is nothing');

select * from finish();
rollback;
