-- Review sources in each cycle.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.after_fill_check(p_cycle_id text, p_check jsonb) returns void
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

create or replace function private.invoke_due_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues loop
    perform private.rescue(q.table_name, 10000);
    perform private.promote_due(q.table_name, 10000);
    if q.table_name = 'import_queue' then
      perform private.spread_imports();
    end if;
    perform private.invoke_worker(q.function_name);
  end loop;
  perform private.watch_fill_cycle();
end
$$;

comment on function private.after_fill_check(text, jsonb) is 'Below target, what is left to try is done (again), and sources are reviewed in any case, once a cycle; the target is checked again ten minutes later, until the slot ends.';
