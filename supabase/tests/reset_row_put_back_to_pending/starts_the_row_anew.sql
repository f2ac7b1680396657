begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 4) n;
-- A queue as the spec of the auctions has it: one row a vehicle, the highest priority first, "complete".
create table bat_like_queue (
  id uuid primary key default gen_random_uuid(), vehicle_id uuid not null unique references vehicles (id), bat_url text, priority integer not null default 100,
  status text not null default 'pending' check (status in ('pending', 'processing', 'complete', 'failed')), attempts integer not null default 0, max_attempts integer not null default 3,
  next_attempt_at timestamptz, lease_token uuid, lease_expires_at timestamptz, blocked_days integer not null default 0, last_blocked_on date,
  outcome_code text, error_message text, created_at timestamptz not null default now(), processed_at timestamptz);
select private.add_queue('bat_like_queue', 'process-bat-like-queue', 'complete', true, 'priority');
insert into bat_like_queue (id, vehicle_id, priority) values (pg_temp.id(1), pg_temp.id(1), 75), (pg_temp.id(2), pg_temp.id(2), 100);

create function pg_temp.is_anew(n integer) returns text language sql as $$
  select concat_ws(' ', status, attempts, coalesce(next_attempt_at::text, 'now'), coalesce(lease_token::text, 'free'), blocked_days, coalesce(processed_at::text, '-'))
  from bat_like_queue where id = pg_temp.id(n)
$$;
create temp table c as select c ->> 'id' as id, c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('bat_like_queue', 1)) c;
select settle_queue('bat_like_queue', jsonb_build_array(jsonb_build_object('id', id, 'lease_token', token, 'outcome', 'ok'))) from c;
-- The statement of the spec, on each status a row can have.
create function pg_temp.queue_vehicle(n integer) returns text language plpgsql as $$
begin
  insert into bat_like_queue (vehicle_id, bat_url, priority, status)
  values (pg_temp.id(n), 'https://bringatrailer.com/listing/x', 75, 'pending')
  on conflict (vehicle_id) do update set
    status = 'pending',
    priority = greatest(bat_like_queue.priority, 75);
  return pg_temp.is_anew(n);
end
$$;

select is(pg_temp.queue_vehicle(2), 'pending 0 now free 0 -', 'a completed row that is put back to pending starts anew');
update bat_like_queue set status = 'failed', attempts = 3, outcome_code = 'timeout', error_message = 'x', processed_at = now(), blocked_days = 3, last_blocked_on = current_date, next_attempt_at = now() + interval '1 day' where id = pg_temp.id(1);
delete from worker_invocations;
select is(pg_temp.queue_vehicle(1), 'pending 0 now free 0 -', 'a failed and blocked row that is put back to pending starts anew');
select is((select count(*) from worker_invocations where function_name = 'process-bat-like-queue'), 1::bigint, 'a row that is put back to pending invokes its worker');
update bat_like_queue set attempts = 2, next_attempt_at = now() + interval '1 day' where id = pg_temp.id(1);
select is(pg_temp.queue_vehicle(1), 'pending 0 now free 0 -', 'a waiting row that is put back to pending starts anew');
create temp table d as select c ->> 'id' as id, c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('bat_like_queue', 2)) c;
select is(pg_temp.queue_vehicle(1), 'pending 0 now free 0 -', 'a leased row that is put back to pending starts anew');
select is(settle_queue('bat_like_queue', (select jsonb_build_array(jsonb_build_object('id', id, 'lease_token', token, 'outcome', 'ok')) from d where id = pg_temp.id(1)::text)) -> 0 -> 'status', 'null',
  'the worker whose row was put back to pending settles nothing any more');
select is((select count(*) from bat_like_queue), 2::bigint, 'a row that is put back to pending is no second row of its vehicle');
select is(jsonb_array_length(claim_queue('bat_like_queue', 5)), 1, 'a row that was put back to pending can be claimed');
update bat_like_queue set status = 'pending';
select is(pg_temp.is_anew(1) || pg_temp.is_anew(2), 'pending 0 now free 0 -pending 0 now free 0 -', 'rows that a plain update puts back to pending start anew');

select * from finish();
rollback;
