-- What a transaction changed is dead to itself and cannot be cleared away yet: as for all while an old snapshot is held.
begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create table long_queue (
  id uuid primary key default gen_random_uuid(), vehicle_id uuid, priority integer not null default 100,
  status text not null default 'pending' check (status in ('pending', 'processing', 'complete', 'failed')), attempts integer not null default 0, max_attempts integer not null default 3,
  next_attempt_at timestamptz, lease_token uuid, lease_expires_at timestamptz, blocked_days integer not null default 0, last_blocked_on date,
  outcome_code text, error_message text, created_at timestamptz not null default now(), processed_at timestamptz);
select private.add_queue('long_queue', 'process-long-queue', 'complete', true, 'priority');
insert into long_queue (vehicle_id, created_at) select md5(n::text)::uuid, now() - interval '1 day' + n * interval '1 second' from generate_series(1, 5000) n;

create function pg_temp.claim(p_limit integer) returns setof jsonb language sql as $$ select c from jsonb_array_elements(claim_queue('long_queue', p_limit)) c $$;
create function pg_temp.pages_of_a_claim() returns bigint language plpgsql as $$
declare
  v_before bigint := pg_stat_get_xact_blocks_fetched('long_queue_due'::regclass);
begin
  perform pg_temp.claim(1);
  return pg_stat_get_xact_blocks_fetched('long_queue_due'::regclass) - v_before;
end
$$;
create function pg_temp.nth(c jsonb) returns integer language sql as $$ select extract(epoch from (c ->> 'created_at')::timestamptz - now() + interval '1 day')::integer $$;

select is((select expires_at from private.queue_heads where table_name = 'long_queue'), '-infinity', 'a queue from which nothing was claimed yet has no head: a claim looks at all of it');
select settle_queue('long_queue', (select jsonb_agg(jsonb_build_object('id', c -> 'id', 'lease_token', c -> 'lease_token', 'outcome', 'ok')) from pg_temp.claim(4000) c));
select cmp_ok(pg_temp.pages_of_a_claim(), '>', 12::bigint, 'the claim after four thousand settled rows walks past them once');
update private.queue_heads set expires_at = now() + interval '1 hour' where table_name = 'long_queue' and expires_at > now(); -- not over when this machine is slow
select cmp_ok(pg_temp.pages_of_a_claim(), '<=', 4::bigint, 'the claims after that start behind the settled rows');
select is((select pg_temp.nth(c) from pg_temp.claim(1) c), 4003, 'a claim that starts behind settled rows takes the next one in order');

-- What becomes due before the head.
insert into long_queue (vehicle_id, priority, created_at) values (md5('urgent')::uuid, 200, now()), (md5('old')::uuid, 100, now() - interval '2 days');
select is((select pg_temp.nth(c) from pg_temp.claim(1) c), 4004, 'while the head of a queue holds, a row that belongs before it waits');
select is((select count(*) from jsonb_array_elements(claim_queue('long_queue', 5, array[md5('old')::uuid]))), 1::bigint, 'a row before the head of its queue is claimed when its vehicle is named');
update private.queue_heads set expires_at = now() - interval '1 minute' where table_name = 'long_queue';
select is((select c ->> 'priority' from pg_temp.claim(1) c), '200', 'once the head of a queue has expired, the row of the highest priority is claimed first');
insert into long_queue (vehicle_id, priority) values (md5('urgent too')::uuid, 200);
update private.queue_heads set expires_at = now() + interval '1 hour' where table_name = 'long_queue';
select is((select count(*) from pg_temp.claim(2000)), 997::bigint, 'a claim that the head leaves unfilled goes on to all rows that are due');
select is((select count(*) from pg_temp.claim(1)), 0::bigint, 'a queue whose rows are all claimed gives an empty claim');

select * from finish();
rollback;
