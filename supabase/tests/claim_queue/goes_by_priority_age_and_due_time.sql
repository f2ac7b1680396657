begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

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

select is(pg_temp.claim(3), '231', 'a claim of backfill_queue takes priority 1 first, and the oldest of one priority first');
select results_eq($$select status, attempts, lease_expires_at = now() + interval '30 seconds' from backfill_queue where id = pg_temp.id(2)$$,
  $$values ('processing', 1, true)$$, 'a claimed row is processing, leased for 30 seconds, with one attempt begun');
select is((select count(distinct lease_token) from backfill_queue where status = 'processing'), 3::bigint, 'each claimed row has a lease token of its own');
select is(pg_temp.claim(3), '5', 'a claim leaves out rows that are leased and rows whose next attempt is later');
select is(pg_temp.claim(3), null, 'a claim is empty when no row is due');
update backfill_queue set next_attempt_at = now() where id = pg_temp.id(4);
select is(pg_temp.claim(3), '4', 'a row that waited is claimed when its next_attempt_at is reached');

select * from finish();
rollback;
