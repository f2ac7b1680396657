begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into scrape_steps (step_name, source, url, status, outcome_code, created_at) values ('extract_data', 'cars.example', 'https://cars.example/o''hara', 'failed', 'server_error', now() - interval '3 hours');
select enqueue_listings('[{"url": "https://cars.example/o''hara"}]');
update import_queue set next_attempt_at = now() + interval '1 hour';
create function pg_temp.imported() returns text language sql as $$
  select concat_ws(' | ', state, retried_by, next_retry_at = now() + interval '1 hour', what_to_type = 'select redrive_queue(''import_queue'', array[''' || (select id from import_queue) || ''']::uuid[]);')
  from recent_step_failures where vehicle_id is null
$$;

select is(pg_temp.imported(), 'is tried again | import_queue | t', 'a failed listing with a pending row in import_queue is tried again by it');
update import_queue set status = 'failed', outcome_code = 'server_error', next_attempt_at = null;
select is(pg_temp.imported(), 'given up | t', 'a failed listing whose row in import_queue has failed is given up, with the redrive to type');
update import_queue set status = 'complete';
select is(pg_temp.imported(), 'worked since', 'a failed listing that import_queue has imported since has worked since');

select * from finish();
rollback;
