begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
insert into vehicles (id) select ('00000000-0000-4000-8000-00000000000' || n)::uuid from generate_series(1, 9) n;
create function pg_temp.enqueue(n integer) returns void language sql as $$
  insert into backfill_queue (vehicle_id, reason) values (('00000000-0000-4000-8000-00000000000' || n)::uuid, 'r')
$$;
create function pg_temp.later() returns void language sql as $$ update worker_invocations set invoked_at = invoked_at - interval '1 minute' $$;

-- Without secrets.
select lives_ok('select pg_temp.enqueue(1)', 'work is queued when Vault has none of the secrets to invoke its worker');
select results_eq('select function_name, request_id, status_code from worker_invocations', $$values ('process-backfill-queue', null::bigint, null::integer)$$, 'an invocation without secrets is recorded as one that sent no request');
select matches((select meaning from worker_invocation_status), 'Vault has no secret "project_url" or "service_role_key"', 'worker_invocation_status names the secrets that Vault lacks');
select pg_temp.later();
-- A call that breaks.
select pg_temp.later();
delete from vault.secrets where name = 'project_url';
create or replace function private.secret(p_name text) returns text language plpgsql as $$ begin raise exception 'Vault is locked'; end $$;
set local client_min_messages = error;
select lives_ok('select pg_temp.enqueue(6)', 'an invocation that raises an error fails no insert');
select is((select count(*) from backfill_queue), 2::bigint, 'the row whose invocation raised an error is in its queue');
reset client_min_messages;

select * from finish();
rollback;
