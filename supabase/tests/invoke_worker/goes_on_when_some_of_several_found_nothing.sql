begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
insert into fill_cycles (cycle_id, slot, target) values ('now', date_bin('2 hours', now(), '2000-01-01'), 10);
insert into private.worker_scales (function_name, cycle_id, workers, batch_size, until)
values ('process-import-queue', 'now', 3, 1, now() + interval '1 hour');
create function pg_temp.invocations() returns bigint language sql as $$
  select count(*) from worker_invocations where function_name = 'process-import-queue'
$$;
create function pg_temp.later(p_by interval) returns void language sql as $$
  update worker_invocations set invoked_at = invoked_at - p_by
$$;

select enqueue_listings('[{"url": "https://cars.example/1"}, {"url": "https://cars.example/2"}]');
select is(pg_temp.invocations(), 3::bigint, 'as many as the cycle wants are invoked together');
select claim_queue('import_queue', 1) from generate_series(1, 3);
select results_eq(
  $$select rows_claimed from worker_invocations order by rows_claimed$$, $$values (0), (1), (1)$$,
  'two take what there is, and one finds nothing');
update worker_invocations set ended_at = now() where rows_claimed > 0;
select pg_temp.later('5 seconds');
select enqueue_listings('[{"url": "https://cars.example/3"}, {"url": "https://cars.example/4"}]');
select is(pg_temp.invocations(), 4::bigint, 'new work that comes then waits for no pause: one is invoked');
select claim_queue('import_queue', 0);
update worker_invocations set ended_at = now() where rows_claimed = 0;
select pg_temp.later('5 seconds');
select invoke_queue_if_due('import_queue');
select is(pg_temp.invocations(), 4::bigint, 'after that one found nothing either there is a pause');
select pg_temp.later('21 seconds');
select invoke_queue_if_due('import_queue');
select is(pg_temp.invocations(), 7::bigint, 'of twenty seconds, and then as many as are wanted');

select * from finish();
rollback;
