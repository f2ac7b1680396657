begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.of(p_rows jsonb) returns text language sql as $$
  select coalesce(string_agg(right(r ->> 'vehicle_id', 1), '' order by n), '') from jsonb_array_elements(p_rows) with ordinality as e(r, n)
$$;

insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 8) n;
update bat_extraction_queue set created_at = now() - interval '1 hour' + right(vehicle_id::text, 1)::integer * interval '1 minute';
update bat_extraction_queue set priority = 75 where vehicle_id in (pg_temp.id(1), pg_temp.id(2));
update bat_extraction_queue set next_attempt_at = now() - interval '1 second' where vehicle_id = pg_temp.id(3);
update bat_extraction_queue set next_attempt_at = now() + interval '1 hour' where vehicle_id = pg_temp.id(4);
update bat_extraction_queue set attempts = 2 where vehicle_id = pg_temp.id(8);
update bat_extraction_queue
set status = 'processing', attempts = 1, lease_token = gen_random_uuid(),
    lease_expires_at = now() + case when vehicle_id = pg_temp.id(5) then interval '-1 second' else interval '1 minute' end
where vehicle_id in (pg_temp.id(5), pg_temp.id(6));
update micro_scrape_state set state = 'leased', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '1 minute' where vehicle_id = pg_temp.id(7);

select is(pg_temp.of(preview_queue('bat_extraction_queue', 20)), '35812', 'a preview shows due rows, rows whose wait is over and rows of a dead worker, by priority and age, and no row that waits or whose vehicle is leased');
select is(pg_temp.of(preview_queue('bat_extraction_queue', 2)), '35', 'a preview shows at most as many rows as it was asked for');
select is(pg_temp.of(preview_queue('bat_extraction_queue', 20, null, 2)), '3512', 'a preview with a limit of attempts leaves out the rows that were tried as often');
select is(pg_temp.of(preview_queue('bat_extraction_queue', 20, array[pg_temp.id(7), pg_temp.id(2)])), '72', 'a preview that names vehicles shows also one that is leased elsewhere');
select is(pg_temp.of(claim_queue('bat_extraction_queue', 20)), '35812', 'a claim takes the rows that the preview showed, in the same order');

select * from finish();
rollback;
