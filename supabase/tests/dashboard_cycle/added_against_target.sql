begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

select private.sample_part('cycle');
select matches(dashboard_cycle() ->> 'says', '^0 of 2,000 vehicles in this slot', 'what was added, against the target');
update dashboard_parts set state = state || '{"projected": null}' where part = 'cycle';
select is(dashboard_cycle() ->> 'says', '0 of 2,000 vehicles in this slot', 'what it comes to is left out while it is not known');
update fill_policy set is_enabled = false;
select private.sample_part('cycle');
select is(dashboard_cycle() ->> 'says', 'An operator switched the fill agent off.', 'an agent that is off');
insert into fill_cycles (cycle_id, slot, status, target, started_at, completed_at, vehicles_added, on_target, verdict, next_actions)
values ('c', '2026-01-01 00:00+00', 'completed', 10, '2026-01-01 00:00+00', '2026-01-01 02:00+00', 3, false, 'supply_limited', '{more sources}');
select is(dashboard_cycle() #>> '{rows,0,word}', 'supply limited', 'why a cycle missed its target');
select is(dashboard_cycle() #> '{summary,next_actions}', '["more sources"]', 'and what to do');

select * from finish();
rollback;
