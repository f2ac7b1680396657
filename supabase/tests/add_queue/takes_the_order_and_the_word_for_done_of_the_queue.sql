begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

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

create temp table c as select c ->> 'id' as id, c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('bat_like_queue', 1)) c;

select is((select id from c), pg_temp.id(2)::text, 'a queue whose higher priorities go first hands out the highest');
select settle_queue('bat_like_queue', jsonb_build_array(jsonb_build_object('id', id, 'lease_token', token, 'outcome', 'ok'))) from c;
select is((select status from bat_like_queue where id = pg_temp.id(2)), 'complete', 'a queue that calls its finished rows complete has them so');

select * from finish();
rollback;
