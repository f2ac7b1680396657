begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

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

select ok(r.next_attempt_at between now() + interval '30 seconds' and now() + interval '90 seconds', 'a row that timed out waits for the first backoff') from pg_temp.attempt('timeout') r;
select ok(r.next_attempt_at >= now() + interval '2 hours', 'a row whose site said when to come back waits at least until then') from pg_temp.attempt('server_error', now() + interval '2 hours') r;
select pg_temp.anew();
select ok(r.next_attempt_at <= now() + interval '7 days', 'a row whose site said to come back in ten years waits for seven days at most') from pg_temp.attempt('server_error', now() + interval '10 years') r;

select * from finish();
rollback;
