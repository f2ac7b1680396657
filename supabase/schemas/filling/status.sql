-- Two in the morning: is it running, how far is it, what is stuck, why, what do I type.

create function private.fill_stands()
returns table (
  state text, slot timestamptz, cycle_id text, added integer, target integer, projected integer, verdict text,
  next text, next_at timestamptz, since timestamptz, why text, what_to_type text
)
language plpgsql stable
set search_path = ''
as $$
declare
  v_policy public.fill_policy;
  v_slot timestamptz := private.fill_slot(now());
  c public.fill_cycles;
  v_step public.fill_cycle_steps;
  v_other public.fill_cycle_steps;
  v_verdict jsonb;
  v_remedy record;
  v_failed text;
begin
  select * into v_policy from public.fill_policy;
  select * into c from public.fill_cycles order by status = 'running' desc, fill_cycles.slot desc limit 1;
  slot := v_slot;
  target := coalesce(case when c.slot = v_slot then c.target end, v_policy.target);
  cycle_id := case when c.slot = v_slot or c.status = 'running' then c.cycle_id end;
  added := private.count_vehicles_added(v_slot, now());
  projected := private.projected_vehicles(added, v_slot, now());
  if projected < target and c.slot = v_slot then
    v_verdict := (
      select s.result -> 'verdict' from public.fill_cycle_steps s where s.cycle_id = c.cycle_id and s.step = 'check_target');
    verdict := v_verdict ->> 'verdict';
  end if;
  select * into v_remedy from private.remedy('database-fill-agent');

  select * into v_other from public.fill_cycle_steps s where s.cycle_id = c.cycle_id and s.status = 'processing';
  if c.status = 'running' then
    v_step := private.next_fill_step(c.cycle_id);
  end if;
  select string_agg(format('%s: %s', s.step, s.error_message), '; ') into v_failed
  from public.fill_cycle_steps s
  where s.cycle_id = c.cycle_id and s.error_message is not null;

  if not v_policy.is_enabled then
    state := 'off';
    next := 'nothing';
    since := v_policy.updated_at;
    why := 'an operator switched it off';
    what_to_type := 'update fill_policy set is_enabled = true;';
  elsif c.cycle_id is null then
    state := 'waiting';
    next := 'the first cycle begins at the next even hour (UTC)';
    next_at := v_slot + interval '2 hours';
    what_to_type := 'node scripts/invoke.js database-fill-agent';
  elsif c.status = 'running' and v_other.id is not null and v_other.lease_expires_at > now() then
    state := 'running';
    next := v_other.step;
    next_at := v_other.started_at;
    since := c.started_at;
  elsif c.status = 'running' and (v_step.id is not null or v_other.id is not null) then
    next := coalesce(v_step.step, v_other.step);
    next_at := now();
    since := greatest(
      coalesce(v_step.next_attempt_at, v_other.lease_expires_at, c.started_at),
      (select max(s.completed_at) from public.fill_cycle_steps s where s.cycle_id = c.cycle_id), c.started_at);
    state := case when since < now() - interval '5 minutes' then 'stuck' else 'running' end;
  elsif c.status = 'running' and c.slot = v_slot then
    state := 'running';
    since := c.started_at;
    select s.step, s.next_attempt_at into next, next_at
    from public.fill_cycle_steps s
    where s.cycle_id = c.cycle_id and s.status = 'pending'
    order by s.next_attempt_at nulls first
    limit 1;
  elsif c.slot = v_slot and c.status = 'completed' and c.completed_at >= c.slot + interval '2 hours' then
    state := 'waiting'; -- a clock that was moved
    next := 'the next cycle';
    next_at := v_slot + interval '2 hours';
    since := c.completed_at;
  else
    next := 'a cycle of this slot';
    next_at := now();
    since := greatest(v_slot, coalesce(c.completed_at, v_slot));
    state := case when since < now() - interval '5 minutes' then 'stuck' else 'waiting' end;
  end if;
  if state = 'stuck' then
    why := v_remedy.why;
    what_to_type := v_remedy.what_to_type;
  elsif state = 'running' and v_failed is not null then
    state := 'failing';
    why := v_failed;
    what_to_type := 'select step, status, attempts, error_message from fill_cycle_steps order by created_at desc limit 7;';
  elsif verdict is not null then
    why := format('%s: of %s vehicles that are missing so far %s', verdict, v_verdict -> 'metrics' ->> 'missing', (
      select string_agg(format('%s %s', h.value, h.key), ', ' order by (h.value #>> '{}')::numeric desc)
      from jsonb_each(v_verdict -> 'metrics' -> 'held_back') h
      where (h.value #>> '{}')::numeric > 0));
    what_to_type := (
      select coalesce(min(a) filter (where a like '%;' or a like '%: node %' or a like '%: supabase %'), min(a))
      from jsonb_array_elements_text(v_verdict -> 'next_actions') with ordinality as x(a, n)
      where n <= 2);
  end if;
  return next;
end
$$;
comment on function private.fill_stands() is 'How database-fill-agent stands now: the row of fill_status.';
grant execute on function private.fill_stands() to authenticated, service_role;

create view public.fill_status with (security_invoker = true) as
select s.state, s.slot, s.cycle_id, s.added, s.target, s.projected, s.verdict, s.next, s.next_at, s.since, s.why, s.what_to_type
from private.fill_stands() s
where current_user <> 'authenticated' or (select private.is_operator());
comment on view public.fill_status is
  'One row: the slot of now, vehicles added in it, target, what it comes to at this rate (projected; null in its first ten minutes), why that is too little, as of the last look at the target (verdict), what the agent does next and when, since when it stands so (since), why, and what to type.';
grant select on public.fill_status to authenticated, service_role;

create function private.fill_part_of(p_stands jsonb)
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'database-fill-agent',
    s.state,
    format('%s of %s vehicles in the slot of %s%s; next: %s',
      s.added, s.target, private.utc_text(s.slot), coalesce(', ' || s.projected || ' at this rate', ''), s.next),
    s.since, s.why, s.what_to_type
  from jsonb_to_record(p_stands) as s(
    state text, slot timestamptz, added integer, target integer, projected integer, next text, since timestamptz, why text, what_to_type text)
$$;
comment on function private.fill_part_of(jsonb) is 'The row of database-fill-agent in pipeline_status, by what fill_stands() says.';

create function private.fill_part()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select p.* from private.fill_stands() s cross join lateral private.fill_part_of(to_jsonb(s)) p
$$;
comment on function private.fill_part() is 'The row of database-fill-agent in pipeline_status.';
grant execute on function private.fill_part_of(jsonb), private.fill_part() to authenticated, service_role;
