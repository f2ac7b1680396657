-- Read from private.queues, so that a queue that is added later is looked at too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(22);

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
    'blocked_days', 0, 'fields_wanted', '{}'::text[], 'reextract', false, 'fields_updated', '{}'::text[], 'triggered_by', 'test', 'no_gain_passes', 0);
  v_columns text;
begin
  select string_agg(quote_ident(attname), ', ') into v_columns
  from pg_attribute where attrelid = format('public.%I', p_queue)::regclass and attnum > 0 and not attisdropped and attgenerated = '' and v_row ? attname;
  execute format('insert into public.%1$I (%2$s) select %2$s from jsonb_populate_record(null::public.%1$I, $1)', p_queue, v_columns) using v_row;
end
$$;
select pg_temp.fail_in(table_name, 1, 'timeout') from private.queues;
select cmp_ok((select count(*) from private.queues), '>=', 5::bigint, 'there are queues to look at');
select set_eq('select queue from dead_letters', 'select table_name from private.queues', 'every queue under the kernel is in it');
select is_empty($$select * from dead_letters where attempts is distinct from 2 or vehicle_id is distinct from pg_temp.id(1) or error is distinct from 'it was timeout' or failed_at is distinct from now() - interval '1 hour'$$,
  'with attempts, vehicle, error and time of each, however its columns are called');
select results_eq($$select url from dead_letters where queue in ('added_queue', 'import_queue', 'bat_extraction_queue') order by queue$$,
  $$values ('https://cars.example/1'), ('https://bringatrailer.com/listing/1'), ('https://cars.example/found/1')$$, 'and the listing: the row''s own, or else the vehicle''s');
select is((select step_name from dead_letters where queue = 'scrape_retry_queue'), 'extract_vin', 'a retry says which step');
select is((select queued_again_at from dead_letters where queue = 'bat_extraction_queue'), now() + interval '6 hours', 'one that its queue takes up again by itself says when');
select is((select what_to_type from dead_letters where queue = 'added_queue'), 'select redrive_queue(''added_queue'', array[''00000000-0000-4000-8000-000000000010'']::uuid[]);', 'and what to type');

-- What is no dead letter.
select pg_temp.fail_in('import_queue', n::integer, o) from unnest(array['gone', 'not_a_listing', 'invalid', 'too_large']) with ordinality as t(o, n) where n > 1;
select pg_temp.fail_in('import_queue', 5, 'gone');
insert into import_queue (listing_url) values ('https://cars.example/found/8');
insert into import_queue (listing_url, status, processed_at) values ('https://cars.example/found/9', 'complete', now());
select is((select count(*) from dead_letters where queue = 'import_queue'), 1::bigint, 'what is gone, no listing, invalid or too large would not work again; what waits or is done has not failed');
insert into scrape_steps (vehicle_id, step_name, status, outcome_code, created_at) values (pg_temp.id(1), 'extract_images', 'success', 'ok', now()), (pg_temp.id(2), 'extract_vin', 'success', 'ok', now()), (pg_temp.id(1), 'extract_vin', 'success', 'ok', now() - interval '2 hours');
select is((select count(*) from dead_letters where queue = 'scrape_retry_queue'), 1::bigint, 'a success before, of another step or of another vehicle saves no retry');
select pg_temp.fail_in('scrape_retry_queue', 2, 'blocked');
select is((select count(*) from dead_letters where queue = 'scrape_retry_queue' and vehicle_id = pg_temp.id(2)), 0::bigint, 'a step that has worked since is dead no more');

-- The way back.
select pg_temp.fail_in('added_queue', 2, 'blocked');
select pg_temp.fail_in('added_queue', 3, 'timeout');
select pg_temp.fail_in('added_queue', 4, 'gone');
update added_queue set outcome_code = null where vehicle_id = pg_temp.id(3);
delete from worker_invocations;
select is(redrive_dead_letters('added_queue', 'blocked'), '{"added_queue": 1}', 'a redrive of one queue and one outcome');
select results_eq('select vehicle_id, status, tries from added_queue where status = ''pending''', $$values (pg_temp.id(2), 'pending', 0)$$, 'is of that one, with fresh attempts');
select is((select count(*) from worker_invocations where function_name = 'work-added-queue'), 1::bigint, 'and invokes the worker');
select is(redrive_dead_letters('added_queue', null, 1), '{"added_queue": 1}', 'no more than asked for');
select is((select status from added_queue where vehicle_id = pg_temp.id(3)), 'pending', 'the oldest first, also one that nobody knows a reason of');
select is(redrive_dead_letters('added_queue', 'no such outcome'), '{"added_queue": 0}', 'an outcome that there is not');
select throws_like($$select redrive_dead_letters('no_such_queue')$$, 'no queue "no_such_queue": known are added_queue,%', 'a queue that there is not is an error');
select is((select sum(n::integer) from jsonb_each_text(redrive_dead_letters()) as t(queue, n)), (select count(*) from private.queues), 'without words: all there are');
select is_empty('select * from dead_letters', 'then none is left');
select is(redrive_dead_letters(), (select jsonb_object_agg(table_name, 0) from private.queues), 'and none is redriven, in each queue');
select is((select count(*) from import_queue where status = 'failed'), 4::bigint, 'what is gone stays as it was');
select is((select status from added_queue where vehicle_id = pg_temp.id(4)), 'failed', 'in every queue');

select * from finish();
rollback;
