begin;
create extension if not exists pgtap with schema extensions;
select plan(39);

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
create function pg_temp.is_free(r backfill_queue) returns boolean language sql as $$ select r.lease_token is null and r.lease_expires_at is null $$;

create temp table r as select * from pg_temp.attempt('ok');
select results_eq('select status, attempts, outcome_code, processed_at from r', $$values ('completed', 1, 'ok', now())$$, 'done is done');
select ok((select pg_temp.is_free(b) from backfill_queue b), 'and holds no lease');
select pg_temp.anew();
select is((pg_temp.attempt('not_modified')).status, 'completed', 'a page that did not change was read too');

-- Ends the row at once.
select is(r.status || ' ' || r.attempts || ' ' || r.error_message, 'failed 1 it was ' || code, code || ' ends the row at once')
from unnest(array['gone', 'not_a_listing', 'invalid', 'too_large']) code, lateral (select pg_temp.anew(), code as c) a, lateral pg_temp.attempt(a.c) r;
select isnt((select processed_at from backfill_queue), null, 'and says when');

-- Tried again, each time later, until the attempts are spent.
select pg_temp.anew();
select is(r.status || ' ' || r.attempts, case n when 3 then 'failed 3' else 'pending ' || n end, code || ' is attempt ' || n || ' of three')
from (values (1, 'timeout'), (2, 'network'), (3, 'server_error')) v(n, code), lateral pg_temp.attempt(code) r;
select results_eq('select outcome_code, error_message, next_attempt_at from backfill_queue', $$values ('server_error', 'it was server_error', null::timestamptz)$$, 'with the code and the last error');
select pg_temp.anew();
select is((pg_temp.attempt('unreadable')).status, 'pending', 'an unreadable page may become readable');
select is((pg_temp.attempt(null)).status, 'pending', 'no outcome is a failure');
select is((pg_temp.attempt('something new')).status, 'failed', 'and so is an unknown one');

-- Backoff: exponential, with full jitter, capped.
select ok(bool_and(w between interval '30 seconds' and interval '90 seconds'), 'the first wait: 30 s and up to a minute') from (select private.backoff(1) w from generate_series(1, 200)) x;
select ok(max(w) > min(w) + interval '30 seconds', 'at random') from (select private.backoff(1) w from generate_series(1, 200)) x;
select ok(max(w) > interval '2 minutes' and max(w) <= interval '270 seconds', 'the third: up to four minutes') from (select private.backoff(3) w from generate_series(1, 200)) x;
select ok(max(w) > interval '3 hours' and max(w) <= interval '6 hours 30 seconds', 'never more than six hours') from (select private.backoff(1000) w from generate_series(1, 200)) x;
select pg_temp.anew();
select ok(r.next_attempt_at between now() + interval '30 seconds' and now() + interval '90 seconds', 'a failed row waits so long') from pg_temp.attempt('timeout') r;
select ok(r.next_attempt_at >= now() + interval '2 hours', 'or as long as the site says') from pg_temp.attempt('server_error', now() + interval '2 hours') r;
select pg_temp.anew();
select ok(r.next_attempt_at <= now() + interval '7 days', 'but not for ever') from pg_temp.attempt('server_error', now() + interval '10 years') r;

-- The site's word: the attempt is given back.
select pg_temp.anew();
select is(r.status || ' ' || r.attempts || ' ' || (r.next_attempt_at = now() + interval '20 minutes') || r.blocked_days, 'pending 0 true0', 'rate limited: obeyed, and the attempt given back')
from pg_temp.attempt('rate_limited', now() + interval '20 minutes') r;
select is((select status || attempts from backfill_queue), 'pending0', 'however often') from generate_series(1, 5) n, lateral pg_temp.attempt('rate_limited') r where n = 5;
select ok(r.next_attempt_at >= now() + interval '1 minute', 'never at once') from pg_temp.attempt('rate_limited', now() - interval '1 day') r;
select pg_temp.anew();
select is(r.status || ' ' || r.attempts || ' ' || r.blocked_days, 'pending 0 1', 'blocked: the attempt is given back too') from pg_temp.attempt('blocked') r;
select is((pg_temp.attempt('blocked')).blocked_days, 1, 'twice on a day is one day');
update backfill_queue set last_blocked_on = current_date - 1;
select is((pg_temp.attempt('robots_disallowed')).blocked_days, 2, 'robots.txt is a wall as well');
update backfill_queue set last_blocked_on = current_date - 1;
select is(r.status || ' ' || r.blocked_days || ' ' || (r.processed_at is not null), 'failed 3 true', 'a row blocked on three days is failed') from pg_temp.attempt('blocked') r;

-- Handed back.
select pg_temp.anew();
create temp table c as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
select is(release_queue('backfill_queue', (select jsonb_build_array(jsonb_build_object('id', '00000000-0000-4000-8000-000000000001', 'lease_token', token)) from c)), 1, 'what was not started is handed back');
select results_eq('select status, attempts, next_attempt_at from backfill_queue', $$values ('pending', 0, null::timestamptz)$$, 'due now, its attempt not burnt');
truncate c;
insert into c select c ->> 'lease_token' from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
select is(release_queue('backfill_queue', (select jsonb_build_array(jsonb_build_object('id', '00000000-0000-4000-8000-000000000001', 'lease_token', token, 'retry_at', now() + interval '3 seconds')) from c)), 1, 'also for later');
select is((select next_attempt_at from backfill_queue), now() + interval '3 seconds', 'at its time');

-- Gone, through the write path.
select pg_temp.anew();
truncate c;
insert into c select c ->> 'lease_token' from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;
select is(apply_extractions((select jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'gone', 'error', 'HTTP 404', 'source_url', 'https://a.example/1',
  'request', jsonb_build_object('queue', 'backfill_queue', 'id', '00000000-0000-4000-8000-000000000001', 'lease_token', token))) from c)) -> 0 ->> 'state', 'failed', 'a listing that is gone ends the row');
select is((select listing_ended_at from vehicles), now(), 'and marks the listing ended');
select is((select state from micro_scrape_state), 'ended', 'so that nobody looks at it again');
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s", "extraction_hash": "h"}]');
select results_eq('select listing_ended_at, (select state from micro_scrape_state) from vehicles', $$values (null::timestamptz, 'due')$$, 'until it is there again');

-- Finished rows are forgotten after their time, failed ones stay.
update backfill_queue set status = 'completed', processed_at = now() - interval '31 days';
select private.prune_queues();
select is((select count(*) from backfill_queue), 0::bigint, 'what is done is forgotten after a month');
insert into backfill_queue (vehicle_id, reason, status, processed_at) values ('00000000-0000-4000-8000-000000000001', 'r', 'failed', now() - interval '1 year');
select private.prune_queues();
select is((select count(*) from backfill_queue), 1::bigint, 'what failed waits for a person');

select * from finish();
rollback;
