-- How a step ends, and what follows from it.

create function public.check_fill_target(p_cycle_id text) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_policy public.fill_policy;
  v_until timestamptz;
  v_count record;
  v_projected integer;
  v_left text[];
begin
  select * into c from public.fill_cycles where cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle has the id "%"', p_cycle_id
      using errcode = 'P0002', hint = 'select cycle_id from fill_cycles order by slot desc';
  end if;
  select * into strict v_policy from public.fill_policy;
  v_until := private.slot_so_far(c.slot);
  select * into v_count from private.count_fill(c.slot, v_until);
  v_projected := private.projected_vehicles(v_count.vehicles_added, c.slot, v_until);
  v_left := array_remove(array[
    case when private.queue_is_claimable('import_queue') then 'process_queue' end,
    case when private.probation_waits() or exists (
      select from public.listing_feeds f where f.next_check_at > now() and f.lease_token is null and private.may_activate(f)
    ) then 'activate_sources' end,
    case when v_policy.new_sources_ceiling > 0 and (
      exists (select from public.scrape_sources s where s.is_active and s.lifecycle in ('candidate', 'probing'))
      or exists (
        select from public.fill_cycle_steps s
        where s.cycle_id = p_cycle_id and s.step = 'discover_sources' and s.rounds = 0 and s.status <> 'failed')
    ) then 'discover_sources' end
  ], null);
  return jsonb_build_object(
    'vehicles_added', v_count.vehicles_added,
    'vehicles_queued', v_count.vehicles_queued,
    'sources_active', v_count.sources_active,
    'sources_discovered', v_count.sources_discovered,
    'target', c.target,
    'gap', greatest(c.target - v_count.vehicles_added, 0),
    'projected', v_projected,
    'below_target', v_count.vehicles_added < c.target and coalesce(v_projected < c.target, true),
    'left_to_try', to_jsonb(v_left),
    -- As far as the slot has come it should have so many.
    'verdict', private.fill_verdict(
      c.slot, v_until, v_count.vehicles_added,
      ceil(c.target * extract(epoch from v_until - c.slot) / 7200)::integer));
end
$$;
comment on function public.check_fill_target(text) is
  'How a cycle stands: counts, gap, what it comes to at this rate (projected; null in its first ten minutes), whether that is below target, what is left to try (rows to work off, feeds that may be checked sooner, sources on probation that gave what they may, sources to look for), and the verdict so far, against the part of the target that the time so far should have brought. Changes nothing.';
revoke execute on function public.check_fill_target(text) from public, anon, authenticated;

create function private.projected_vehicles(p_added integer, p_slot timestamptz, p_at timestamptz) returns integer
language sql immutable
return case
  when p_at >= p_slot + interval '2 hours' then p_added
  when p_at >= p_slot + interval '10 minutes'
    then round(p_added * 7200.0 / extract(epoch from p_at - p_slot))::integer
end;
comment on function private.projected_vehicles(integer, timestamptz, timestamptz) is
  'What a slot comes to at the rate it had until p_at; null in its first ten minutes, which say nothing.';

create function private.after_fill_check(p_cycle_id text, p_check jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  c public.fill_cycles;
  v_steps text[];
begin
  update public.fill_cycles
  set vehicles_added = (p_check ->> 'vehicles_added')::integer,
      vehicles_queued = (p_check ->> 'vehicles_queued')::integer,
      sources_active = (p_check ->> 'sources_active')::integer,
      sources_discovered = (p_check ->> 'sources_discovered')::integer
  where cycle_id = p_cycle_id
  returning * into c;
  v_steps := case
    when (p_check ->> 'below_target')::boolean
      then array(select jsonb_array_elements_text(p_check -> 'left_to_try'))
    else '{}'
  end;
  update public.fill_cycle_steps s
  set status = case when s.step = any (v_steps) then 'pending' else 'complete' end,
      next_attempt_at = null,
      attempts = 0,
      cursor = null,
      result = case
        when s.step = any (v_steps) or s.rounds > 0 then s.result
        when (p_check ->> 'below_target')::boolean then '{"left_out": "nothing is left to try"}'
        else '{"left_out": "on target"}'
      end,
      completed_at = case when s.step = any (v_steps) then null else coalesce(s.completed_at, now()) end
  where s.cycle_id = p_cycle_id
    and s.step in ('process_queue', 'activate_sources', 'discover_sources')
    and (s.step <> 'activate_sources' or s.rounds > 0) -- sources are reviewed once a cycle, on target too
    and s.status <> 'processing'
    -- The first look comes right behind the first time that the workers were invoked.
    and (s.step <> 'process_queue' or s.completed_at < now() - interval '5 minutes');
  -- It comes round until the slot ends.
  update public.fill_cycle_steps
  set status = 'pending', next_attempt_at = now() + interval '10 minutes', completed_at = null
  where cycle_id = p_cycle_id
    and step = 'check_target'
    and now() + interval '10 minutes' < c.slot + interval '2 hours';
end
$$;
comment on function private.after_fill_check(text, jsonb) is
  'Below target, what is left to try is done (again), and sources are reviewed in any case, once a cycle; the target is checked again ten minutes later, until the slot ends.';

create function public.settle_fill_step(
  p_token uuid, p_result jsonb default null, p_error text default null, p_cursor jsonb default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  s public.fill_cycle_steps;
  v_status text;
  v_next jsonb;
begin
  perform private.lock_fill_cycles();
  select * into s from public.fill_cycle_steps where lease_token is not null and lease_token = p_token for update;
  if not found then
    return jsonb_build_object('held', false);
  end if;

  if p_error is not null then
    v_status := private.fail_fill_step(s, p_error);
  elsif p_cursor is not null then
    v_status := 'pending';
    update public.fill_cycle_steps
    set status = 'pending', cursor = p_cursor, attempts = 0, error_message = null, lease_token = null,
        lease_expires_at = null
    where id = s.id;
  else
    v_status := 'complete';
    update public.fill_cycle_steps
    set status = 'complete', cursor = null, rounds = rounds + 1, attempts = 0, result = p_result, error_message = null,
        lease_token = null, lease_expires_at = null, completed_at = now()
    where id = s.id;
    if s.step = 'assess_state' then
      update public.fill_cycles
      set metadata = metadata || jsonb_build_object('began_with', p_result)
      where cycle_id = s.cycle_id;
    elsif s.step = 'check_target' then
      perform private.after_fill_check(s.cycle_id, p_result);
    elsif s.step = 'schedule_next' then
      perform private.end_fill_cycle(s.cycle_id);
      v_next := public.begin_fill_cycle('schedule_next');
    end if;
  end if;
  if private.fill_step_is_due() then
    perform private.invoke_fill_agent(interval '0', 'itself');
  end if;
  return jsonb_build_object('held', true, 'status', v_status, 'next_cycle', v_next -> 'cycle_id');
end
$$;
comment on function public.settle_fill_step(uuid, jsonb, text, jsonb) is
  'Ends a step under its token, and invokes the agent for the next: with its result; with a cursor, and it goes on there; with an error, and it is tried again. {held, status, next_cycle}; held false: the step is no longer this worker''s, and nothing was changed.';
revoke execute on function public.settle_fill_step(uuid, jsonb, text, jsonb) from public, anon, authenticated;

grant execute on function private.projected_vehicles(integer, timestamptz, timestamptz) to authenticated, service_role;
grant execute on function
  public.check_fill_target(text),
  private.after_fill_check(text, jsonb),
  public.settle_fill_step(uuid, jsonb, text, jsonb)
to service_role;
