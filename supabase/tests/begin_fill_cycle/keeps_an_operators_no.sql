begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

update fill_policy set is_enabled = false;
select is(begin_fill_cycle('cron') ->> 'begun', 'false', 'switched off, no cycle begins');
select private.start_fill_cycle();
select private.watch_fill_cycle();
select is(claim_fill_step('manual') ->> 'what_to_type', 'update fill_policy set is_enabled = true;', 'and who asks is told what to type');
select is((select count(*) from fill_cycles), 0::bigint, 'there is none');

update fill_policy set is_enabled = true;
select is(claim_fill_step('manual') ->> 'step', 'assess_state', 'switched on, it begins');
update fill_policy set is_enabled = false;
select settle_fill_step((select lease_token from fill_cycle_steps where lease_token is not null), '{}');
select is(claim_fill_step('manual') ->> 'claimed', 'false', 'switched off again, it ends at its next step');
select results_eq($$select status, on_target, verdict from fill_cycles$$, $$values ('completed', null::boolean, null::text)$$, 'and judges nothing, for it was not let run');
select is((select state from fill_status), 'off', 'fill_status says off');

update fill_policy set is_enabled = true;
select is(claim_fill_step('manual') ->> 'step', 'assess_state', 'switched on within its slot, it goes on');
select is((select count(*) from fill_cycles), 1::bigint, 'as the same cycle');

select * from finish();
rollback;
