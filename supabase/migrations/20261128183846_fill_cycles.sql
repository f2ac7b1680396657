-- Fill cycles.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.pipeline_status;

drop function private.rescue_fill_cycle_steps(integer);

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

create or replace function private.claimable_fill_cycle(p_triggered_by text) returns jsonb
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

create or replace function private.count_fill(p_from timestamptz, p_to timestamptz)
returns table (vehicles_added integer, vehicles_queued integer, sources_active integer, sources_discovered integer)
language sql stable
set search_path = ''
as $$
  select
    private.count_vehicles_added(p_from, p_to),
    (select count(*)::integer from public.import_queue q where q.created_at >= p_from and q.created_at < p_to),
    (select count(*)::integer from public.scrape_sources s where s.is_active and private.is_in_service(s.lifecycle)),
    (
      select count(distinct e.source_id)::integer
      from public.source_lifecycle_events e
      where e.at >= p_from
        and e.at < p_to
        and private.is_in_service(e.to_lifecycle)
        and e.from_lifecycle in ('candidate', 'probing')
    )
$$;

create or replace function private.count_vehicles_added(p_from timestamptz, p_to timestamptz) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from public.vehicles v
  where v.created_at >= p_from
    and v.created_at < p_to
    and v.year is not null
    and v.make is not null
    and v.model is not null
    and coalesce(v.field_state -> 'year' ->> 'method', 'manual') not like 'manual%'
    and coalesce(v.field_state -> 'make' ->> 'method', 'manual') not like 'manual%'
    and coalesce(v.field_state -> 'model' ->> 'method', 'manual') not like 'manual%'
$$;

create or replace function private.end_fill_cycle(p_cycle_id text, p_why text default null) returns void
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
  v_until := greatest(least(c.slot + interval '2 hours', now()), c.slot);
  v_over := now() >= c.slot + interval '2 hours';
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

create or replace function private.fail_fill_step(p_step public.fill_cycle_steps, p_error text) returns text
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

create or replace function private.fill_cycle_id(p_slot timestamptz) returns text
language sql stable parallel safe
set search_path = ''
return 'fill-' || to_char(p_slot at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"');

create or replace function private.fill_hosts(p_from timestamptz, p_to timestamptz)
returns table (
  host text, state text, faulty bigint, blocked bigint, limited bigint, due bigint, requests bigint, why text
)
language sql stable
set search_path = ''
as $$
  with asked as materialized (
    select
      h.host,
      count(*) as requests,
      count(*) filter (where private.is_refused(h.outcome) or h.outcome in ('timeout', 'network', 'server_error')) as refused
    from public.scraping_health h
    where h.created_at >= p_from
      and h.created_at < p_to
      and h.host is not null
    group by h.host
  ),
  feeds as materialized (
    select
      private.url_host(f.url) as host,
      bool_and(f.failures > 0 and private.is_our_fault(f.last_outcome, f.last_error)) as faulty,
      bool_and(f.failures > 0 and not private.is_our_fault(f.last_outcome, f.last_error)) as refused,
      bool_and(f.failures = 0 and f.lease_token is null and f.next_check_at < p_to - interval '30 minutes') as overdue,
      min(f.last_error) as said
    from public.listing_feeds f
    left join public.scrape_sources s on s.slug = f.source
    where f.enabled
      and s.is_active is not false
      and (s.id is null or private.is_in_service(s.lifecycle))
    group by 1
  ),
  queue as materialized (
    select * from private.fill_queue_by_host(p_from, p_to)
  ),
  stood as (
    select
      host,
      coalesce(q.faulty, 0) as faulty,
      coalesce(q.walled + q.down, 0) as blocked,
      coalesce(q.limited, 0) as limited,
      coalesce(q.due, 0) as due,
      coalesce(a.requests, 0) as requests,
      -- A breaker that has just half opened says nothing of the slot.
      s.breaker <> 'closed' or a.requests > 0 and a.refused = a.requests or f.refused as is_blocked,
      f.faulty or q.faulty > 0 and q.faulty >= q.due as is_faulty,
      l.at_limit
        or a.requests * greatest(s.min_interval_ms, s.crawl_delay_ms, s.slowed_interval_ms)
          >= 800 * extract(epoch from p_to - p_from)
        or s.retry_after > p_to as is_at_limit,
      f.overdue as is_overdue,
      coalesce(l.over_budget > 0 and s.new_pages_used >= s.new_pages_budget and s.budget_until > p_to, false) as is_over_budget,
      case
        when s.breaker <> 'closed' then s.opened_because
        when f.faulty or f.refused then f.said
        when q.faulty > 0 then q.example
        else coalesce(l.why, s.last_message)
      end as why
    from feeds f
    full join queue q using (host)
    left join asked a using (host)
    left join public.source_hosts s using (host)
    left join private.host_limits(p_from, p_to) l using (host)
  )
  select
    t.host,
    case
      when t.is_faulty then 'faulty'
      when t.is_blocked then 'blocked'
      when t.is_over_budget then 'over_budget'
      when t.is_at_limit then 'at_limit'
      when t.is_overdue then 'overdue'
      else 'serves'
    end,
    t.faulty, t.blocked, t.limited, t.due, t.requests, t.why
  from stood t
$$;

create or replace function private.fill_next_actions(p_verdict text, p_hosts jsonb, p_workers jsonb) returns text[]
language sql stable
set search_path = ''
as $$
  select array_remove(case p_verdict
    when 'supply_limited' then array[
      'more sources: select add_source_candidate(''https://…'');',
      'what waits for a person: select * from scrape_sources where lifecycle in (''candidate'', ''probing'') and is_active;',
      'what is switched off: select url, why, what_to_do from listing_feed_status where state = ''off'';']
    when 'pace_limited' then array[
      format('at their limit, and never pressed harder: %s', (
        select string_agg(h, ', ') from jsonb_array_elements_text(p_hosts -> 'at_limit' -> 'first') h)),
      'fewer pictures leave more of their requests for pages: update fill_policy set galleries = ''cover'';',
      'more sources: select add_source_candidate(''https://…'');',
      (
        select format(
          'where its owner allows more: update source_hosts set min_interval_ms = … where host = %L;',
          p_hosts -> 'at_limit' -> 'first' ->> 0)
        where p_hosts ? 'at_limit'
      )]
    when 'capacity_limited' then (
      select coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key), '{}')
      from jsonb_each(p_workers) w
      cross join lateral private.remedy(w.key) r
      where w.value ->> 'state' <> 'ok'
    ) || case
      when p_workers = '{}' then array['nobody invoked a worker: select jobname, schedule, active from cron.job;']
      else '{}'
    end || array[
      'more workers side by side: update fill_policy set workers_ceiling = workers_ceiling * 2;',
      case when p_hosts ? 'over_budget'
        then 'more requests a cycle: update fill_policy set requests_ceiling = requests_ceiling * 2;' end,
      'what is behind: select * from pipeline_status;']
    when 'blocked' then array[
      format('they refuse us or do not serve: %s', (
        select string_agg(h, ', ') from jsonb_array_elements_text(p_hosts -> 'blocked' -> 'first') h)),
      'since when and why: select * from pipeline_status where part like ''host %'';',
      format('when it serves again: select resume_host(%L);', p_hosts -> 'blocked' -> 'first' ->> 0),
      'others in their place: select add_source_candidate(''https://…'');']
    when 'faulty' then (
      select coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key), '{}')
      from jsonb_each(p_workers) w
      cross join lateral private.remedy(w.key) r
      where w.value ->> 'state' = 'faulty'
    ) || array[
      format('an error of ours: %s', p_hosts -> 'faulty' -> 'examples' ->> 'why'),
      'which listings: select listing_url, outcome_code, error_message from import_queue where error_message is not null order by updated_at desc limit 20;',
      'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';',
      'when it is mended: select redrive_dead_letters(''import_queue'');']
    else '{}'
  end, null)
$$;

create or replace function private.fill_part()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'database-fill-agent',
    s.state,
    format('%s of %s vehicles in the slot of %s%s; next: %s',
      s.added, s.target, private.utc_text(s.slot), coalesce(format(', %s at this rate', s.projected), ''), s.next),
    s.since, s.why, s.what_to_type
  from private.fill_stands() s
$$;

create or replace function private.fill_queue_by_host(p_from timestamptz, p_to timestamptz)
returns table (host text, faulty bigint, walled bigint, down bigint, limited bigint, due bigint, example text)
language sql stable
set search_path = ''
set enable_seqscan = off
as $$
  with rows as (
    -- So many are looked at at most, a state: more would change no verdict.
    (
      select q.canonical_url, q.outcome_code, q.error_message, q.next_attempt_at
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is null
      limit 20000
    )
    union all
    (
      select q.canonical_url, q.outcome_code, q.error_message, q.next_attempt_at
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is not null
      limit 20000
    )
    union all
    (
      select q.canonical_url, q.outcome_code, q.error_message, 'infinity'
      from public.import_queue q
      where q.status = 'failed' and q.processed_at >= p_from and q.processed_at < p_to
      limit 20000
    )
  ),
  read as (
    select
      private.url_host(r.canonical_url) as host,
      r.error_message,
      case
        when private.is_our_fault(r.outcome_code, r.error_message) then 'faulty'
        when private.is_walled(r.outcome_code) then 'walled'
        when r.outcome_code = 'rate_limited' then 'limited'
        when r.outcome_code in ('timeout', 'network', 'server_error') then 'down'
        when r.next_attempt_at is null or r.next_attempt_at <= p_to then 'due'
      end as state
    from rows r
  )
  select
    read.host,
    count(*) filter (where state = 'faulty'),
    count(*) filter (where state = 'walled'),
    count(*) filter (where state = 'down'),
    count(*) filter (where state = 'limited'),
    count(*) filter (where state = 'due'),
    min(read.error_message) filter (where state = 'faulty')
  from read
  where state is not null
  group by read.host
$$;

create or replace function private.fill_slot(p_at timestamptz) returns timestamptz
language sql immutable parallel safe
return to_timestamp(floor(extract(epoch from p_at) / 7200) * 7200);

create or replace function private.fill_stands()
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

create or replace function private.fill_step_is_due() returns boolean
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

create or replace function private.fill_steps() returns table (place integer, step text, due_after interval)
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

create or replace function private.fill_verdict(p_from timestamptz, p_to timestamptz, p_added integer, p_target integer) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_missing integer := greatest(p_target - p_added, 0);
  v_held jsonb;
  v_hosts jsonb;
  v_workers jsonb;
  v_import text;
  v_looks text;
  v_verdict text;
begin
  if v_missing = 0 then
    return jsonb_build_object('verdict', null, 'next_actions', '[]'::jsonb, 'metrics', jsonb_build_object(
      'added', p_added, 'target', p_target, 'missing', 0));
  end if;
  select
    coalesce(jsonb_object_agg(w.function_name, jsonb_build_object('state', w.state, 'why', w.why)), '{}'),
    max(w.state) filter (where w.function_name = 'process-import-queue'),
    case
      -- Either of them looks at the feeds.
      when bool_or(w.state = 'ok') filter (where w.function_name <> 'process-import-queue') then 'ok'
      else max(w.state) filter (where w.function_name <> 'process-import-queue')
    end
  into v_workers, v_import, v_looks
  from private.fill_workers(p_from, p_to) w;

  with hosts as materialized (
    select * from private.fill_hosts(p_from, p_to)
  ),
  rows as (
    select
      coalesce(sum(
        h.faulty + case
          when h.state not in ('blocked', 'at_limit') and v_import = 'faulty' then h.due
          else 0
        end), 0) as faulty,
      coalesce(sum(h.blocked + case when h.state = 'blocked' then h.due else 0 end), 0) as blocked,
      coalesce(sum(h.limited + case when h.state = 'at_limit' then h.due else 0 end), 0) as pace_limited,
      coalesce(sum(h.due) filter (
        where h.state not in ('blocked', 'at_limit') and v_import is distinct from 'faulty'), 0) as capacity_limited
    from hosts h
  ),
  rest as (
    select greatest(v_missing - (r.faulty + r.blocked + r.pace_limited + r.capacity_limited), 0) as vehicles
    from rows r
  ),
  shares as (
    select
      case
        when h.state in ('faulty', 'blocked') then h.state
        when h.state = 'at_limit' then 'pace_limited'
        when v_looks = 'faulty' then 'faulty'
        when h.state in ('over_budget', 'overdue') or v_looks = 'off' then 'capacity_limited'
        else 'supply_limited'
      end as cause,
      count(*)::numeric / sum(count(*)) over () as part
    from hosts h
    group by 1
  ),
  held as (
    select
      c.cause,
      c.place,
      coalesce((to_jsonb(r) ->> c.cause)::numeric, 0)
        + round(rest.vehicles * coalesce(s.part, case
          when exists (select from hosts) or c.cause <> 'supply_limited' then 0
          else 1
        end)) as vehicles
    from rows r
    cross join rest
    cross join unnest(array['faulty', 'blocked', 'capacity_limited', 'pace_limited', 'supply_limited'])
      with ordinality as c(cause, place)
    left join shares s on s.cause = c.cause
  )
  select
    (select jsonb_object_agg(cause, vehicles order by place) from held),
    (select cause from held order by vehicles desc, place limit 1),
    (
      select coalesce(jsonb_object_agg(g.state, g.metrics), '{}')
      from (
        select
          h.state,
          jsonb_build_object(
            'hosts', count(*),
            'due', sum(h.due),
            'requests', sum(h.requests),
            'examples', (jsonb_agg(
              jsonb_build_object('host', h.host, 'requests', h.requests, 'why', h.why)
              order by h.faulty + h.blocked + h.limited + h.due desc, h.requests desc, h.host)) -> 0,
            'first', (array_agg(h.host order by h.faulty + h.blocked + h.limited + h.due desc, h.requests desc, h.host))[:5]
          ) as metrics
        from hosts h
        group by h.state
      ) g
    )
  into v_held, v_verdict, v_hosts;

  return jsonb_build_object(
    'verdict', v_verdict,
    'next_actions', to_jsonb(private.fill_next_actions(v_verdict, v_hosts, v_workers)),
    'metrics', jsonb_build_object(
      'added', p_added, 'target', p_target, 'missing', v_missing, 'held_back', v_held, 'hosts', v_hosts,
      'workers', v_workers));
end
$$;

create or replace function private.fill_workers(p_from timestamptz, p_to timestamptz)
returns table (function_name text, state text, answers bigint, why text)
language sql stable
set search_path = ''
as $$
  select
    w.function_name,
    case
      when count(*) filter (where w.status_code between 200 and 299) * 2 >= count(*) then 'ok'
      when count(*) filter (where w.status_code >= 500 and w.status_code <> 503) * 2 >= count(*) then 'faulty'
      else 'off'
    end,
    count(*),
    min(coalesce(w.error, 'answered ' || w.status_code)) filter (where coalesce(w.status_code, 0) not between 200 and 299)
  from public.worker_invocations w
  where w.function_name in ('process-import-queue', 'discover-listings', 'pipeline-orchestrator')
    and w.invoked_at >= p_from
    and w.invoked_at < p_to
    and w.answered_at is not null
  group by w.function_name
$$;

create or replace function private.has_claimable(p_function text) returns boolean
language plpgsql stable
set search_path = ''
as $$
declare
  v_queue text := (select q.table_name from private.queues q where q.function_name = p_function);
begin
  return case
    when v_queue is not null then private.queue_is_claimable(v_queue)
    when p_function = 'micro-scrape-bandaid' then cardinality(private.claimable_micro_scrape(1)) > 0
    when p_function = 'backfill-images' then private.image_downloads_are_due()
    when p_function = 'database-fill-agent' then private.fill_step_is_due()
    when p_function = 'prune-snapshots' then exists (select from private.unneeded_snapshot_objects)
    -- Null: it claims nothing.
  end;
end
$$;

create or replace function private.have_done_again(p_cycle_id text, p_steps text[]) returns void
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
    perform private.invoke_worker(q.function_name);
  end loop;
  perform private.watch_fill_cycle();
end
$$;

create or replace function private.invoke_fill_agent(p_quiet interval, p_triggered_by text) returns void
language sql
set search_path = ''
as $$
  select private.invoke_worker(
    'database-fill-agent',
    jsonb_build_object('background', true, 'triggered_by', p_triggered_by),
    p_quiet,
    true)
$$;

create or replace function private.is_our_fault(p_outcome text, p_error text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_outcome in ('unreadable', 'not_an_index', 'broken')
    or p_outcome = 'server_error' and p_error ~ '^(reading it broke|could not be (imported|written)): ',
  false);

create or replace function private.lock_fill_cycles() returns void
language sql
set search_path = ''
as $$
  select pg_advisory_xact_lock(hashtextextended('fill_cycles', 0))
$$;

create or replace function private.most_step_attempts() returns integer
language sql immutable parallel safe
return 3;

create or replace function private.next_fill_step(p_cycle_id text, p_steps text[] default null) returns public.fill_cycle_steps
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

create or replace function private.note_missed_slots(p_slot timestamptz, p_target integer) returns integer
language sql
set search_path = ''
as $$
  with missed as (
    insert into public.fill_cycles (cycle_id, slot, status, triggered_by, target, started_at, completed_at, errors, next_actions)
    select
      private.fill_cycle_id(s.slot), s.slot, 'missed', 'nobody', p_target, s.slot, s.slot + interval '2 hours',
      array['nobody ran this slot: nothing was measured'],
      array['see whether cron runs: select jobname, schedule, active from cron.job;']
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

create or replace function private.only_schedule_next_is_left(p_cycle_id text) returns boolean
language sql stable
set search_path = ''
as $$
  select bool_and(s.status in ('complete', 'failed') or s.step = 'schedule_next' or s.step = 'check_target' and s.rounds > 0)
    and bool_or(s.step = 'schedule_next' and s.status in ('pending', 'processing'))
  from public.fill_cycle_steps s
  where s.cycle_id = p_cycle_id
$$;

create or replace function private.projected_vehicles(p_added integer, p_slot timestamptz, p_at timestamptz) returns integer
language sql immutable
return case
  when p_at >= p_slot + interval '2 hours' then p_added
  when p_at >= p_slot + interval '10 minutes'
    then round(p_added * 7200.0 / extract(epoch from p_at - p_slot))::integer
end;

create or replace function private.prune_history() returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.prune_queues();
  -- Oldest first, found by the index: never one delete that holds up everything else.
  delete from public.scrape_steps
  where id in (
    select id
    from public.scrape_steps
    where created_at < now() - interval '90 days'
    order by created_at
    limit 10000
  );
  delete from public.worker_invocations
  where id in (
    select id
    from public.worker_invocations
    where invoked_at < now() - interval '3 days'
    order by id
    limit 10000
  );
  delete from public.fill_decisions
  where id in (
    select id
    from public.fill_decisions
    where decided_at < now() - interval '90 days'
    order by decided_at
    limit 10000
  );
  delete from private.leases_to_release where created_at < now() - interval '1 day'; -- of rows that are gone
  delete from public.listing_looks
  where id in (
    select id
    from public.listing_looks
    where at < now() - interval '14 days'
    order by at
    limit 10000
  );
  delete from cron.job_run_details
  where runid in (
    select runid
    from cron.job_run_details
    where end_time < now() - interval '7 days'
    order by runid
    limit 10000
  );
end
$$;

create or replace function private.rescue_fill_cycle_steps(p_limit integer) returns integer
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

create or replace function private.start_fill_cycle() returns void
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

create or replace function private.watch_fill_cycle() returns void
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

create or replace function public.assess_fill_state(p_cycle_id text) returns jsonb
language sql stable
set search_path = ''
as $$
  select public.check_fill_target(p_cycle_id) || jsonb_build_object(
    'vehicles', private.counted('from public.vehicles', 'vehicles') -> 'count',
    'queue', private.queue_metrics(private.queue('import_queue')) - 'function',
    'feeds', private.feed_metrics(),
    'hosts_not_asked', (select count(*) from public.source_hosts where breaker <> 'closed' or retry_after > now()),
    'sources', (
      select coalesce(jsonb_object_agg(lifecycle, n), '{}')
      from (select lifecycle, count(*) as n from public.scrape_sources where is_active group by lifecycle) s))
$$;

create or replace function public.begin_fill_cycle(p_triggered_by text default 'manual') returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_policy public.fill_policy;
  v_slot timestamptz := private.fill_slot(now());
  r public.fill_cycles;
  c public.fill_cycles;
  v_missed integer;
begin
  perform private.lock_fill_cycles();
  select * into strict v_policy from public.fill_policy;
  select * into r from public.fill_cycles where status = 'running' for update;
  if not v_policy.is_enabled then
    if r.cycle_id is not null then
      perform private.end_fill_cycle(r.cycle_id, 'an operator switched it off (fill_policy.is_enabled)');
    end if;
    return jsonb_build_object(
      'begun', false, 'cycle_id', null, 'why', 'an operator switched it off: fill_policy.is_enabled is false',
      'what_to_type', 'update fill_policy set is_enabled = true;');
  elsif r.slot = v_slot then
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

create or replace function public.check_fill_target(p_cycle_id text) returns jsonb
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
  v_until := greatest(least(c.slot + interval '2 hours', now()), c.slot);
  select * into v_count from private.count_fill(c.slot, v_until);
  v_projected := private.projected_vehicles(v_count.vehicles_added, c.slot, v_until);
  v_left := array_remove(array[
    case when private.queue_is_claimable('import_queue') then 'process_queue' end,
    case when exists (
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

create or replace function public.claim_fill_step(
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

create or replace function public.heartbeat_fill_step(p_token uuid) returns boolean
language sql
set search_path = ''
as $$
  select private.extend_leases('fill_cycle_steps', array[p_token]) > 0
$$;

create or replace function public.preview_fill_cycle(p_steps text[] default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_begun jsonb;
  v_id text;
  v_last bigint := (select coalesce(max(id), 0) from public.fill_decisions);
  v_check jsonb;
  v_would jsonb := '{}';
  v_answer jsonb;
begin
  v_begun := public.begin_fill_cycle('preview');
  v_id := v_begun ->> 'cycle_id';
  v_answer := jsonb_build_object(
    'cycle_id', v_id, 'would_begin', v_begun -> 'begun', 'why', v_begun -> 'why', 'what_to_type', v_begun -> 'what_to_type');
  if exists (select from public.fill_cycles where cycle_id = v_id and status = 'running') then
    v_check := public.check_fill_target(v_id);
    v_answer := v_answer || jsonb_build_object(
      'next_step', (private.next_fill_step(v_id)).step,
      'check', v_check);
    if p_steps is null or 'process_queue' = any (p_steps) then
      v_would := v_would || jsonb_build_object('process_queue', public.scale_workers(v_id));
    end if;
    if p_steps is null and (v_check ->> 'below_target')::boolean or 'activate_sources' = any (p_steps) then
      v_would := v_would || jsonb_build_object(
        'activate_sources', public.review_sources(v_id) || public.activate_sources(v_id));
    end if;
    if p_steps is null or 'monitor_quality' = any (p_steps) then
      v_would := v_would || jsonb_build_object('monitor_quality', public.act_on_quality(v_id));
    end if;
  end if;
  v_answer := v_answer || jsonb_build_object('would', v_would, 'decisions', coalesce((
    select jsonb_agg(to_jsonb(d) - 'id' - 'cycle_id' - 'decided_at' order by d.id)
    from (select * from public.fill_decisions where id > v_last order by id limit 200) d), '[]'));
  raise exception using errcode = 'PT000', message = 'preview'; -- takes back all that was written
exception when sqlstate 'PT000' then
  return v_answer;
end
$$;

create or replace function public.settle_fill_step(
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

create view public.fill_status with (security_invoker = true) as
select s.state, s.slot, s.cycle_id, s.added, s.target, s.projected, s.verdict, s.next, s.next_at, s.since, s.why, s.what_to_type
from private.fill_stands() s
where current_user <> 'authenticated' or (select private.is_operator());

create view public.pipeline_status with (security_invoker = true) as
select p.part, p.state, p.what, p.since, p.why, p.what_to_type, p.waits, p.by_itself
from (
  select 1 as place, *, null as waits, 'cron starts it every ten minutes' as by_itself from private.run_part()
  union all
  select 2, *, null as waits, 'cron looks every 20 seconds, and invokes its worker when there is something to claim' as by_itself from private.queue_parts()
  union all
  select 3, *, null as waits, 'cron looks every 20 seconds' as by_itself from private.other_parts()
  union all
  select 4, * from private.worker_parts()
  union all
  select 5, * from private.host_parts()
  union all
  select 6, * from private.drift_parts()
  union all
  select 7, *, null as waits, 'cron begins a cycle every two hours, and looks every 20 seconds' as by_itself from private.fill_part()
) p
where current_user <> 'authenticated' or (select private.is_operator()) -- a row that counts nothing is one too many
order by
  array_position(array['stuck', 'failing', 'running', 'working', 'waiting', 'idle', 'off'], p.state),
  p.place, p.part;

comment on function private.after_fill_check(text, jsonb) is 'Below target, what is left to try is done (again); the target is checked again ten minutes later, until the slot ends.';

comment on function private.claimable_fill_cycle(text) is 'The cycle whose steps are to be worked on now: the one under way, or that of this slot, begun by this call.';

comment on function private.count_fill(timestamp with time zone, timestamp
  with time zone) is 'What a time came to: vehicles_added, listings queued, sources that are switched on and in service now, and sources that were found and taken into service in it.';

comment on function private.count_vehicles_added(timestamp with time zone, timestamp
  with time zone) is 'Vehicles that came into being in a time and hold year, make and model from a page. Cars, not listings: one that was merged into another is gone, and counts no more.';

comment on function private.end_fill_cycle(text, text) is 'Ends the cycle that runs: counts what came in, says whether that was enough and if not, why. What of its steps was not done is failed. p_why: why it ends before its time; then there is no verdict.';

comment on function private.fail_fill_step(public.fill_cycle_steps, text) is 'Ends an attempt at a step that broke: it waits a little and is tried again, three times in all, then it is failed and the cycle goes on. The target is checked in any case, ten minutes later. Each error is kept with the cycle.';

comment on function private.fill_cycle_id(timestamp with time zone) is 'The cycle_id of a slot, as fill-2026-11-28T18:00Z: whoever begins a cycle of it gives it the same name, and a person reads from it which it was. (fill_cycles.id is the uuid.)';

comment on function private.fill_hosts(timestamp with time zone, timestamp
  with time zone) is 'The hosts that give listings (of feeds that are switched on, or in import_queue), how each stood in a time (faulty, blocked, over_budget, at_limit, overdue: nobody looks at its feeds; serves), and how many of its listings are held by what.';

comment on function private.fill_next_actions(text, jsonb, jsonb) is 'What would help after a verdict, and what to type.';

comment on function private.fill_part() is 'The row of database-fill-agent in pipeline_status.';

comment on function private.fill_queue_by_host(timestamp with time zone, timestamp
  with time zone) is 'Listings of import_queue that have not become vehicles, by host and by what holds them; with one error of ours, if there is any.';

comment on function private.fill_slot(timestamp with time zone) is 'When the slot of two hours begins that this time belongs to: at even hours, UTC.';

comment on function private.fill_stands() is 'How database-fill-agent stands now: the row of fill_status.';

comment on function private.fill_step_is_due() is 'Whether database-fill-agent would find something to do: a step that is due, a cycle to close, or one to begin where there was one before. The first is begun by cron or a person.';

comment on function private.fill_steps() is 'The seven steps of a cycle in their order, and how long after the beginning of its slot a step is due; null: at once. What the last minutes bring is counted, and not measured.';

comment on function private.fill_verdict(timestamp with time zone, timestamp
  with time zone, integer, integer) is 'Why a time brought fewer vehicles than its target: {verdict, next_actions, metrics}; verdict is null when it did not. The cause that held back most vehicles (metrics.held_back) is the verdict: listings in import_queue count for what holds them; what they do not account for is shared out evenly over the hosts that give listings, by how each stands.';

comment on function private.fill_workers(timestamp with time zone, timestamp
  with time zone) is 'Whether the functions that bring vehicles in answered the database in a time: ok, faulty (an error of theirs), off (not deployed, no key, nobody there).';

comment on function private.have_done_again(text, text[]) is 'Makes steps of a cycle due now, done before or not; the last step keeps its time.';

comment on function private.invoke_due_queues() is 'Rescues the rows of workers that died, promotes what has waited, then invokes the worker of each queue that has rows to claim, and database-fill-agent when a step is due.';

comment on function private.is_our_fault(text, text) is 'Whether an attempt failed on our side: a page that came and was not understood, or a reading that broke or could not be written.';

comment on function private.lock_fill_cycles() is 'One session at a time begins, moves or ends a cycle; each does so in a short transaction.';

comment on function private.most_step_attempts() is 'So often a step of a cycle is tried; then it is failed, and the cycle goes on.';

comment on function private.next_fill_step(text, text[]) is 'The step of a cycle that a claim takes now; null while one is worked on, or the next one waits for its time. p_steps: only one of these.';

comment on function private.note_missed_slots(timestamp
  with time zone, integer) is 'Writes a row for each slot of the last 30 days that nobody ran, between the last cycle and this slot. Gives how many.';

comment on function private.only_schedule_next_is_left(text) is 'Whether all that a cycle has still to do is its last step, which ends it and begins the next.';

comment on function private.projected_vehicles(integer, timestamp with time zone, timestamp
  with time zone) is 'What a slot comes to at the rate it had until p_at; null in its first ten minutes, which say nothing.';

comment on function private.rescue_fill_cycle_steps(integer) is 'Takes back the steps of workers that died: they go on where their cursor stands; one that killed three in a row is failed. Gives how many.';

comment on function private.start_fill_cycle() is 'What cron does at every even hour: begins the cycle of the slot, in the database, so that it is there also when no function answers; and invokes the agent.';

comment on function private.watch_fill_cycle() is 'Takes back the step of a worker that died, begins a cycle that cron did not, and invokes the agent when a step is due.';

comment on function public.assess_fill_state(text) is 'What a cycle begins with: vehicles held, the queue, feeds, hosts, sources by lifecycle, and how it stands. Changes nothing.';

comment on function public.begin_fill_cycle(text) is 'Begins the cycle of the slot that it is now, unless it is there already: {begun, cycle_id, missed, why}. One of an earlier slot that still runs is closed with what is known, and slots that nobody ran are written down.';

comment on function public.check_fill_target(text) is 'How a cycle stands: counts, gap, what it comes to at this rate (projected; null in its first ten minutes), whether that is below target, what is left to try (rows to work off, feeds that may be checked sooner, sources to look for), and the verdict so far, against the part of the target that the time so far should have brought. Changes nothing.';

comment on function public.claim_fill_step(text, text, text[], boolean) is 'Leases the next step that is due, of the cycle of this slot, which it begins where needed: {claimed, cycle_id, step_id, step, lease_token, cursor, attempt}; else {claimed: false, why, cycle_id, step, lease_expires_at, next_due_at, what_to_type}. p_steps: only these, at once, also those that were done (p_first: at the first claim of a call).';

comment on function public.heartbeat_fill_step(uuid) is 'Extends the lease of a step. False: it is no longer this worker''s.';

comment on function public.preview_fill_cycle(text[]) is 'What database-fill-agent would do now: the cycle it would begin, its next step, how it stands, the verdict so far, and what each lever would decide (decisions, 200 at most). Changes nothing: all is taken back.';

comment on function public.settle_fill_step(uuid, jsonb, text, jsonb) is 'Ends a step under its token, and invokes the agent for the next: with its result; with a cursor, and it goes on there; with an error, and it is tried again. {held, status, next_cycle}; held false: the step is no longer this worker''s, and nothing was changed.';

comment on view public.fill_status is 'One row: the slot of now, vehicles added in it, target, what it comes to at this rate (projected; null in its first ten minutes), why that is too little, as of the last look at the target (verdict), what the agent does next and when, since when it stands so (since), why, and what to type.';

comment on view public.pipeline_status is 'Is it running, what is stuck, why, what do I type: a row each for the orchestrator, every queue, the feeds, the images, gap filling, database-fill-agent, and each worker, host and site with which something is wrong. What is wrong stands first, with what waits because of it, and what happens by itself.';

revoke all on function private.after_fill_check(text, jsonb) from public;

grant execute on function private.after_fill_check(text, jsonb) to postgres, service_role;

revoke all on function private.claimable_fill_cycle(text) from public;

grant execute on function private.claimable_fill_cycle(text) to postgres, service_role;

revoke all on function private.count_fill(timestamp with time zone, timestamp with time zone) from public;

grant execute
  on function private.count_fill(timestamp with time zone, timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all
  on function private.count_vehicles_added(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.count_vehicles_added(timestamp with time zone, timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.end_fill_cycle(text, text) from public;

grant execute on function private.end_fill_cycle(text, text) to postgres, service_role;

revoke all on function private.fail_fill_step(public.fill_cycle_steps, text) from public;

grant execute
  on function private.fail_fill_step(public.fill_cycle_steps, text)
  to postgres, service_role;

revoke all on function private.fill_cycle_id(timestamp with time zone) from public;

grant execute
  on function private.fill_cycle_id(timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.fill_hosts(timestamp with time zone, timestamp with time zone) from public;

grant execute
  on function private.fill_hosts(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.fill_next_actions(text, jsonb, jsonb) from public;

grant execute on function private.fill_next_actions(text, jsonb, jsonb) to postgres, service_role;

revoke all on function private.fill_part() from public;

grant execute on function private.fill_part() to authenticated, postgres, service_role;

revoke all
  on function private.fill_queue_by_host(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.fill_queue_by_host(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.fill_slot(timestamp with time zone) from public;

grant execute
  on function private.fill_slot(timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.fill_stands() from public;

grant execute on function private.fill_stands() to authenticated, postgres, service_role;

revoke all on function private.fill_step_is_due() from public;

grant execute on function private.fill_step_is_due() to authenticated, postgres, service_role;

revoke all on function private.fill_steps() from public;

grant execute on function private.fill_steps() to authenticated, postgres, service_role;

revoke all
  on function private.fill_verdict(timestamp with time zone, timestamp with time zone, integer, integer)
  from public;

grant execute
  on function private.fill_verdict(timestamp with time zone, timestamp with time zone, integer, integer)
  to postgres, service_role;

revoke all
  on function private.fill_workers(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.fill_workers(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.have_done_again(text, text[]) from public;

grant execute on function private.have_done_again(text, text[]) to postgres, service_role;

revoke all on function private.invoke_fill_agent(interval, text) from public;

grant execute on function private.invoke_fill_agent(interval, text) to postgres, service_role;

revoke all on function private.is_our_fault(text, text) from public;

grant execute on function private.is_our_fault(text, text) to authenticated, postgres, service_role;

revoke all on function private.lock_fill_cycles() from public;

grant execute on function private.lock_fill_cycles() to postgres, service_role;

revoke all on function private.most_step_attempts() from public;

grant execute on function private.most_step_attempts() to postgres, service_role;

revoke all on function private.next_fill_step(text, text[]) from public;

grant execute
  on function private.next_fill_step(text, text[])
  to authenticated, postgres, service_role;

revoke all on function private.note_missed_slots(timestamp with time zone, integer) from public;

grant execute
  on function private.note_missed_slots(timestamp with time zone, integer)
  to postgres, service_role;

revoke all on function private.only_schedule_next_is_left(text) from public;

grant execute on function private.only_schedule_next_is_left(text) to postgres, service_role;

revoke all
  on function private.projected_vehicles(integer, timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.projected_vehicles(integer, timestamp with time zone, timestamp with time zone)
  to authenticated, postgres, service_role;

revoke all on function private.rescue_fill_cycle_steps(integer) from public;

grant execute on function private.rescue_fill_cycle_steps(integer) to postgres, service_role;

revoke all on function private.start_fill_cycle() from public;

grant execute on function private.start_fill_cycle() to postgres, service_role;

revoke all on function private.watch_fill_cycle() from public;

grant execute on function private.watch_fill_cycle() to postgres, service_role;

revoke all on function public.assess_fill_state(text) from public;

grant execute on function public.assess_fill_state(text) to postgres, service_role;

revoke all on function public.begin_fill_cycle(text) from public;

grant execute on function public.begin_fill_cycle(text) to postgres, service_role;

revoke all on function public.check_fill_target(text) from public;

grant execute on function public.check_fill_target(text) to postgres, service_role;

revoke all on function public.claim_fill_step(text, text, text[], boolean) from public;

grant execute
  on function public.claim_fill_step(text, text, text[], boolean)
  to postgres, service_role;

revoke all on function public.heartbeat_fill_step(uuid) from public;

grant execute on function public.heartbeat_fill_step(uuid) to postgres, service_role;

revoke all on function public.preview_fill_cycle(text[]) from public;

grant execute on function public.preview_fill_cycle(text[]) to postgres, service_role;

revoke all on function public.settle_fill_step(uuid, jsonb, text, jsonb) from public;

grant execute on function public.settle_fill_step(uuid, jsonb, text, jsonb) to postgres, service_role;

grant select on table public.fill_status to authenticated;

grant all on table public.fill_status to postgres, service_role;

grant select on table public.pipeline_status to authenticated;

grant all on table public.pipeline_status to postgres, service_role;

-- supabase/schemas/filling/cron.sql
select cron.schedule('database-fill-agent', '0 */2 * * *', 'select private.start_fill_cycle()');
