begin;
create extension if not exists pgtap with schema extensions;
select plan(24);

insert into vehicles (id, discovery_url, origin_metadata) values
  ('00000000-0000-4000-8000-000000000001', 'https://cars.example/1', '{"image_urls": ["https://img.example/0.jpg"]}');

-- One attempt: claimed, and ended with this result.
create function pg_temp.attempt(p_result jsonb) returns image_downloads language plpgsql as $$
declare
  v_row image_downloads;
begin
  update image_downloads set next_attempt_at = now() where status = 'pending';
  perform settle_image_downloads(
    (select jsonb_agg(to_jsonb(c) || p_result)
     from claim_image_downloads(1, array['00000000-0000-4000-8000-000000000001']::uuid[]) c));
  select * into v_row from image_downloads where vehicle_id = '00000000-0000-4000-8000-000000000001';
  return v_row;
end
$$;
create function pg_temp.failed(p_code text, p_retry_at timestamptz default null) returns image_downloads language sql as $$
  select pg_temp.attempt(jsonb_build_object('kind', 'failed', 'code', p_code, 'error', 'it was ' || p_code,
    'http_status', 500, 'retry_at', p_retry_at))
$$;
create function pg_temp.anew() returns void language sql as $$
  update image_downloads
  set status = 'pending', next_attempt_at = now(), attempts = 0, blocked_days = 0, last_blocked_on = null,
      outcome = null, last_error = null, lease_token = null, lease_expires_at = null
$$;

create temp table r as select * from pg_temp.attempt('{"kind": "released", "error": "host_busy"}');
select is((select status from r), 'pending', 'what was not begun is handed back');
select is((select attempts from r), 0, 'with its attempt');
select ok((select next_attempt_at <= now() from r), 'due now');

select is((pg_temp.attempt('{"kind": "released", "retry_at": "2000-01-01T00:00:00Z"}')).status, 'pending', 'also with a time that is past');

create temp table t as select * from pg_temp.failed('timeout');
select is((select status || ' ' || attempts || ' ' || outcome || ' ' || last_error from t), 'pending 1 timeout it was timeout',
  'a time-out costs an attempt and is tried again');
select ok((select next_attempt_at > now() from t), 'not at once');
select ok((select next_attempt_at < now() + interval '3 minutes' from t), 'but soon, the first time');
select is((pg_temp.failed('network')).attempts, 2, 'the network too');
select ok((pg_temp.failed('server_error', now() + interval '1 hour')).next_attempt_at >= now() + interval '1 hour',
  'a server that says when to come back is not asked before');
select is((pg_temp.failed('timeout')).status, 'pending', 'there are five attempts');
create temp table s as select * from pg_temp.failed('timeout');
select is((select status || ' ' || attempts from s), 'failed 5', 'and no sixth');
select is((select retry_image_downloads(array['00000000-0000-4000-8000-000000000001']::uuid[])), 1, 'a person can have it tried again');
select is((select status || ' ' || attempts from image_downloads), 'pending 0', 'with all attempts');

select pg_temp.anew();
create temp table l as select * from pg_temp.failed('rate_limited', now() + interval '20 minutes');
select is((select status || ' ' || attempts || ' ' || (next_attempt_at = now() + interval '20 minutes') from l), 'pending 0 true',
  'a host that asks for patience is obeyed, and the attempt given back');
select ok((pg_temp.failed('rate_limited', now() + interval '90 days')).next_attempt_at <= now() + interval '7 days',
  'a wait of months is a mistake: a week at most');

select pg_temp.anew();
select is((select status || ' ' || attempts || ' ' || blocked_days from pg_temp.failed('blocked')), 'pending 0 1', 'a bot wall gives the attempt back');
select is((select status || ' ' || blocked_days from pg_temp.failed('blocked')), 'pending 1', 'twice on a day is one day');
update image_downloads set last_blocked_on = current_date - 1;
select is((select status || ' ' || blocked_days from pg_temp.failed('blocked')), 'pending 2', 'the next day is another');
update image_downloads set last_blocked_on = current_date - 1;
select is((select status || ' ' || blocked_days from pg_temp.failed('blocked')), 'failed 3', 'blocked on three days is failed');

select pg_temp.anew();
select is((pg_temp.failed('gone')).status, 'gone', 'an image that the site removed is gone');
select is((select retry_image_downloads(array['00000000-0000-4000-8000-000000000001']::uuid[])), 0, 'and stays so');
select is((select retry_image_downloads(array['00000000-0000-4000-8000-000000000001']::uuid[], true)), 1, 'unless a person insists');

select pg_temp.anew();
select is(
  (select status || ': ' || last_error from pg_temp.attempt('{"kind": "failed", "code": "unreadable", "error": "not an image: an HTML page"}')),
  'failed: not an image: an HTML page', 'what is no image ends with its reason');

select pg_temp.anew();
select results_eq(
  $$select result, detail from settle_image_downloads(
      (select jsonb_agg(to_jsonb(c) || '{"kind": "failed", "code": "sulking"}') from claim_image_downloads(1) c))$$,
  $$values ('refused', 'unknown failure code sulking')$$, 'a result that makes no sense is refused by itself');

select * from finish();
rollback;
