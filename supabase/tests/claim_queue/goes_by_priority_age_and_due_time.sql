begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 9) n;
insert into backfill_queue (id, vehicle_id, reason, priority, created_at, next_attempt_at) values
  (pg_temp.id(1), pg_temp.id(1), 'r', 5, now() - interval '1 hour', null),
  (pg_temp.id(2), pg_temp.id(2), 'r', 1, now(), null),
  (pg_temp.id(3), pg_temp.id(3), 'r', 5, now() - interval '2 hours', now() - interval '1 minute'),
  (pg_temp.id(4), pg_temp.id(4), 'r', 1, now(), now() + interval '1 minute'),
  (pg_temp.id(5), pg_temp.id(5), 'r', 9, now() - interval '1 year', null);
create function pg_temp.claim(n integer) returns text language sql as $$
  select string_agg(right(c ->> 'id', 1), '' order by place) from jsonb_array_elements(claim_queue('backfill_queue', n)) with ordinality as e(c, place)
$$;

select is(pg_temp.claim(3), '231', 'the most pressing first (1 is critical), then the oldest');
select results_eq($$select status, attempts, lease_expires_at = now() + interval '30 seconds' from backfill_queue where id = pg_temp.id(2)$$,
  $$values ('processing', 1, true)$$, 'leased for 30 seconds, one attempt begun');
select is((select count(distinct lease_token) from backfill_queue where status = 'processing'), 3::bigint, 'each with a token of its own');
select is(pg_temp.claim(3), '5', 'what is leased or waits for its time is left alone');
select is(pg_temp.claim(3), null, 'until there is nothing');
update backfill_queue set next_attempt_at = now() where id = pg_temp.id(4);
select is(pg_temp.claim(3), '4', 'what waited is due at its time');

-- Named vehicles.
insert into backfill_queue (id, vehicle_id, reason) select pg_temp.id(n), pg_temp.id(n), 'r' from generate_series(6, 8) n;
select is((select string_agg(right(c ->> 'id', 1), '') from jsonb_array_elements(claim_queue('backfill_queue', 5, array[pg_temp.id(7)])) c), '7', 'a claim can name its vehicles');

-- The other direction of priority, and a queue that spells things its own way.
insert into scrape_retry_queue (id, vehicle_id, step_name, next_retry_at) values
  (pg_temp.id(1), pg_temp.id(1), 'backfill_images', null), (pg_temp.id(2), pg_temp.id(1), 'extract_vin', now() + interval '1 hour');
select is((select string_agg(right(c ->> 'id', 1), '') from jsonb_array_elements(claim_queue('scrape_retry_queue', 5, array[pg_temp.id(1)])) c), '1', 'scrape_retry_queue waits by next_retry_at');
select is((select retry_count from scrape_retry_queue where id = pg_temp.id(1)), 1, 'and counts in retry_count');
select throws_ok($$select claim_queue('vehicles', 1)$$, '22023', null, 'only queues can be claimed from');
select throws_ok($$select claim_queue('backfill_queue; drop table vehicles', 1)$$, '22023', null, 'whatever their name');

-- Asking twice for the same work is asking once.
select throws_ok($$insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(8), 'r')$$, '23505', null, 'one open row a vehicle and reason');
select lives_ok($$insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(8), 'r'), (pg_temp.id(9), 'r') on conflict do nothing$$, 'the others of an insert stand');
select throws_ok($$insert into scrape_retry_queue (vehicle_id, step_name) values (pg_temp.id(1), 'extract_vin')$$, '23505', null, 'one open row a vehicle and step');
select throws_ok($$update backfill_queue set status = 'processing' where id = pg_temp.id(8)$$, '23514', null, 'nothing is processed without a lease');
select throws_ok($$update backfill_queue set status = 'done' where id = pg_temp.id(8)$$, '23514', null, 'and there is no other status');

-- A claim never walks past rows that wait: they stand in another index.
insert into vehicles (discovery_url) select 'https://many.example/' || n from generate_series(1, 500) n;
insert into backfill_queue (vehicle_id, reason, priority, next_attempt_at) select id, 'w', 1, now() + interval '1 hour' from vehicles where discovery_url like 'https://many.%';
analyze backfill_queue;
create function pg_temp.plan(p_query text) returns text language plpgsql as $$
declare
  v_line text;
  v_all text := '';
begin
  for v_line in execute 'explain ' || p_query loop
    v_all := v_all || v_line || E'\n';
  end loop;
  return v_all;
end
$$;
select matches(
  pg_temp.plan($$select id from backfill_queue where status = 'pending' and next_attempt_at is null and attempts < max_attempts order by priority asc, created_at, id limit 20 for update skip locked$$),
  'Index Scan using backfill_queue_due', 'the due rows are read in their order from their index');

select * from finish();
rollback;
