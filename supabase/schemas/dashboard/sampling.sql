-- The sampler: cron calls it about every minute. What it costs is in dashboard_parts.

create function private.sampled_gauges() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'series', g.series, 'subject', g.subject, 'at', now(), 'value', g.value, 'by_minute', true, 'is_gauge', true)), '[]')
  from public.dashboard_parts p
  cross join lateral (
    select s.series, q.key as subject, s.value
    from jsonb_each(p.state -> 'queues') q
    cross join lateral (values
      ('queue_due', (q.value ->> 'due')::double precision),
      ('queue_waiting', (q.value ->> 'waiting')::double precision),
      ('queue_oldest_seconds', coalesce((q.value ->> 'oldest_due_seconds')::double precision, 0))
    ) s(series, value)
    where p.part = 'queues'
    union all
    select 'dead_letters', '', (p.state ->> 'count')::double precision where p.part = 'dead_letters'
    union all
    select 'conflicts', '', (p.state -> 'conflicts' ->> 'count')::double precision where p.part = 'truth'
  ) g
  where p.made_at = now() and g.value is not null
$$;
comment on function private.sampled_gauges() is 'Of what this transaction measured, the numbers that stand somewhere, as add_samples() takes them.';

create function private.measured_again_after(p_part text, p_took_ms numeric) returns interval
language sql immutable parallel safe
return greatest(
  -- What changes slowly, or is dear, need not be looked at each minute.
  case
    when p_part in ('drift', 'truth', 'coverage', 'reliability', 'dead_letters', 'files', 'invocations') then interval '5 minutes'
    when p_part = 'hosts_in_the_way' then interval '2 minutes'
    else interval '30 seconds'
  end,
  -- A two-hundredth of the time at most.
  p_took_ms * 200 * interval '1 millisecond');
comment on function private.measured_again_after(text, numeric) is
  'When a part is measured again that took so long: at each run of the sampler, every few minutes, or more seldom what is dear.';

create function private.sample_part(p_part text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_began timestamptz := clock_timestamp();
  v_state jsonb;
  v_error text;
  v_took numeric;
begin
  begin
    execute format('select private.%I()', 'measured_' || p_part) into v_state;
  exception when others then
    v_error := format('%s (%s)', sqlerrm, sqlstate); -- told on the dashboard; the other parts go on
  end;
  v_took := 1000 * extract(epoch from clock_timestamp() - v_began);
  insert into public.dashboard_parts as held (part, state, made_at, took_ms, next_at, error_message)
  values (
    p_part, v_state, case when v_error is null then now() end, v_took,
    now() + private.measured_again_after(p_part, v_took), v_error)
  on conflict (part) do update
  set state = coalesce(excluded.state, held.state),
      made_at = coalesce(excluded.made_at, held.made_at),
      took_ms = excluded.took_ms,
      next_at = excluded.next_at,
      error_message = excluded.error_message;
  return v_error is null;
end
$$;
comment on function private.sample_part(text) is
  'Measures one part now. Gives whether that worked; an error is kept in dashboard_parts, with what was measured before.';

create function private.count_part(p_part text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_began timestamptz := clock_timestamp();
  -- What a transaction of now will commit has a time of before: a minute is counted when it is over for a minute.
  v_last timestamptz := date_trunc('minute', now()) - interval '1 minute';
  v_from timestamptz;
  v_to timestamptz;
  v_rows jsonb := '[]';
  v_error text;
  v_took numeric;
begin
  select counted_to into v_from from public.dashboard_parts where part = p_part;
  v_from := coalesce(v_from, date_trunc('day', now() - interval '1 day', 'UTC'));
  v_to := least(v_from + interval '1 hour', v_last);
  if v_from >= v_to then
    return v_rows;
  end if;
  begin
    v_rows := private.count_samples(p_part, v_from, v_to);
  exception when others then
    v_error := format('%s (%s)', sqlerrm, sqlstate);
    v_to := v_from;
  end;
  v_took := 1000 * extract(epoch from clock_timestamp() - v_began);
  insert into public.dashboard_parts as held (part, made_at, counted_to, took_ms, next_at, error_message)
  values (
    p_part, now(), v_to, v_took,
    -- What lags behind catches up, an hour a run.
    case when v_to < v_last then now() else now() + private.measured_again_after(p_part, v_took) end, v_error)
  on conflict (part) do update
  set made_at = excluded.made_at,
      counted_to = excluded.counted_to,
      took_ms = excluded.took_ms,
      next_at = excluded.next_at,
      error_message = excluded.error_message;
  return v_rows;
end
$$;
comment on function private.count_part(text) is
  'Counts what came in of one part since it was last counted, an hour at most, so that a database that stood still catches up; from yesterday on when it was never counted. Gives the rows, which the caller adds to the samples in the same transaction.';

create function private.is_due(p_part text) returns boolean
language sql stable
set search_path = ''
as $$
  select not exists (select from public.dashboard_parts where part = p_part and next_at > now())
$$;
comment on function private.is_due(text) is 'Whether a part of the dashboard is to be measured at this run of the sampler.';

create function private.add_counts() returns void
language plpgsql
set search_path = ''
as $$
declare
  v_part text;
  v_rows jsonb := '[]';
begin
  foreach v_part in array array['vehicles', 'listings', 'requests', 'files', 'invocations', 'work'] loop
    if private.is_due(v_part) then
      v_rows := v_rows || private.count_part(v_part);
    end if;
  end loop;
  if not exists (
    select from public.dashboard_samples where series = 'queue_due' and step = 'minute' and at = date_trunc('minute', now())
  ) then
    v_rows := v_rows || private.sampled_gauges();
  end if;
  if v_rows <> '[]' then
    perform private.add_samples(v_rows);
  end if;
  if private.is_due('pruning') then
    perform private.prune_dashboard_samples();
    insert into public.dashboard_parts (part, made_at, next_at) values ('pruning', now(), now() + interval '10 minutes')
    on conflict (part) do update set made_at = excluded.made_at, next_at = excluded.next_at, error_message = null;
  end if;
end
$$;
comment on function private.add_counts() is 'Counts what is due to be counted, adds it and what was measured to the samples, and forgets old ones.';

create function private.sample_dashboard() returns void
language plpgsql
set search_path = ''
set lock_timeout = '2s'
set jit = off -- many small queries, each planned anew where cron connects anew
as $$
declare
  v_part text;
  v_began timestamptz := clock_timestamp();
  v_error text;
begin
  if not pg_try_advisory_xact_lock(hashtextextended('sample_dashboard', 16)) then
    return;
  end if;
  -- The queues and the cycle before what is told of them.
  foreach v_part in array array[
    'queues', 'cycle', 'running', 'dead_letters', 'hosts_in_the_way', 'drift', 'truth', 'coverage', 'reliability'
  ] loop
    if private.is_due(v_part) then
      perform private.sample_part(v_part);
    end if;
  end loop;
  begin
    perform private.add_counts();
  exception when others then
    v_error := format('%s (%s)', sqlerrm, sqlstate); -- what was measured stands all the same
  end;
  insert into public.dashboard_parts as held (part, made_at, took_ms, error_message)
  values ('sampler', now(), 1000 * extract(epoch from clock_timestamp() - v_began), v_error)
  on conflict (part) do update
  set made_at = excluded.made_at, took_ms = excluded.took_ms, error_message = excluded.error_message;
end
$$;
comment on function private.sample_dashboard() is
  'Measures what the dashboard shows and what is due to be measured, counts what came in since, and forgets what is old. Cron calls it; one at a time.';

grant execute on function
  private.is_due(text),
  private.add_counts(),
  private.sampled_gauges(),
  private.measured_again_after(text, numeric),
  private.sample_part(text),
  private.count_part(text),
  private.sample_dashboard()
to service_role;
