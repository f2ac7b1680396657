begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

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

create temp table l as select * from pg_temp.failed('rate_limited', now() + interval '20 minutes');

select is((select status || ' ' || attempts || ' ' || (next_attempt_at = now() + interval '20 minutes') from l), 'pending 0 true',
  'a rate limited image waits as long as the site says, and its attempt does not count');
select ok((pg_temp.failed('rate_limited', now() + interval '90 days')).next_attempt_at <= now() + interval '7 days',
  'an image whose site asks for 90 days waits seven at most');

select pg_temp.anew();
select is((select status || ' ' || attempts || ' ' || blocked_days from pg_temp.failed('blocked')), 'pending 0 1', 'a blocked image has its attempt given back and one blocked day');
select is((select status || ' ' || blocked_days from pg_temp.failed('blocked')), 'pending 1', 'an image that is blocked twice on one day has one blocked day');
update image_downloads set last_blocked_on = current_date - 1;
select is((select status || ' ' || blocked_days from pg_temp.failed('blocked')), 'pending 2', 'an image that is blocked on a second day has two blocked days');
update image_downloads set last_blocked_on = current_date - 1;
select is((select status || ' ' || blocked_days from pg_temp.failed('blocked')), 'failed 3', 'an image that is blocked on three days is failed');

select * from finish();
rollback;
