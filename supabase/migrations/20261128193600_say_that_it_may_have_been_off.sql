-- Say that it may have been off.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.note_missed_slots(p_slot timestamptz, p_target integer) returns integer
language sql
set search_path = ''
as $$
  with missed as (
    insert into public.fill_cycles (cycle_id, slot, status, triggered_by, target, started_at, completed_at, errors, next_actions)
    select
      private.fill_cycle_id(s.slot), s.slot, 'missed', 'nobody', p_target, s.slot, s.slot + interval '2 hours',
      array['nobody ran this slot, or fill_policy.is_enabled was false: nothing was measured'],
      array['where it was not switched off, see whether cron runs: select jobname, schedule, active from cron.job;']
    from (select max(slot) as slot from public.fill_cycles where slot < p_slot) last
    cross join lateral generate_series(
      -- After a month nobody needs to know each of them.
      greatest(last.slot + interval '2 hours', p_slot - interval '30 days'),
      p_slot - interval '2 hours',
      interval '2 hours') s(slot)
    where last.slot is not null
    on conflict (slot) do nothing
    returning 1
  )
  select count(*)::integer from missed
$$;
