begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
insert into vehicles (id) select ('00000000-0000-4000-8000-00000000000' || n)::uuid from generate_series(1, 9) n;
create function pg_temp.enqueue(n integer) returns void language sql as $$
  insert into backfill_queue (vehicle_id, reason) values (('00000000-0000-4000-8000-00000000000' || n)::uuid, 'r')
$$;
create function pg_temp.later() returns void language sql as $$ update worker_invocations set invoked_at = invoked_at - interval '1 minute' $$;
select pg_temp.enqueue(1);
select pg_temp.later();

-- With them.
select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
select pg_temp.enqueue(2);

select is((select meaning from worker_invocation_status), 'Vault has no secret "project_url" or "service_role_key": see README, first deploy', 'until a request is answered, worker_invocation_status shows the last known meaning');
create function pg_temp.answer(p_status integer, p_timed_out boolean default false, p_error text default null) returns text language sql as $$
  insert into net._http_response (id, status_code, timed_out, error_msg, created)
  select request_id, p_status, p_timed_out, p_error, clock_timestamp() from worker_invocations where request_id is not null order by id desc limit 1;
  select private.collect_invocation_answers();
  select pg_temp.later();
  select private.invoke_worker('process-backfill-queue');
  select meaning from worker_invocation_status;
$$;
select is(pg_temp.answer(202), 'ok', 'a worker that answered 202 is ok');
select is(pg_temp.answer(404), 'not deployed: supabase functions deploy process-backfill-queue', 'a worker that answered 404 is called not deployed, with the command that deploys it, though it was invoked again since');
select is(pg_temp.answer(401), 'the key in Vault (service_role_key) is refused', 'a worker that answered 401 is said to refuse the key in Vault');
select is(pg_temp.answer(500), 'answered 500', 'a worker that answered 500 is said to have answered 500');
select is(pg_temp.answer(null, true), 'no answer within five seconds', 'a worker that timed out is said to have given no answer within five seconds');
select is(pg_temp.answer(null, false, 'could not resolve host'), 'could not resolve host', 'a worker whose address is wrong is shown with the error of the network');
select is((select last_status from worker_invocation_status), null, 'a worker that did not answer has no last_status');
insert into net._http_response (id, status_code, created) select request_id, 200, invoked_at - interval '1 hour' from worker_invocations order by id desc limit 1;
select private.collect_invocation_answers();
select is((select answered_at from worker_invocations order by id desc limit 1), null, 'an answer older than its request is another''s (pg_net counts anew after a crash), and is not taken');

select * from finish();
rollback;
