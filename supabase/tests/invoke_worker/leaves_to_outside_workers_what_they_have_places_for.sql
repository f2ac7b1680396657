begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

delete from worker_invocations;
delete from outside_workers;
delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
insert into vehicles (id) select ('00000000-0000-4000-8000-00000000000' || n)::uuid from generate_series(1, 9) n;
create function pg_temp.invocations() returns bigint language sql as $$
  select count(*) from worker_invocations where function_name = 'process-backfill-queue'
$$;
create function pg_temp.again() returns void language sql as $$
  update worker_invocations set invoked_at = invoked_at - interval '2 minutes';
  select private.invoke_worker('process-backfill-queue')
$$;
create function pg_temp.beat(p_functions text[], p_places integer) returns jsonb language sql as $$
  select heartbeat_outside_worker('00000000-0000-4000-8000-0000000000aa', 'pod-1', p_functions, p_places)
$$;

select pg_temp.beat('{process-import-queue}', 8);
insert into backfill_queue (vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', 'r');
select is(pg_temp.invocations(), 1::bigint, 'a process that does other work keeps nobody from being invoked');

select pg_temp.beat('{process-backfill-queue}', 2);
select pg_temp.again();
select is(pg_temp.invocations(), 1::bigint, 'what a process outside takes invokes no edge function');

insert into fill_cycles (cycle_id, slot, target) values ('c', to_timestamp(7200), 1);
insert into private.worker_scales (function_name, cycle_id, workers, batch_size, until)
values ('process-backfill-queue', 'c', 3, 20, now() + interval '1 hour')
on conflict (function_name) do update
set cycle_id = excluded.cycle_id, workers = excluded.workers, until = excluded.until;
select pg_temp.again();
select is(pg_temp.invocations(), 2::bigint, 'of three runs wanted two have a place outside: one edge function is invoked');
select pg_temp.beat('{process-backfill-queue}', 3);
select pg_temp.again();
select is(pg_temp.invocations(), 2::bigint, 'with a place outside for each none is');
delete from private.worker_scales;

update outside_workers set seen_at = now() - interval '61 seconds';
select pg_temp.again();
select is(pg_temp.invocations(), 3::bigint, 'a process that was not seen for a minute has no places');

select results_eq(
  $$select value ->> 'outside' from jsonb_array_elements(pipeline_work()) where value ->> 'queue' = 'backfill_queue'$$,
  $$values ('0')$$, 'nor in what the orchestrator is told');

select * from finish();
rollback;
