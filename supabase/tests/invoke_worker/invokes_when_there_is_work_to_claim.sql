begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

delete from worker_invocations;
delete from vault.secrets where name in ('project_url', 'service_role_key');
select vault.create_secret('https://project.example/', 'project_url');
select vault.create_secret('secret-key', 'service_role_key');
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.invocations(p_function text) returns bigint language sql as $$
  select count(*) from worker_invocations where function_name = p_function
$$;
create function pg_temp.later(p_by interval) returns void language sql as $$
  update worker_invocations set invoked_at = invoked_at - p_by
$$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://cars.example/' || n from generate_series(1, 4) n;
delete from worker_invocations;

-- Gap filling: a vehicle whose page another queue's worker reads, and a host that takes no request.
insert into backfill_queue (vehicle_id, reason, status, lease_token, lease_expires_at, attempts)
select pg_temp.id(n), 'r', 'processing', gen_random_uuid(), now() + interval '1 minute', 1 from generate_series(1, 4) n;
select is(invoke_micro_scrape_if_due(), false, 'vehicles that another worker holds under lease are not claimable');
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 0::bigint, 'nobody is invoked for vehicles that no claim takes');
delete from backfill_queue;
insert into source_hosts (host, retry_after) values ('cars.example', now() + interval '1 hour');
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 0::bigint, 'nobody is invoked for vehicles of a host that asked to be left alone');
select resume_host('cars.example') ->> 'vehicles';
delete from worker_invocations;
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 1::bigint, 'a vehicle that a claim takes invokes the worker');

-- One on its way at a time; who claimed makes room for the next.
select pg_temp.later('5 seconds');
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 1::bigint, 'while an invocation has not claimed yet there is no second one');
select is(jsonb_array_length(claim_micro_scrape(2)), 2, 'the invoked worker claims');
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 2::bigint, 'after a claim that left work the next worker is invoked');

-- one that found nothing is followed by a pause.
select claim_micro_scrape(20);
insert into vehicles (id, discovery_url) values (pg_temp.id(5), 'https://cars.example/5'), (pg_temp.id(6), 'https://cars.example/6');
update worker_invocations set rows_claimed = 0 where id = (select max(id) from worker_invocations where function_name = 'micro-scrape-bandaid');
select pg_temp.later('10 seconds');
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 2::bigint, 'within 20 seconds of an invocation that found nothing there is none');
select pg_temp.later('11 seconds');
select private.invoke_micro_scrape();
select is(pg_temp.invocations('micro-scrape-bandaid'), 3::bigint, 'after 20 seconds there is one again');

-- Queues: the same conditions.
delete from worker_invocations;
insert into micro_scrape_state (vehicle_id, state, lease_token, lease_expires_at, vehicle_created_at)
values (pg_temp.id(5), 'leased', gen_random_uuid(), now() + interval '1 minute', now())
on conflict (vehicle_id) do update
set state = 'leased', lease_token = excluded.lease_token, lease_expires_at = excluded.lease_expires_at;
insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(5), 'r');
select results_eq(
  $$select pg_temp.invocations('process-backfill-queue'), invoke_queue_if_due('backfill_queue'), preview_queue('backfill_queue', 5)$$,
  $$values (0::bigint, false, '[]'::jsonb)$$, 'a queued vehicle whose page is read now: no invocation, nothing to claim, nothing in the preview');
insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(6), 'r');
select is(pg_temp.invocations('process-backfill-queue'), 1::bigint, 'a queued vehicle that can be claimed invokes the worker');
select claim_queue('backfill_queue', 20);
select results_eq(
  $$select function_name, invocations, found_work, found_nothing, not_claimed_yet from worker_invocations_by_hour where function_name = 'process-backfill-queue'$$,
  $$values ('process-backfill-queue', 1::bigint, 1::bigint, 0::bigint, 0::bigint)$$, 'invocations are counted by worker, hour and what they claimed');

select * from finish();
rollback;
