begin;
create extension if not exists pgtap with schema extensions;
select plan(25);
create temp table claims (n serial, c jsonb);
create function pg_temp.claim(p_steps text[] default null) returns text language plpgsql as $$
declare c jsonb := claim_fill_step('manual', null, p_steps);
begin
  insert into claims (c) values (c);
  return coalesce(case when (c ->> 'claimed')::boolean then c ->> 'step' end, 'none: ' || (c ->> 'why'));
end $$;
create function pg_temp.settle(p_result jsonb default '{}', p_error text default null, p_cursor jsonb default null) returns jsonb language sql as $$
  select settle_fill_step((select (c ->> 'lease_token')::uuid from claims order by n desc limit 1), p_result, p_error, p_cursor)
$$;
create function pg_temp.check(p_below boolean, p_left text) returns jsonb language sql as $$
  select jsonb_build_object('below_target', p_below, 'left_to_try', p_left::jsonb, 'vehicles_added', 7, 'vehicles_queued', 9, 'sources_active', 1, 'sources_discovered', 0)
$$;

select begin_fill_cycle('test');
-- Whatever the time is.
update fill_cycle_steps set next_attempt_at = now() + interval '1 hour' where step in ('monitor_quality', 'schedule_next');

select is(pg_temp.claim(), 'assess_state', 'the first step comes first');
select ok((select c ? 'lease_token' and c ->> 'attempt' = '1' from claims order by n desc limit 1), 'under a token');
select matches(claim_fill_step('manual') ->> 'why', 'step assess_state is being worked on', 'the second agent says so');
select ok(heartbeat_fill_step((select (c ->> 'lease_token')::uuid from claims order by n desc limit 1)), 'a heartbeat extends the lease');
select ok(not heartbeat_fill_step(gen_random_uuid()), 'not that of a token that nobody has');
select is(settle_fill_step(gen_random_uuid(), '{}') ->> 'held', 'false', 'who lost its lease settles nothing');
select is(pg_temp.settle() ->> 'status', 'complete', 'who holds it does');
select is(pg_temp.claim(), 'process_queue', 'then the queue is worked');
select pg_temp.settle();
select is(pg_temp.claim(), 'check_target', 'then the target is checked');
select pg_temp.settle(pg_temp.check(true, '["process_queue", "activate_sources", "discover_sources"]'));
select results_eq($$select vehicles_added, vehicles_queued from fill_cycles$$, $$values (7, 9)$$, 'what was counted stands with the cycle');
select is(pg_temp.claim(), 'activate_sources', 'below target sources are activated');
select pg_temp.settle('{}', null, '{"at": 1}');
select is(pg_temp.claim(), 'activate_sources', 'a step that is not done goes on');
select is((select c -> 'cursor' ->> 'at' from claims order by n desc limit 1), '1', 'where its cursor stands');
select pg_temp.settle();
select is(pg_temp.claim(), 'discover_sources', 'then new ones are looked for');
select pg_temp.settle();
select is(pg_temp.claim(), 'none: no step is due', 'then it waits');
select is((select next_attempt_at from fill_cycle_steps where step = 'check_target'), case when now() + interval '10 minutes' < private.fill_slot(now()) + interval '2 hours' then now() + interval '10 minutes' end, 'ten minutes, unless the slot ends before');

-- Ten minutes later, on target.
update fill_cycle_steps set status = 'pending', next_attempt_at = now() where step = 'check_target';
update fill_cycle_steps set completed_at = completed_at - interval '10 minutes' where status = 'complete';
select is(pg_temp.claim(), 'check_target', 'the target is checked again');
select pg_temp.settle(pg_temp.check(false, '["process_queue", "activate_sources"]'));
select is(pg_temp.claim(), 'none: no step is due', 'on target nothing more is tried');

-- Again, below it.
update fill_cycle_steps set status = 'pending', next_attempt_at = now() where step = 'check_target';
update fill_cycle_steps set completed_at = completed_at - interval '10 minutes' where status = 'complete';
select pg_temp.claim();
select pg_temp.settle(pg_temp.check(true, '["process_queue", "activate_sources"]'));
select is(pg_temp.claim(), 'process_queue', 'below it the queue is worked again');
select pg_temp.settle();
select is(pg_temp.claim(), 'activate_sources', 'and sources activated');
select pg_temp.settle();
select is(pg_temp.claim(), 'none: no step is due', 'but nothing that is not left to try');

select is(pg_temp.claim('{discover_sources,assess_state}'), 'assess_state', 'a step that is named is done at once, and again');
select pg_temp.settle();
select is(claim_fill_step('manual', null, '{discover_sources,assess_state}', false) ->> 'step', 'discover_sources', 'and the other one behind it');
select settle_fill_step((select lease_token from fill_cycle_steps where lease_token is not null), '{}');
select is(pg_temp.claim('{schedule_next}'), 'none: no step is due', 'the last one keeps its time');
select matches(claim_fill_step('manual', 'fill-1999-01-01T00:00Z') ->> 'why', 'no cycle has the id', 'another cycle is not worked on');

select * from finish();
rollback;
