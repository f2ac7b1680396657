begin;
create extension if not exists pgtap with schema extensions;
select plan(14);
create function pg_temp.claim() returns text language sql as $$select coalesce(claim_fill_step('manual') ->> 'step', 'none')$$;
create function pg_temp.settle(p_error text) returns text language sql as $$
  select settle_fill_step((select lease_token from fill_cycle_steps where lease_token is not null), '{}', p_error) ->> 'status'
$$;
create function pg_temp.wait() returns void language sql as $$update fill_cycle_steps set next_attempt_at = now() where attempts > 0 and status = 'pending'$$;
select begin_fill_cycle('test');
update fill_cycle_steps set next_attempt_at = now() + interval '1 hour' where step in ('monitor_quality', 'schedule_next');

select is(pg_temp.claim(), 'assess_state', 'a step is claimed');
select is(pg_temp.settle('it broke'), 'pending', 'it broke: it waits');
select is(pg_temp.claim(), 'none', 'none of those behind it begins');
select pg_temp.wait();
select is(pg_temp.claim(), 'assess_state', 'it is tried again');
select is(pg_temp.settle('it broke again'), 'pending', 'and again');
select pg_temp.wait();
select pg_temp.claim();
select is(pg_temp.settle('it broke for good'), 'failed', 'then it is failed');
select is(pg_temp.claim(), 'process_queue', 'and the cycle goes on');
select is((select errors from fill_cycles), array['assess_state: it broke (attempt 1)', 'assess_state: it broke again (attempt 2)', 'assess_state: it broke for good (attempt 3)'], 'each error stands with the cycle');
select is((select error_message from fill_cycle_steps where step = 'assess_state'), 'it broke for good', 'and the last with the step');

-- Its worker dies, three times.
update fill_cycle_steps set lease_expires_at = now() - interval '1 second' where lease_token is not null;
select is(pg_temp.claim(), 'process_queue', 'a step whose worker died is taken up again');
update fill_cycle_steps set lease_expires_at = now() - interval '1 second' where lease_token is not null;
select pg_temp.claim();
update fill_cycle_steps set lease_expires_at = now() - interval '1 second' where lease_token is not null;
select is(pg_temp.claim(), 'check_target', 'one that killed three is failed');

-- The look at the target breaks three times: it comes round all the same.
select pg_temp.settle('a'); select pg_temp.wait(); select pg_temp.claim();
select pg_temp.settle('b'); select pg_temp.wait(); select pg_temp.claim();
select is(pg_temp.settle('c'), 'pending', 'the look at the target is not given up');
select is((select next_attempt_at from fill_cycle_steps where step = 'check_target'), now() + interval '10 minutes', 'it comes round ten minutes later');
select is((select state from fill_status), 'failing', 'fill_status says that a step broke');

select * from finish();
rollback;
