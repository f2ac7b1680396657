-- Dashboard sampler.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.pipeline_status;

drop function private.count_part(text);

drop function private.count_samples(text, timestamp with time zone, timestamp with time zone);

drop function private.queue_parts();

create or replace function private.add_counts() returns void
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

create or replace function private.count_part(p_part text) returns jsonb
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

create or replace function private.count_samples(p_part text, p_from timestamptz, p_to timestamptz) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_series text[] := case p_part
    when 'vehicles' then array['vehicles_added']
    when 'listings' then array['listings_found']
    when 'requests' then array['requests', 'requests_served', 'requests_refused', 'requests_failed', 'bytes_fetched']
    when 'files' then array['images_stored', 'bytes_stored']
    when 'invocations' then array['invocations']
    when 'work' then array['queue_done']
  end;
  v_rows jsonb;
begin
  execute format(
    $sql$
      with counted as materialized (select series, subject, at, value from private.%I($1, $2))
      select jsonb_agg(to_jsonb(r))
      from (
        select c.*, $4 = 'work' as by_minute, false as is_gauge from counted c where c.subject <> ''
        union all
        -- All together has a row in each minute, also where nothing came: what was counted is 0, what was not has no row.
        select s.series, '', m.at, coalesce(sum(c.value), 0), true, false
        from unnest($3) s(series)
        cross join generate_series($1, $2 - interval '1 minute', interval '1 minute') m(at)
        left join counted c on c.series = s.series and c.at = m.at
        group by s.series, m.at
      ) r
    $sql$, 'counted_' || p_part)
  into v_rows
  using p_from, p_to, v_series, p_part;
  return coalesce(v_rows, '[]');
end
$$;

create or replace function private.fill_part()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select p.* from private.fill_stands() s cross join lateral private.fill_part_of(to_jsonb(s)) p
$$;

create or replace function private.fill_part_of(p_stands jsonb)
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
  from jsonb_to_record(p_stands) as s(
    state text, slot timestamptz, added integer, target integer, projected integer, next text, since timestamptz, why text, what_to_type text)
$$;

create or replace function private.is_due(p_part text) returns boolean
language sql stable
set search_path = ''
as $$
  select not exists (select from public.dashboard_parts where part = p_part and next_at > now())
$$;

create or replace function private.measured_again_after(p_part text, p_took_ms numeric) returns interval
language sql immutable parallel safe
return greatest(
  -- What changes slowly, or is dear, need not be looked at each minute.
  case
    when p_part in ('drift', 'truth', 'reliability', 'dead_letters', 'files', 'invocations') then interval '5 minutes'
    when p_part = 'hosts_in_the_way' then interval '2 minutes'
    else interval '30 seconds'
  end,
  -- A two-hundredth of the time at most.
  p_took_ms * 200 * interval '1 millisecond');

create or replace function private.measured_running() returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(to_jsonb(p) order by p.place, p.part), '[]')
  from (
    select 1 as place, r.*, null::text as waits, 'cron starts it every ten minutes' as by_itself from private.run_part() r
    union all
    -- As they were measured just before.
    select 2, t.*, null, 'cron looks every 20 seconds, and invokes its worker when there is something to claim'
    from private.queues q
    cross join lateral (select private.part_state('queues') -> 'queues' -> q.table_name as metrics) m
    cross join lateral private.queue_part(q, m.metrics) t
    where m.metrics is not null
    union all
    select 3, o.*, null, 'cron looks every 20 seconds' from private.other_parts() o
    union all
    select 4, w.* from private.worker_parts() w
    union all
    select 7, f.*, null, 'cron begins a cycle every two hours, and looks every 20 seconds'
    from private.part_state('cycle') s
    cross join lateral private.fill_part_of(s) f
    where s is not null
  ) p
$$;

create or replace function private.panel(p_panel text, p_range text) returns jsonb
language plpgsql stable
set search_path = ''
set lock_timeout = '2s'
set jit = off
as $$
declare
  v_began timestamptz := clock_timestamp();
  v_panel jsonb;
begin
  perform private.require_operator();
  if p_range is null or p_range not in ('3h', '2d', '7d', '60d', 'all') then
    raise exception 'a range is 3h, 2d, 7d, 60d or all, not "%"', left(p_range, 20) using errcode = '22023';
  end if;
  begin
    if p_panel is null or p_panel <> all (private.dashboard_panels() || 'activity'::text) then
      raise exception 'no panel is called "%"', left(p_panel, 40)
        using errcode = '22023', hint = array_to_string(private.dashboard_panels(), ', ');
    end if;
    execute format('select private.%I($1)', p_panel || '_panel') into v_panel using p_range;
    return jsonb_build_object('panel', p_panel) || v_panel
      || jsonb_build_object('took_ms', round((1000 * extract(epoch from clock_timestamp() - v_began))::numeric, 1));
  exception when others then
    return jsonb_build_object('panel', p_panel, 'error', jsonb_build_object(
      'code', sqlstate,
      'message', sqlerrm,
      'says', private.words_of_error(sqlstate, sqlerrm),
      'what_to_type', case when sqlstate in ('42703', '42P01', '42883', '42704') then 'supabase db push' end));
  end;
end
$$;

create or replace function private.queue_part(q private.queues, f jsonb)
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language plpgsql stable
set search_path = ''
as $$
begin
  part := q.table_name;
  since := (f ->> 'oldest_due_at')::timestamptz;
  state := case
    when since < now() - interval '15 minutes'
      and (f ->> 'processing')::bigint = 0
      and coalesce((f ->> 'last_finished_at')::timestamptz, '-infinity') < now() - interval '15 minutes' then 'stuck'
    when (f ->> 'processing')::bigint > 0 or (f ->> 'due')::bigint > 0 then 'working'
    when (f ->> 'waiting')::bigint > 0 then 'waiting'
    else 'idle'
  end;
  what := format('%s due, %s in progress, %s waiting, %s failed, %s done in the last hour',
    f ->> 'due', f ->> 'processing', f ->> 'waiting', f ->> 'failed', f ->> 'done_last_hour');
  if state = 'stuck' then
    select r.why, r.what_to_type into why, what_to_type from private.remedy(q.function_name) r;
  elsif state = 'waiting' then
    if f ->> 'next_due_at' is not null then
      why := format('the next is due at %s', f ->> 'next_due_at');
    else
      why := 'for versions that are registered and not deployed: select * from scraper_version_status where waits_for_deployment > 0';
      what_to_type := 'supabase functions deploy';
    end if;
  end if;
  return next;
end
$$;

create or replace function private.queue_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select p.*
  from private.queues q
  cross join lateral private.queue_part(q, private.queue_metrics(q)) p
  order by q.table_name
$$;

create or replace function private.sample_dashboard() returns void
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
    'queues', 'cycle', 'running', 'dead_letters', 'hosts_in_the_way', 'drift', 'truth', 'reliability'
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

comment on function private.add_counts() is 'Counts what is due to be counted, adds it and what was measured to the samples, and forgets old ones.';

comment on function private.count_part(text) is 'Counts what came in of one part since it was last counted, an hour at most, so that a database that stood still catches up; from yesterday on when it was never counted. Gives the rows, which the caller adds to the samples in the same transaction.';

comment on function private.count_samples(text, timestamp with time zone, timestamp
  with time zone) is 'Counts a part of what came in between two full minutes. Gives rows as add_samples() takes them.';

comment on function private.fill_part_of(jsonb) is 'The row of database-fill-agent in pipeline_status, by what fill_stands() says.';

comment on function private.is_due(text) is 'Whether a part of the dashboard is to be measured at this run of the sampler.';

comment on function private.measured_again_after(text, numeric) is 'When a part is measured again that took so long: at each run of the sampler, every few minutes, or more seldom what is dear.';

comment on function private.measured_running() is 'The parts of pipeline_status that are soon told, of queues and the cycle as they were measured before; hosts and drift are measured apart.';

comment on function private.queue_part(private.queues, jsonb) is 'The row of a queue in pipeline_status, by its queue_metrics(): stuck is due for 15 minutes while nobody works on it.';

comment on function private.queue_parts() is 'The queues'' rows of pipeline_status.';

comment on view public.pipeline_status is 'Is it running, what is stuck, why, what do I type: a row each for the orchestrator, every queue, the feeds, the images, gap filling, database-fill-agent, and each worker, host and site with which something is wrong. What is wrong stands first, with what waits because of it, and what happens by itself.';

revoke all on function private.add_counts() from public;

grant execute on function private.add_counts() to postgres, service_role;

revoke all on function private.count_part(text) from public;

grant execute on function private.count_part(text) to postgres, service_role;

revoke all
  on function private.count_samples(text, timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.count_samples(text, timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.fill_part_of(jsonb) from public;

grant execute on function private.fill_part_of(jsonb) to authenticated, postgres, service_role;

revoke all on function private.is_due(text) from public;

grant execute on function private.is_due(text) to postgres, service_role;

revoke all on function private.queue_part(private.queues, jsonb) from public;

grant execute
  on function private.queue_part(private.queues, jsonb)
  to authenticated, postgres, service_role;

revoke all on function private.queue_parts() from public;

grant execute on function private.queue_parts() to authenticated, postgres, service_role;

grant select on table public.pipeline_status to authenticated;

grant all on table public.pipeline_status to postgres, service_role;
