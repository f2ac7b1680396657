-- The steps of a cycle, one leased at a time, in the order of the document that asked for them.

create function private.fill_steps() returns table (place integer, step text, due_after interval)
language sql immutable
set search_path = ''
as $$
  values
    (1, 'assess_state', null::interval),
    (2, 'process_queue', null),
    (3, 'check_target', null),
    (4, 'activate_sources', null),
    (5, 'discover_sources', null),
    (6, 'monitor_quality', interval '110 minutes'),
    (7, 'schedule_next', interval '2 hours')
$$;
comment on function private.fill_steps() is
  'The seven steps of a cycle in their order, and how long after the beginning of its slot a step is due; null: at once. What the last minutes bring is counted, and not measured.';

create function private.most_step_attempts() returns integer
language sql immutable parallel safe
return 3;
comment on function private.most_step_attempts() is 'So often a step of a cycle is tried; then it is failed, and the cycle goes on.';

create function private.next_fill_step(p_cycle_id text, p_steps text[] default null) returns public.fill_cycle_steps
language sql stable
set search_path = ''
as $$
  select s.*
  from public.fill_cycle_steps s
  join private.fill_steps() f using (step)
  where s.cycle_id = p_cycle_id
    and s.status = 'pending'
    and coalesce(s.next_attempt_at <= now(), true)
    and (p_steps is null or s.step = any (p_steps))
    and not exists (
      select from public.fill_cycle_steps x where x.cycle_id = p_cycle_id and x.status = 'processing')
    -- One that failed is tried again before those behind it begin.
    and not exists (
      select
      from public.fill_cycle_steps x
      join private.fill_steps() e using (step)
      where x.cycle_id = p_cycle_id
        and x.status = 'pending'
        and x.attempts > 0
        and x.next_attempt_at > now()
        and e.place < f.place)
  order by f.place
  limit 1
$$;
comment on function private.next_fill_step(text, text[]) is
  'The step of a cycle that a claim takes now; null while one is worked on, or the next one waits for its time. p_steps: only one of these.';

create function private.fail_fill_step(p_step public.fill_cycle_steps, p_error text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_gives_up boolean := p_step.attempts >= private.most_step_attempts();
  v_status text := case
    when not v_gives_up or p_step.step in ('check_target', 'schedule_next') then 'pending'
    else 'failed'
  end;
begin
  update public.fill_cycle_steps
  set status = v_status,
      attempts = case when v_gives_up and v_status = 'pending' then 0 else attempts end,
      next_attempt_at = case
        when v_status = 'failed' then null
        -- Without it there would be no next look: it comes round as if it had been done.
        when v_gives_up and step = 'check_target' then now() + interval '10 minutes'
        when v_gives_up then now() + interval '1 minute'
        else now() + make_interval(secs => 10 * 2 ^ (p_step.attempts - 1))
      end,
      error_message = p_error,
      lease_token = null,
      lease_expires_at = null,
      completed_at = case when v_status = 'failed' then now() end
  where id = p_step.id;
  update public.fill_cycles
  set errors = (errors || format('%s: %s (attempt %s)', p_step.step, left(p_error, 500), p_step.attempts))
    -- The last hundred.
    [greatest(cardinality(errors) - 98, 1) : ]
  where cycle_id = p_step.cycle_id;
  return v_status;
end
$$;
comment on function private.fail_fill_step(public.fill_cycle_steps, text) is
  'Ends an attempt at a step that broke: it waits a little and is tried again, three times in all, then it is failed and the cycle goes on. The target is checked in any case, ten minutes later. Each error is kept with the cycle.';

create function private.rescue_fill_cycle_steps(p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_step public.fill_cycle_steps;
  v_count integer := 0;
begin
  for v_step in -- one step at a time is leased
    select *
    from public.fill_cycle_steps
    where lease_token is not null and lease_expires_at <= clock_timestamp()
    order by lease_expires_at
    limit p_limit
    for update skip locked
  loop
    if v_step.attempts >= private.most_step_attempts() then
      perform private.fail_fill_step(v_step, private.worker_died());
    else
      update public.fill_cycle_steps
      set status = 'pending',
          next_attempt_at = null,
          error_message = private.worker_died(),
          lease_token = null,
          lease_expires_at = null
      where id = v_step.id;
    end if;
    v_count := v_count + 1;
  end loop;
  return v_count;
end
$$;
comment on function private.rescue_fill_cycle_steps(integer) is
  'Takes back the steps of workers that died: they go on where their cursor stands; one that killed three in a row is failed. Gives how many.';

grant execute on function
  private.fill_steps(),
  private.next_fill_step(text, text[])
to authenticated, service_role;
grant execute on function
  private.most_step_attempts(),
  private.fail_fill_step(public.fill_cycle_steps, text),
  private.rescue_fill_cycle_steps(integer)
to service_role;
