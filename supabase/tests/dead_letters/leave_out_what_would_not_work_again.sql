begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://cars.example/' || n from generate_series(1, 9) n;
create function pg_temp.fail_in(p_queue text, n integer, p_outcome text) returns void language plpgsql as $$
declare
  q private.queues := private.queue(p_queue);
  v_row jsonb := jsonb_build_object(
    'id', pg_temp.id(n * 10), 'vehicle_id', pg_temp.id(n), 'status', 'failed', q.attempts_column, 2, q.max_attempts_column, 3, 'outcome_code', p_outcome,
    'error_message', 'it was ' || p_outcome, 'processed_at', now() - n * interval '1 hour', 'priority', 7, 'reason', 'r', 'step_name', 'extract_vin',
    'listing_url', 'https://cars.example/found/' || n, 'bat_url', 'https://bringatrailer.com/listing/' || n, 'raw_data', '{}'::jsonb, 'created_at', now(), 'updated_at', now(),
    'blocked_days', 0, 'fields_wanted', '{}'::text[], 'reextract', false, 'fields_updated', '{}'::text[], 'triggered_by', 'test', 'no_gain_passes', 0,
    'listing_id', (select id from vehicle_listings where vehicle_id = pg_temp.id(n)), 'requeue_at', now() + interval '6 hours', 'failed_rounds', 1,
    'source', 'cars.example', 'hosts', array['cars.example'], 'cause', 'manual', 'fields', '{}'::text[], 'step', 'sample', 'state', '{}'::jsonb, 'steps_done', 0);
  v_columns text;
begin
  select string_agg(quote_ident(attname), ', ') into v_columns
  from pg_attribute where attrelid = format('public.%I', p_queue)::regclass and attnum > 0 and not attisdropped and attgenerated = '' and v_row ? attname;
  execute format('insert into public.%1$I (%2$s) select %2$s from jsonb_populate_record(null::public.%1$I, $1)', p_queue, v_columns) using v_row;
end
$$;
select pg_temp.fail_in(table_name, 1, 'timeout') from private.queues;
select pg_temp.fail_in('import_queue', n::integer, o) from unnest(array['gone', 'not_a_listing', 'invalid', 'too_large']) with ordinality as t(o, n) where n > 1;
select pg_temp.fail_in('import_queue', 5, 'gone');
insert into import_queue (listing_url) values ('https://cars.example/found/8');
insert into import_queue (listing_url, status, processed_at) values ('https://cars.example/found/9', 'complete', now());

select is((select count(*) from dead_letters where queue = 'import_queue'), 1::bigint, 'rows that are gone, no listing, invalid or too large, that wait or that are complete are no dead letters');
insert into scrape_steps (vehicle_id, step_name, status, outcome_code, created_at) values (pg_temp.id(1), 'extract_images', 'success', 'ok', now()), (pg_temp.id(2), 'extract_vin', 'success', 'ok', now()), (pg_temp.id(1), 'extract_vin', 'success', 'ok', now() - interval '2 hours');
select is((select count(*) from dead_letters where queue = 'scrape_retry_queue'), 1::bigint, 'an earlier success, or one of another step or vehicle, does not save a failed retry');
select pg_temp.fail_in('scrape_retry_queue', 2, 'blocked');
select is((select count(*) from dead_letters where queue = 'scrape_retry_queue' and vehicle_id = pg_temp.id(2)), 0::bigint, 'a failed retry whose step has succeeded since is no dead letter');

select * from finish();
rollback;
