begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
insert into vehicles (id) select ('00000000-0000-4000-8000-00000000000' || n)::uuid from generate_series(1, 9) n;
create function pg_temp.enqueue(n integer) returns void language sql as $$
  insert into backfill_queue (vehicle_id, reason) values (('00000000-0000-4000-8000-00000000000' || n)::uuid, 'r')
$$;
create function pg_temp.requests() returns bigint language sql as $$ select count(*) from net.http_request_queue where url like 'https://project.example/%' $$;
create function pg_temp.later() returns void language sql as $$ update worker_invocations set invoked_at = invoked_at - interval '1 minute' $$;

select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
select pg_temp.enqueue(2);

select is(pg_temp.requests(), 1::bigint, 'a new row of backfill_queue sends one request');
select results_eq($$select method::text, url, headers ->> 'Authorization', headers ->> 'apikey' from net.http_request_queue where url like 'https://project.example/%'$$,
  $$values ('POST', 'https://project.example/functions/v1/process-backfill-queue', 'Bearer secret-key', 'secret-key')$$, 'the request goes to process-backfill-queue, with the key in Authorization and in apikey');
select pg_temp.enqueue(3), pg_temp.enqueue(4);
select is(pg_temp.requests(), 1::bigint, 'more rows within two seconds send no second request');
select pg_temp.later();
select pg_temp.enqueue(5);
select is(pg_temp.requests(), 2::bigint, 'a row after two seconds sends another request');
select pg_temp.later();
insert into backfill_queue (vehicle_id, reason, next_attempt_at) values ('00000000-0000-4000-8000-000000000006', 'r', now() + interval '1 hour');
select is(pg_temp.requests(), 2::bigint, 'a row whose next attempt is later sends no request');
delete from backfill_queue where next_attempt_at is not null;

select * from finish();
rollback;
