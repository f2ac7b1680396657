begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
insert into backfill_queue (vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', 'r');
create function pg_temp.beat() returns jsonb language sql as $$
  select heartbeat_outside_worker(
    '00000000-0000-4000-8000-0000000000aa', 'pod-1', '{process-backfill-queue,micro-scrape-bandaid,backfill-images}', 8)
$$;
create function pg_temp.switch(p_job text, p_on boolean) returns void language sql as $$
  select cron.alter_job(jobid, active := p_on) from cron.job where jobname = p_job
$$;

select pg_temp.switch('look-after-queues', false);
select is(
  pg_temp.beat() -> 0,
  '{"function": "process-backfill-queue", "claimable": false, "paused": "cron''s job look-after-queues is switched off", "batch_size": null}'::jsonb,
  'while the job that looks after queues is switched off none of their rows is claimable');
select is(pg_temp.beat() -> 1 ->> 'paused', null, 'gap filling has a switch of its own');

select pg_temp.switch('look-after-micro-scrape', false);
select pg_temp.switch('look-after-images', false);
select results_eq(
  $$select value ->> 'paused' from jsonb_array_elements(pg_temp.beat())$$,
  $$values ('cron''s job look-after-queues is switched off'), ('cron''s job look-after-micro-scrape is switched off'),
    ('cron''s job look-after-images is switched off')$$,
  'each worker is paused by the job that looks after it');

select pg_temp.switch('look-after-queues', true);
select is(pg_temp.beat() -> 0 -> 'claimable', 'true'::jsonb, 'switched on again, the row is claimable');

select * from finish();
rollback;
