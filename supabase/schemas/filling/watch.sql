-- Cron begins a cycle, and looks every 20 seconds whether a step is due that nobody works on.

create function private.fill_step_is_due() returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  v_enabled boolean := (select is_enabled from public.fill_policy);
  r public.fill_cycles;
begin
  select * into r from public.fill_cycles where status = 'running';
  return case
    when r.cycle_id is not null
      then not v_enabled
        or r.slot <> private.fill_slot(now())
        or (private.next_fill_step(r.cycle_id)).id is not null
    else v_enabled
      and exists (select from public.fill_cycles)
      and not exists (
        select from public.fill_cycles
        where slot = private.fill_slot(now())
          and status = 'completed'
          and completed_at between slot + interval '2 hours' and now())
  end;
end
$$;
comment on function private.fill_step_is_due() is
  'Whether database-fill-agent would find something to do: a step that is due, a cycle to close, or one to begin where there was one before. The first is begun by cron or a person.';

create function private.invoke_fill_agent(p_quiet interval, p_triggered_by text) returns void
language sql
set search_path = ''
as $$
  select private.invoke_worker(
    'database-fill-agent',
    jsonb_build_object('background', true, 'triggered_by', p_triggered_by),
    p_quiet,
    true)
$$;

create function private.start_fill_cycle() returns void
language plpgsql
set search_path = ''
as $$
declare
  r public.fill_cycles;
begin
  perform private.lock_fill_cycles();
  select * into r from public.fill_cycles where status = 'running';
  -- The agent that is at its last step is given a moment to end the cycle itself.
  if r.cycle_id is null
    or r.slot + interval '2 hours 2 minutes' < now()
    or not private.only_schedule_next_is_left(r.cycle_id) then
    perform public.begin_fill_cycle('cron');
  end if;
  if private.fill_step_is_due() then
    perform private.invoke_fill_agent(interval '2 seconds', 'cron');
  end if;
end
$$;
comment on function private.start_fill_cycle() is
  'What cron does at every even hour: begins the cycle of the slot, in the database, so that it is there also when no function answers; and invokes the agent.';

create function private.watch_fill_cycle() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.rescue_fill_cycle_steps(10);
  if not private.fill_step_is_due() then
    return;
  elsif not exists (
    select from public.fill_cycles where status = 'running' and slot = private.fill_slot(now())
  ) then
    perform private.start_fill_cycle();
  else
    perform private.invoke_fill_agent(interval '2 seconds', 'watch');
  end if;
exception when others then
  -- The queues are looked after by the same call: they go on.
  raise warning 'could not look after the cycle of database-fill-agent: %', sqlerrm;
end
$$;
comment on function private.watch_fill_cycle() is
  'Takes back the step of a worker that died, begins a cycle that cron did not, and invokes the agent when a step is due.';

revoke execute on function private.start_fill_cycle() from public;
grant execute on function
  private.fill_step_is_due(),
  private.invoke_fill_agent(interval, text),
  private.watch_fill_cycle(),
  private.start_fill_cycle()
to service_role;
grant execute on function private.fill_step_is_due() to authenticated;
