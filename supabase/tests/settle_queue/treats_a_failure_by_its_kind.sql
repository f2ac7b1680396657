begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

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

select results_eq('select status, attempts, outcome_code, processed_at from r', $$values ('completed', 1, 'ok', now())$$, 'an attempt that is ok completes its row, with the time');
select ok((select pg_temp.is_free(b) from backfill_queue b), 'a row that is completed holds no lease');
select pg_temp.anew();
select is((pg_temp.attempt('not_modified')).status, 'completed', 'an attempt that found the page not modified completes its row');

-- Ends the row at once.
select is(r.status || ' ' || r.attempts || ' ' || r.error_message, 'failed 1 it was ' || code, 'an attempt that ends ' || code || ' fails its row at once')
from unnest(array['gone', 'not_a_listing', 'invalid', 'too_large']) code, lateral (select pg_temp.anew(), code as c) a, lateral pg_temp.attempt(a.c) r;
select isnt((select processed_at from backfill_queue), null, 'a row that is failed at once has its processed_at');

-- Tried again, each time later, until the attempts are spent.
select pg_temp.anew();
select is(r.status || ' ' || r.attempts, case n when 3 then 'failed 3' else 'pending ' || n end, 'attempt ' || n || ' of three, which ends ' || code || case n when 3 then ', fails the row' else ', leaves the row pending' end)
from (values (1, 'timeout'), (2, 'network'), (3, 'server_error')) v(n, code), lateral pg_temp.attempt(code) r;
select results_eq('select outcome_code, error_message, next_attempt_at from backfill_queue', $$values ('server_error', 'it was server_error', null::timestamptz)$$, 'a row whose attempts are spent keeps the last outcome and error, and no next attempt');
select pg_temp.anew();
select is((pg_temp.attempt('unreadable')).status, 'pending', 'an attempt that found the page unreadable leaves the row pending');
select is((pg_temp.attempt(null)).status, 'pending', 'an attempt that ends without an outcome counts as a failure and leaves the row pending');
select is((pg_temp.attempt('something new')).status, 'failed', 'an attempt that ends with an unknown outcome fails the row');

select * from finish();
rollback;
