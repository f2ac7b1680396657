-- Who works on which step: claimed under a token, held by a heartbeat.

create function private.have_done_again(p_cycle_id text, p_steps text[]) returns void
language sql
set search_path = ''
as $$
  update public.fill_cycle_steps
  set status = 'pending', next_attempt_at = null, attempts = 0, completed_at = null
  where cycle_id = p_cycle_id
    and step = any (p_steps)
    and step <> 'schedule_next' -- a slot has two hours
    and status <> 'processing'
$$;
comment on function private.have_done_again(text, text[]) is
  'Makes steps of a cycle due now, done before or not; the last step keeps its time.';

create function private.claimable_fill_cycle(p_triggered_by text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  r public.fill_cycles;
begin
  select * into r from public.fill_cycles where status = 'running';
  -- Its last step ends it and begins the next; any other that is left over is closed by whoever begins the next.
  if r.slot < private.fill_slot(now())
    and private.only_schedule_next_is_left(r.cycle_id)
    and (select is_enabled from public.fill_policy) then
    return jsonb_build_object('begun', false, 'cycle_id', r.cycle_id);
  end if;
  return public.begin_fill_cycle(p_triggered_by);
end
$$;
comment on function private.claimable_fill_cycle(text) is
  'The cycle whose steps are to be worked on now: the one under way, or that of this slot, begun by this call.';

create function public.claim_fill_step(
  p_triggered_by text default 'manual', p_cycle_id text default null, p_steps text[] default null, p_first boolean default true
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle jsonb;
  v_id text;
  v_step public.fill_cycle_steps;
  v_other public.fill_cycle_steps;
begin
  perform private.lock_fill_cycles();
  perform private.rescue_fill_cycle_steps(10);
  v_cycle := private.claimable_fill_cycle(p_triggered_by);
  v_id := v_cycle ->> 'cycle_id';
  if p_cycle_id is not null and p_cycle_id is distinct from v_id then
    perform private.note_claim('database-fill-agent', 0);
    return jsonb_build_object(
      'claimed', false, 'cycle_id', v_id,
      'why', coalesce(
        (select format('the cycle %s is %s', cycle_id, status) from public.fill_cycles where cycle_id = p_cycle_id),
        format('no cycle has the id "%s"', p_cycle_id)));
  end if;

  select * into v_other from public.fill_cycle_steps where cycle_id = v_id and status = 'processing';
  if not found then
    if p_first then
      perform private.have_done_again(v_id, p_steps);
    end if;
    v_step := private.next_fill_step(v_id, p_steps);
  end if;
  if v_step.id is null then
    perform private.note_claim('database-fill-agent', 0);
    return jsonb_build_object(
      'claimed', false,
      'cycle_id', v_id,
      'step', v_other.step,
      'lease_expires_at', v_other.lease_expires_at,
      'next_due_at', (
        select min(next_attempt_at) from public.fill_cycle_steps where cycle_id = v_id and status = 'pending'),
      'what_to_type', v_cycle -> 'what_to_type',
      'why', case
        when v_other.id is not null
          then format('step %s is being worked on; there is never a second worker beside it', v_other.step)
        when not exists (select from public.fill_cycles where cycle_id = v_id and status = 'running') then v_cycle ->> 'why'
        else 'no step is due'
      end);
  end if;

  update public.fill_cycle_steps
  set status = 'processing',
      attempts = attempts + 1,
      next_attempt_at = null,
      started_at = now(),
      lease_token = gen_random_uuid(),
      lease_expires_at = clock_timestamp() + private.lease_of('fill_cycle_steps')
  where id = v_step.id
  returning * into v_step;
  perform private.note_claim('database-fill-agent', 1);
  return jsonb_build_object(
    'claimed', true, 'cycle_id', v_id, 'step_id', v_step.id, 'step', v_step.step, 'lease_token', v_step.lease_token,
    'cursor', v_step.cursor, 'attempt', v_step.attempts);
end
$$;
comment on function public.claim_fill_step(text, text, text[], boolean) is
  'Leases the next step that is due, of the cycle of this slot, which it begins where needed: {claimed, cycle_id, step_id, step, lease_token, cursor, attempt}; else {claimed: false, why, cycle_id, step, lease_expires_at, next_due_at, what_to_type}. p_steps: only these, at once, also those that were done (p_first: at the first claim of a call).';
revoke execute on function public.claim_fill_step(text, text, text[], boolean) from public, anon, authenticated;

create function public.heartbeat_fill_step(p_token uuid) returns boolean
language sql
set search_path = ''
as $$
  select private.extend_leases('fill_cycle_steps', array[p_token]) > 0
$$;
comment on function public.heartbeat_fill_step(uuid) is 'Extends the lease of a step. False: it is no longer this worker''s.';
revoke execute on function public.heartbeat_fill_step(uuid) from public, anon, authenticated;

grant execute on function
  private.have_done_again(text, text[]),
  private.claimable_fill_cycle(text),
  public.claim_fill_step(text, text, text[], boolean),
  public.heartbeat_fill_step(uuid)
to service_role;
