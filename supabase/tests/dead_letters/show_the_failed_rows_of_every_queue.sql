-- Read from private.queues, so that a queue that is added later is looked at too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://cars.example/' || n from generate_series(1, 9) n;
-- As a later release adds one.
create table added_queue (
  id uuid primary key default gen_random_uuid(), vehicle_id uuid references vehicles (id), priority integer not null default 1,
  status text not null default 'pending' check (status in ('pending', 'processing', 'completed', 'failed')), tries integer not null default 0, max_attempts integer not null default 3,
  next_attempt_at timestamptz, lease_token uuid, lease_expires_at timestamptz, blocked_days integer not null default 0, last_blocked_on date,
  outcome_code text, error_message text, created_at timestamptz not null default now(), processed_at timestamptz);
select private.add_queue('added_queue', 'work-added-queue', 'completed', false, 'priority', 'tries');

-- A failed row in each queue, whatever else its table asks for.
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

select cmp_ok((select count(*) from private.queues), '>=', 5::bigint, 'private.queues has five queues or more to look at');
select set_eq('select queue from dead_letters', 'select table_name from private.queues', 'dead_letters shows a failed row of every queue, also of one added later');
select is_empty($$select * from dead_letters where attempts is distinct from 2 or vehicle_id is distinct from pg_temp.id(1) or error is distinct from 'it was timeout' or failed_at is distinct from now() - interval '1 hour'$$,
  'dead_letters shows attempts, vehicle, error and time of each, however its queue calls the columns');
select results_eq($$select url from dead_letters where queue in ('added_queue', 'import_queue', 'bat_extraction_queue') order by queue$$,
  $$values ('https://cars.example/1'), ('https://bringatrailer.com/listing/1'), ('https://cars.example/found/1')$$, 'dead_letters shows the row''s own listing, or else its vehicle''s');
select is((select step_name from dead_letters where queue = 'scrape_retry_queue'), 'extract_vin', 'dead_letters shows the step of a retry');
select is((select queued_again_at from dead_letters where queue = 'bat_extraction_queue'), now() + interval '6 hours', 'dead_letters shows when a queue takes a failed row up again by itself');
select is((select what_to_type from dead_letters where queue = 'added_queue'), 'select redrive_queue(''added_queue'', array[''00000000-0000-4000-8000-000000000010'']::uuid[]);', 'dead_letters shows the redrive to type');

select * from finish();
rollback;
