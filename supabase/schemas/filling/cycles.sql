-- A cycle: one a slot, begun once however often it is started, and closed with what is known.

create function private.lock_fill_cycles() returns void
language sql
set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended('fill_cycles', 0))
$$;
comment on function private.lock_fill_cycles() is
  'One session at a time begins, moves or ends a cycle; each does so in a short transaction.';

create function private.end_fill_cycle(p_cycle_id text, p_why text default null) returns void
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_until timestamptz;
  v_count record;
  v_verdict jsonb;
  v_over boolean;
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id and status = 'running' for update;
  if not found then
    return;
  end if;
  v_until := private.slot_so_far(c.slot);
  v_over := clock_timestamp() >= c.slot + interval '2 hours';
  select * into v_count from private.count_fill(c.slot, v_until);
  v_verdict := private.fill_verdict(c.slot, v_until, v_count.vehicles_added, c.target);

  update public.fill_cycle_steps s
  set status = case
        when s.step = 'schedule_next' or s.rounds > 0 and s.error_message is null then 'complete'
        else 'failed'
      end,
      error_message = case
        when s.step = 'schedule_next' or s.rounds > 0 and s.error_message is null then null
        else concat_ws(': ', coalesce(p_why, 'the slot ended before it was done'), s.error_message)
      end,
      next_attempt_at = null,
      lease_token = null,
      lease_expires_at = null,
      completed_at = now()
  where s.cycle_id = p_cycle_id
    and s.status in ('pending', 'processing');

  update public.fill_cycles
  set status = 'completed',
      completed_at = now(),
      vehicles_added = v_count.vehicles_added,
      vehicles_queued = v_count.vehicles_queued,
      sources_active = v_count.sources_active,
      sources_discovered = v_count.sources_discovered,
      on_target = case
        when v_count.vehicles_added >= c.target then true
        when v_over then false -- of a slot that was not run to its end nobody knows
      end,
      verdict = case when v_over then v_verdict ->> 'verdict' end,
      next_actions = case
        when v_over then array(select jsonb_array_elements_text(v_verdict -> 'next_actions'))
        else '{}'
      end,
      errors = case when p_why is null then errors else errors || p_why end,
      metadata = metadata || jsonb_build_object('verdict', v_verdict -> 'metrics')
  where cycle_id = p_cycle_id;
end
$$;
comment on function private.end_fill_cycle(text, text) is
  'Ends the cycle that runs: counts what came in, says whether that was enough and if not, why. What of its steps was not done is failed. p_why: why it ends before its time; then there is no verdict.';

create function private.note_missed_slots(p_slot timestamptz, p_target integer) returns integer
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
comment on function private.note_missed_slots(timestamptz, integer) is
  'Writes a row for each slot of the last 30 days that nobody ran, between the last cycle and this slot. Gives how many.';

create function private.only_schedule_next_is_left(p_cycle_id text) returns boolean
language sql stable
set search_path = ''
as $$
  select bool_and(s.status in ('complete', 'failed') or s.step = 'schedule_next' or s.step = 'check_target' and s.rounds > 0)
    and bool_or(s.step = 'schedule_next' and s.status in ('pending', 'processing'))
  from public.fill_cycle_steps s
  where s.cycle_id = p_cycle_id
$$;
comment on function private.only_schedule_next_is_left(text) is
  'Whether all that a cycle has still to do is its last step, which ends it and begins the next.';

create function public.begin_fill_cycle(p_triggered_by text default 'manual') returns jsonb
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
comment on function public.begin_fill_cycle(text) is
  'Begins the cycle of the slot that it is now, unless it is there already: {begun, cycle_id, missed, why}. One of an earlier slot that still runs is closed with what is known, and slots that nobody ran are written down.';
revoke execute on function public.begin_fill_cycle(text) from public, anon, authenticated;

grant execute on function
  private.lock_fill_cycles(),
  private.end_fill_cycle(text, text),
  private.note_missed_slots(timestamptz, integer),
  private.only_schedule_next_is_left(text),
  public.begin_fill_cycle(text)
to service_role;
