begin;
create extension if not exists pgtap with schema extensions;
select plan(13);
grant execute on all functions in schema extensions to authenticated;
create function pg_temp.settle(p_result jsonb default '{}') returns void language sql as $$
  select settle_fill_step((select lease_token from fill_cycle_steps where lease_token is not null), p_result)
$$;

select results_eq($$select state, added, target, what_to_type from fill_status$$, $$values ('waiting', 0, 2000, 'node scripts/invoke.js database-fill-agent')$$, 'before the first cycle it says when that begins, and how to begin it now');

select claim_fill_step('test');
update fill_cycle_steps set next_attempt_at = now() + interval '1 hour' where step in ('monitor_quality', 'schedule_next');
select results_eq($$select state, next from fill_status$$, $$values ('running', 'assess_state')$$, 'it names the step that is worked on');
select pg_temp.settle();
select results_eq($$select state, next from fill_status$$, $$values ('running', 'process_queue')$$, 'and the next one');

-- Six minutes later nobody has come.
delete from worker_invocations;
update fill_cycles set started_at = now() - interval '7 minutes';
update fill_cycle_steps set completed_at = now() - interval '6 minutes' where completed_at is not null;
select results_eq($$select state, since from fill_status$$, $$values ('stuck', now() - interval '6 minutes')$$, 'a step that nobody works on for five minutes is stuck, since then');
select results_eq($$select why, what_to_type from fill_status$$, $$values ('nobody has invoked database-fill-agent: cron does not run', 'select jobname, schedule, active from cron.job;')$$, 'why, and what to type');
select results_eq($$select state, why from pipeline_status where part = 'database-fill-agent'$$, $$values ('stuck', 'nobody has invoked database-fill-agent: cron does not run')$$, 'pipeline_status says the same');
insert into worker_invocations (function_name, request_id, answered_at, status_code) values ('database-fill-agent', 1, now(), 404);
select is((select what_to_type from fill_status), 'supabase functions deploy database-fill-agent', 'not deployed, that is what to type');

-- It goes on, and waits for its next look.
select claim_fill_step('test');
select pg_temp.settle();
select claim_fill_step('test');
select pg_temp.settle(check_fill_target((select cycle_id from fill_cycles)) || '{"left_to_try": []}');
select claim_fill_step('test'); -- sources are reviewed in any case
select pg_temp.settle();
update fill_cycle_steps set status = 'pending', next_attempt_at = now() + interval '9 minutes' where step = 'check_target';
select results_eq($$select state, next, next_at from fill_status$$, $$values ('running', 'check_target', now() + interval '9 minutes')$$, 'waiting for its time it runs, and says what it does next, and when');

-- One row, whoever may read it.
select is((select count(*) from fill_status), 1::bigint, 'one row');
set local role authenticated;
set local request.jwt.claims = '{"role": "authenticated", "app_metadata": {"role": "operator"}}';
select is((select count(*) from fill_status), 1::bigint, 'an operator reads it');
select is((select count(*) from pipeline_status where part = 'database-fill-agent'), 1::bigint, 'in pipeline_status too');
set local request.jwt.claims = '{"role": "authenticated"}';
select is((select count(*) from fill_status), 0::bigint, 'nobody else does');
reset role;

-- The slot after, without a cycle.
delete from fill_cycle_steps;
update fill_cycles set slot = slot - interval '2 hours', cycle_id = 'before', status = 'completed', completed_at = slot;
select is((select next from fill_status), 'a cycle of this slot', 'a slot without a cycle says that one is to begin');

select * from finish();
rollback;
