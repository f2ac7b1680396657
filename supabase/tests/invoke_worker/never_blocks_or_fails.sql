begin;
create extension if not exists pgtap with schema extensions;
select plan(25);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
insert into vehicles (id) select ('00000000-0000-4000-8000-00000000000' || n)::uuid from generate_series(1, 9) n;
create function pg_temp.enqueue(n integer) returns void language sql as $$
  insert into backfill_queue (vehicle_id, reason) values (('00000000-0000-4000-8000-00000000000' || n)::uuid, 'r')
$$;
create function pg_temp.requests() returns bigint language sql as $$ select count(*) from net.http_request_queue where url like 'https://project.example/%' $$;
create function pg_temp.later() returns void language sql as $$ update worker_invocations set invoked_at = invoked_at - interval '1 minute' $$;

-- Without secrets.
select lives_ok('select pg_temp.enqueue(1)', 'work is taken without the secrets of the project');
select results_eq('select function_name, request_id, status_code from worker_invocations', $$values ('process-backfill-queue', null::bigint, null::integer)$$, 'that it could not invoke is on record');
select matches((select meaning from worker_invocation_status), 'Vault has no secret "project_url" or "service_role_key"', 'and says what is missing');
select pg_temp.later();

-- With them.
select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
select pg_temp.enqueue(2);
select is(pg_temp.requests(), 1::bigint, 'new work invokes its worker');
select results_eq($$select method::text, url, headers ->> 'Authorization', headers ->> 'apikey' from net.http_request_queue where url like 'https://project.example/%'$$,
  $$values ('POST', 'https://project.example/functions/v1/process-backfill-queue', 'Bearer secret-key', 'secret-key')$$, 'at its function, with the key in both places');
select pg_temp.enqueue(3), pg_temp.enqueue(4);
select is(pg_temp.requests(), 1::bigint, 'more work within two seconds does not invoke it again');
select pg_temp.later();
select pg_temp.enqueue(5);
select is(pg_temp.requests(), 2::bigint, 'later work does');
select is((select meaning from worker_invocation_status), 'Vault has no secret "project_url" or "service_role_key": see README, first deploy', 'until there is an answer the last one stands');
select pg_temp.later();
insert into backfill_queue (vehicle_id, reason, next_attempt_at) values ('00000000-0000-4000-8000-000000000006', 'r', now() + interval '1 hour');
select is(pg_temp.requests(), 2::bigint, 'work that waits for its time invokes nobody');
delete from backfill_queue where next_attempt_at is not null;

-- Answers.
create function pg_temp.answer(p_status integer, p_timed_out boolean default false, p_error text default null) returns text language sql as $$
  insert into net._http_response (id, status_code, timed_out, error_msg, created)
  select request_id, p_status, p_timed_out, p_error, clock_timestamp() from worker_invocations where request_id is not null order by id desc limit 1;
  select private.collect_invocation_answers();
  select pg_temp.later();
  select private.invoke_worker('process-backfill-queue');
  select meaning from worker_invocation_status;
$$;
select is(pg_temp.answer(202), 'ok', 'a worker that answers is well');
select is(pg_temp.answer(404), 'not deployed: supabase functions deploy process-backfill-queue', 'a function that was never deployed is seen, though it is invoked again and again');
select is(pg_temp.answer(401), 'the key in Vault (service_role_key) is refused', 'a wrong key too');
select is(pg_temp.answer(500), 'answered 500', 'and a worker that is broken');
select is(pg_temp.answer(null, true), 'no answer within five seconds', 'and one that says nothing');
select is(pg_temp.answer(null, false, 'could not resolve host'), 'could not resolve host', 'and an address that is wrong');
select is((select last_status from worker_invocation_status), null, 'with the status of the last answer');
insert into net._http_response (id, status_code, created) select request_id, 200, invoked_at - interval '1 hour' from worker_invocations order by id desc limit 1;
select private.collect_invocation_answers();
select is((select answered_at from worker_invocations order by id desc limit 1), null, 'an answer of before the call belongs to another (pg_net counts anew after a crash)');

-- A call that breaks.
select pg_temp.later();
delete from vault.secrets where name = 'project_url';
create or replace function private.secret(p_name text) returns text language plpgsql as $$ begin raise exception 'Vault is locked'; end $$;
set local client_min_messages = error;
select lives_ok('select pg_temp.enqueue(6)', 'a call that breaks fails no work');
select is((select count(*) from backfill_queue), 6::bigint, 'which is there');
reset client_min_messages;

-- Every queue invokes its worker.
select is_empty($$
  select q.table_name from private.queues q
  where not exists (select from pg_trigger t where t.tgrelid = ('public.' || q.table_name)::regclass and t.tgname = 'invoke_worker' and t.tgenabled = 'O')
    or not exists (select from pg_trigger t where t.tgrelid = ('public.' || q.table_name)::regclass and t.tgname = 'reset_row_put_back_to_pending' and t.tgenabled = 'O')$$,
  'every queue invokes its worker and resets what is put back');

-- Cron invokes through Vault: no key and no address in a job.
select is_empty($$select command from cron.job where command ~* '(https?://|bearer|eyJ|apikey|sb_secret)'$$, 'no job holds a key or an address');
select set_has('select jobname from cron.job', $$values ('micro-scrape-bandaid'), ('look-after-queues'), ('look-after-micro-scrape'), ('look-after-images'), ('collect-invocation-answers'), ('prune-history')$$, 'the jobs are there');
select is((select schedule from cron.job where jobname = 'micro-scrape-bandaid'), '*/5 * * * *', 'micro-scrape-bandaid runs every five minutes');
select cmp_ok((select count(*) from cron.job where schedule = '20 seconds'), '>=', 4::bigint, 'and watches every 20 seconds');
select cmp_ok((select count(*) from cron.job where schedule in ('20 seconds', '*/5 * * * *', '* * * * *')), '<=', 8::bigint, 'no more than eight jobs begin at one moment, which is what pg_cron runs at once');

select * from finish();
rollback;
