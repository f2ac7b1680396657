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
create temp table r as select * from pg_temp.attempt('{"kind": "released", "error": "host_busy"}');

select is((select status from r), 'pending', 'an image that was claimed and not begun is pending again');
select is((select attempts from r), 0, 'an image that was handed back has no attempt counted');
select ok((select next_attempt_at <= now() from r), 'an image that was handed back is due at once');

select is((pg_temp.attempt('{"kind": "released", "retry_at": "2000-01-01T00:00:00Z"}')).status, 'pending', 'an image can be handed back with a retry time that is past');

select * from finish();
rollback;
