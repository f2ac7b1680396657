begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

delete from outside_workers;
delete from worker_invocations;
insert into worker_invocations (function_name, request_id, answered_at, status_code) values ('process-backfill-queue', 1, now(), 404);
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
insert into backfill_queue (vehicle_id, reason, created_at) values ('00000000-0000-4000-8000-000000000001', 'r', now() - interval '1 hour');
create function pg_temp.part(p_part text) returns setof pipeline_status language sql as $$
  select * from pipeline_status where part = p_part
$$;

select is((select state from pg_temp.part('worker process-backfill-queue')), 'failing', 'an edge function that is not deployed is failing');
select is((select what_to_type from pg_temp.part('backfill_queue')), 'supabase functions deploy process-backfill-queue', 'its queue is stuck because of it');

select heartbeat_outside_worker('00000000-0000-4000-8000-0000000000aa', 'pod-1', '{process-backfill-queue}', 8);
select is_empty($$select * from pg_temp.part('worker process-backfill-queue')$$, 'while a process outside does its work, its last answer is no matter');
select results_eq(
  $$select why ~ 'outside the edge runtime', what_to_type from pg_temp.part('backfill_queue')$$,
  $$values (true, 'select * from outside_worker_status;')$$,
  'and a queue that is stuck says who to ask');

select * from finish();
rollback;
