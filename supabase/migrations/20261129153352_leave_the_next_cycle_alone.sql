-- Leave the next cycle alone.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function public.begin_fill_cycle(p_triggered_by text default 'manual') returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_policy public.fill_policy;
  v_slot timestamptz;
  r public.fill_cycles;
  c public.fill_cycles;
  v_missed integer;
begin
  perform private.lock_fill_cycles();
  -- As it is now: who waited for the lock while the slot ended would take the new cycle for one of a clock that went back.
  v_slot := private.fill_slot(clock_timestamp());
  select * into strict v_policy from public.fill_policy;
  select * into r from public.fill_cycles where status = 'running' for update;
  if not v_policy.is_enabled then
    if r.cycle_id is not null then
      perform private.end_fill_cycle(r.cycle_id, 'an operator switched it off (fill_policy.is_enabled)');
    end if;
    return jsonb_build_object(
      'begun', false, 'cycle_id', null, 'why', 'an operator switched it off: fill_policy.is_enabled is false',
      'what_to_type', 'update fill_policy set is_enabled = true;');
  elsif r.slot = v_slot or r.slot between v_slot and clock_timestamp() + interval '1 minute' then
    -- Or of the next one: a clock that is set right by seconds as a slot begins does not undo what was begun.
    return jsonb_build_object('begun', false, 'cycle_id', r.cycle_id, 'why', 'the cycle of this slot is under way');
  elsif r.slot > v_slot then
    perform private.end_fill_cycle(r.cycle_id, 'the clock went back: its slot had not begun');
  elsif r.cycle_id is not null then
    perform private.end_fill_cycle(r.cycle_id);
  end if;

  delete from public.fill_cycles where slot > v_slot and status = 'missed'; -- the clock went back
  v_missed := private.note_missed_slots(v_slot, v_policy.target);
  insert into public.fill_cycles as held (cycle_id, slot, triggered_by, target)
  values (private.fill_cycle_id(v_slot), v_slot, p_triggered_by, v_policy.target)
  on conflict (slot) do update -- it was missed, switched off before its end, or ended on a clock that was wrong
  set status = 'running',
      triggered_by = excluded.triggered_by,
      target = excluded.target,
      started_at = case when held.status = 'missed' or held.started_at > now() then now() else held.started_at end,
      completed_at = null,
      on_target = null,
      verdict = null,
      next_actions = '{}',
      errors = case when held.status = 'missed' then '{}' else held.errors end
  where held.status = 'missed'
    or held.completed_at > now()
    or held.completed_at < held.slot + interval '2 hours'
  returning * into c;
  if not found then
    return jsonb_build_object(
      'begun', false, 'cycle_id', private.fill_cycle_id(v_slot), 'why', 'the cycle of this slot has ended');
  end if;

  insert into public.fill_cycle_steps as s (cycle_id, step, next_attempt_at)
  select c.cycle_id, f.step, c.slot + f.due_after
  from private.fill_steps() f
  on conflict (cycle_id, step) do update
  set status = 'pending', cursor = null, attempts = 0, next_attempt_at = excluded.next_attempt_at, error_message = null,
      completed_at = null;
  return jsonb_build_object('begun', true, 'cycle_id', c.cycle_id, 'missed', v_missed, 'why', null);
end
$$;
