begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

delete from worker_invocations;
delete from outside_workers;
create function pg_temp.beat(p_functions text[]) returns jsonb language sql as $$
  select heartbeat_outside_worker('00000000-0000-4000-8000-0000000000aa', 'pod-1', p_functions, 8)
$$;

select is(
  pg_temp.beat('{process-backfill-queue,backfill-images,micro-scrape-bandaid}'),
  '[{"function": "process-backfill-queue", "claimable": false, "paused": null, "batch_size": null},
    {"function": "backfill-images", "claimable": false, "paused": null, "batch_size": null},
    {"function": "micro-scrape-bandaid", "claimable": false, "paused": null, "batch_size": null}]'::jsonb,
  'with empty queues nothing is claimable, function by function in the order asked');
select results_eq(
  'select name, places, functions from outside_workers',
  $$values ('pod-1', 8, '{process-backfill-queue,backfill-images,micro-scrape-bandaid}'::text[])$$,
  'the process has a row');

insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
insert into backfill_queue (vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', 'r');
select is(pg_temp.beat('{process-backfill-queue}') -> 0 -> 'claimable', 'true'::jsonb, 'a due row is claimable');
select is((select count(*) from outside_workers), 1::bigint, 'a heartbeat of the same process makes no second row');

insert into fill_cycles (cycle_id, slot, target) values ('c', to_timestamp(7200), 1);
insert into private.worker_scales (function_name, cycle_id, workers, batch_size, until)
values ('process-backfill-queue', 'c', 1, 17, now() + interval '1 hour')
on conflict (function_name) do update
set cycle_id = excluded.cycle_id, batch_size = excluded.batch_size, until = excluded.until;
select is(pg_temp.beat('{process-backfill-queue}') -> 0 -> 'batch_size', '17'::jsonb, 'a cycle under way says how many rows a run takes');

select release_outside_worker('00000000-0000-4000-8000-0000000000aa');
select is((select count(*) from outside_workers), 0::bigint, 'a process that ends has no row any more');

select * from finish();
rollback;
