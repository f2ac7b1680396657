begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

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
    'source', 'cars.example', 'hosts', '{cars.example}'::text[], 'cause', 'manual', 'fields', '{}'::text[], 'step', 'sample', 'state', '{}'::jsonb, 'steps_done', 0);
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
select pg_temp.fail_in('added_queue', 2, 'blocked');
select pg_temp.fail_in('added_queue', 3, 'timeout');
select pg_temp.fail_in('added_queue', 4, 'gone');
update added_queue set outcome_code = null where vehicle_id = pg_temp.id(3);
delete from worker_invocations;

select is(redrive_dead_letters('added_queue', 'blocked'), '{"added_queue": 1}', 'a redrive of one queue and one outcome puts back one row');
select results_eq('select vehicle_id, status, tries from added_queue where status = ''pending''', $$values (pg_temp.id(2), 'pending', 0)$$, 'a redriven row is pending with fresh attempts');
select is((select count(*) from worker_invocations where function_name = 'work-added-queue'), 1::bigint, 'a redrive invokes the worker of its queue');
select is(redrive_dead_letters('added_queue', null, 1), '{"added_queue": 1}', 'a redrive with a limit puts back no more than that');
select is((select status from added_queue where vehicle_id = pg_temp.id(3)), 'pending', 'a redrive with a limit takes the oldest row, also one without an outcome');
select is(redrive_dead_letters('added_queue', 'no such outcome'), '{"added_queue": 0}', 'a redrive of an outcome that no row has puts back none');
select throws_like($$select redrive_dead_letters('no_such_queue')$$, 'no queue "no_such_queue": known are added_queue,%', 'a redrive of a queue that there is not is an error that names the known ones');
select is((select sum(n::integer) from jsonb_each_text(redrive_dead_letters()) as t(queue, n)), (select count(*) from private.queues), 'a redrive without a queue puts back a row of every queue');
select is_empty('select * from dead_letters', 'after a redrive of all queues there are no dead letters');
select is(redrive_dead_letters(), (select jsonb_object_agg(table_name, 0) from private.queues), 'a redrive without dead letters answers 0 for each queue');
select is((select count(*) from import_queue where status = 'failed'), 4::bigint, 'rows of import_queue that are gone are not redriven');
select is((select status from added_queue where vehicle_id = pg_temp.id(4)), 'failed', 'a row of an added queue that is gone is not redriven');

select * from finish();
rollback;
