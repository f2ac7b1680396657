begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'r');

-- One attempt that ends like this; the row as it is then.
create function pg_temp.attempt(p_outcome text, p_retry_at timestamptz default null) returns backfill_queue language plpgsql as $$
declare
  v_row backfill_queue;
  v_token text;
begin
  update backfill_queue set next_attempt_at = null;
  v_token := claim_queue('backfill_queue', 1) -> 0 ->> 'lease_token';
  perform settle_queue('backfill_queue', jsonb_build_array(jsonb_build_object('id', '00000000-0000-4000-8000-000000000001',
    'lease_token', v_token, 'outcome', p_outcome, 'error', 'it was ' || p_outcome, 'retry_at', p_retry_at)));
  select * into v_row from backfill_queue;
  return v_row;
end
$$;
create function pg_temp.anew() returns void language sql as $$ update backfill_queue set status = 'failed'; update backfill_queue set status = 'pending' $$;
select pg_temp.anew();

select is(r.status || ' ' || r.attempts || ' ' || (r.next_attempt_at = now() + interval '20 minutes') || r.blocked_days, 'pending 0 true0', 'a rate limited attempt waits as long as the site says, and does not count')
from pg_temp.attempt('rate_limited', now() + interval '20 minutes') r;
select is((select status || attempts from backfill_queue), 'pending0', 'five rate limited attempts in a row do not count') from generate_series(1, 5) n, lateral pg_temp.attempt('rate_limited') r where n = 5;
select ok(r.next_attempt_at >= now() + interval '1 minute', 'a rate limited attempt waits at least a minute') from pg_temp.attempt('rate_limited', now() - interval '1 day') r;
select pg_temp.anew();
select is(r.status || ' ' || r.attempts || ' ' || r.blocked_days, 'pending 0 1', 'a blocked attempt does not count, and is the row''s first blocked day') from pg_temp.attempt('blocked') r;
select is((pg_temp.attempt('blocked')).blocked_days, 1, 'a row that is blocked twice on one day has one blocked day');
update backfill_queue set last_blocked_on = current_date - 1;
select is((pg_temp.attempt('robots_disallowed')).blocked_days, 2, 'an attempt that robots.txt forbids is a blocked day');
update backfill_queue set last_blocked_on = current_date - 1;
select is(r.status || ' ' || r.blocked_days || ' ' || (r.processed_at is not null), 'failed 3 true', 'a row that was blocked on three days is failed') from pg_temp.attempt('blocked') r;

select * from finish();
rollback;
