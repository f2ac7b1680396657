begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

delete from worker_invocations;
insert into worker_invocations (function_name, request_id) values ('process-backfill-queue', 1);
create function pg_temp.claimed() returns integer language sql as $$ select rows_claimed from worker_invocations $$;
create function pg_temp.is_ended() returns boolean language sql as $$ select ended_at is not null from worker_invocations $$;

select set_config('request.headers', '{"x-outside-worker": "00000000-0000-4000-8000-0000000000aa"}', true);
select claim_queue('backfill_queue', 5);
select is(pg_temp.claimed(), null, 'a claim from outside is not taken for that of the run that was invoked');
select set_config('request.headers', '{"apikey": "k"}', true);
select private.note_claim('process-backfill-queue', 5);
select is(pg_temp.claimed(), 5, 'a claim of an edge function is');

select set_config('request.headers', '{"x-outside-worker": "00000000-0000-4000-8000-0000000000aa"}', true);
select invoke_queue_if_due('backfill_queue');
select is(pg_temp.is_ended(), false, 'nor does the end of a run outside end it');
select set_config('request.headers', '', true);
select invoke_queue_if_due('backfill_queue');
select is(pg_temp.is_ended(), true, 'its own end does');

select * from finish();
rollback;
