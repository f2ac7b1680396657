begin;
create extension if not exists pgtap with schema extensions;
select plan(17);
create function pg_temp.slot(p_before integer) returns timestamptz language sql as $$select private.fill_slot(now()) - p_before * interval '2 hours'$$;
-- Time is moved by moving what was written.
create function pg_temp.move(p_slots integer) returns void language sql as $$
  update fill_cycles set slot = slot - p_slots * interval '2 hours', cycle_id = private.fill_cycle_id(slot - p_slots * interval '2 hours'),
    started_at = started_at - p_slots * interval '2 hours', completed_at = completed_at - p_slots * interval '2 hours';
$$;

select is(private.fill_cycle_id('2026-11-28T19:59:59Z'::timestamptz - interval '1 hour 59 minutes'), 'fill-2026-11-28T18:00Z', 'a cycle is named after its slot');
select is(private.fill_slot('2026-11-28T19:59:59.9Z'), '2026-11-28T18:00Z'::timestamptz, 'a slot begins at an even hour, UTC');

create temp table first as select begin_fill_cycle('cron') as r;
select ok((select (r ->> 'begun')::boolean from first), 'a cycle begins');
select results_eq($$select slot, status, target, triggered_by from fill_cycles$$, $$values (pg_temp.slot(0), 'running', 2000, 'cron')$$, 'of the slot of now, with the target of the policy');
select results_eq($$select step, status from fill_cycle_steps join private.fill_steps() using (step) order by place$$,
  $$values ('assess_state', 'pending'), ('process_queue', 'pending'), ('check_target', 'pending'), ('activate_sources', 'pending'), ('discover_sources', 'pending'), ('monitor_quality', 'pending'), ('schedule_next', 'pending')$$, 'and its seven steps');
select is((begin_fill_cycle('cron') ->> 'why'), 'the cycle of this slot is under way', 'cron begins it twice');
select is((select count(*) from fill_cycles), 1::bigint, 'and there is one cycle');

-- Five slots later, nobody having run four of them.
delete from fill_cycle_steps;
select pg_temp.move(5);
select is((begin_fill_cycle('cron') ->> 'missed')::integer, 4, 'slots that nobody ran are told');
select results_eq($$select slot from fill_cycles where status = 'missed' order by slot$$, $$select pg_temp.slot(n) from generate_series(4, 1, -1) n$$, 'each is a row');
select ok((select bool_and(vehicles_added is null and on_target is null and cardinality(errors) = 1) from fill_cycles where status = 'missed'), 'nothing was measured of them, and that is said');
select results_eq($$select status, vehicles_added, on_target from fill_cycles where slot = pg_temp.slot(5)$$, $$values ('completed', 0, false)$$, 'the one that still ran is closed with what is known');
select isnt_empty($$select from fill_cycles where slot = pg_temp.slot(5) and verdict is not null and next_actions <> '{}'$$, 'and says why it missed its target');

-- A year later.
delete from fill_cycle_steps;
delete from fill_cycles where slot < pg_temp.slot(0);
update fill_cycles set slot = slot - interval '365 days', started_at = started_at - interval '365 days', cycle_id = 'old';
select is((begin_fill_cycle('cron') ->> 'missed')::integer, 360, 'after a jump of the clock the missed slots of a month are written');

-- And the clock goes back by ten slots.
delete from fill_cycle_steps;
update fill_cycles set slot = slot + interval '20 hours', started_at = started_at + interval '20 hours', cycle_id = private.fill_cycle_id(slot + interval '20 hours') where status = 'running';
insert into fill_cycles (cycle_id, slot, status, target, completed_at) select private.fill_cycle_id(pg_temp.slot(-5)), pg_temp.slot(-5), 'missed', 1, pg_temp.slot(-6);
select ok((begin_fill_cycle('cron') ->> 'begun')::boolean, 'when the clock went back the slot of now has its cycle');
select is((select count(*) from fill_cycles where slot > now() and status = 'missed'), 0::bigint, 'what is yet to come was not missed');
select matches((select errors[1] from fill_cycles where slot = pg_temp.slot(-10)), 'the clock went back', 'the other one says why it ended');
select is((select count(*) from fill_cycles where status = 'running'), 1::bigint, 'one runs');

select * from finish();
rollback;
