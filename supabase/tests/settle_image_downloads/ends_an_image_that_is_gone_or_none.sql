begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

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

select is((pg_temp.failed('gone')).status, 'gone', 'an image that the site removed is gone');
select is((select retry_image_downloads(array['00000000-0000-4000-8000-000000000001']::uuid[])), 0, 'retry_image_downloads() puts back no image that is gone');
select is((select retry_image_downloads(array['00000000-0000-4000-8000-000000000001']::uuid[], true)), 1, 'retry_image_downloads() puts back an image that is gone when it is told to');

select pg_temp.anew();
select is(
  (select status || ': ' || last_error from pg_temp.attempt('{"kind": "failed", "code": "unreadable", "error": "not an image: an HTML page"}')),
  'failed: not an image: an HTML page', 'a file that is no image fails with the reason');

select * from finish();
rollback;
