begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

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
create temp table t as select * from pg_temp.failed('timeout');

select is((select status || ' ' || attempts || ' ' || outcome || ' ' || last_error from t), 'pending 1 timeout it was timeout',
  'an image that timed out is pending, with one attempt and the error');
select ok((select next_attempt_at > now() from t), 'an image that timed out is not due at once');
select ok((select next_attempt_at < now() + interval '3 minutes' from t), 'an image that timed out for the first time is due within three minutes');
select is((pg_temp.failed('network')).attempts, 2, 'an image that failed in the network has a second attempt counted');
select ok((pg_temp.failed('server_error', now() + interval '1 hour')).next_attempt_at >= now() + interval '1 hour',
  'an image whose server says when to come back waits at least until then');
select is((pg_temp.failed('timeout')).status, 'pending', 'an image is pending after its fourth failed attempt');
create temp table s as select * from pg_temp.failed('timeout');
select is((select status || ' ' || attempts from s), 'failed 5', 'an image is failed after its fifth attempt');
select is((select retry_image_downloads(array['00000000-0000-4000-8000-000000000001']::uuid[])), 1, 'retry_image_downloads() counts the failed image that it puts back');
select is((select status || ' ' || attempts from image_downloads), 'pending 0', 'an image that a person has tried again is pending with all attempts');

select * from finish();
rollback;
