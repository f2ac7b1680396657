-- Whether the workers that bring vehicles in did their work in a time.

create function private.is_worker_fault(p_status integer, p_error text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_status >= 500 and p_status not in (502, 503, 504) -- a gateway that reached nobody
    or p_status = 503 and p_error like 'BOOT\_ERROR%', -- it is there, and does not start
  false);
comment on function private.is_worker_fault(integer, text) is
  'Whether an edge function that answered so is broken: an error of ours, and not one of a gateway that reached nobody.';

create function private.fill_workers(p_from timestamptz, p_to timestamptz)
returns table (function_name text, state text, calls bigint, why text)
language sql stable
set search_path = ''
as $$
  with invoked as (
    select w.function_name, w.invoked_at, w.answered_at, w.status_code, w.error, w.rows_claimed,
      -- One whose answer was slow has begun, as the rows say that it claimed.
      coalesce(w.status_code between 200 and 299, w.rows_claimed is not null) as is_accepted
    from public.worker_invocations w
    where w.function_name in ('process-import-queue', 'discover-listings', 'pipeline-orchestrator')
      and w.invoked_at >= p_from
      and w.invoked_at < p_to
  ),
  runs as (
    select
      coalesce(r.status = 'abandoned' or exists (
        select from jsonb_array_elements(r.steps) s
        where s ->> 'name' = 'discover_listings' and s ->> 'status' = 'failed'), false) as has_failed,
      left(r.error_message, 300) as error
    from public.pipeline_runs r
    where r.started_at >= p_from
      and r.started_at < p_to
  ),
  calls as (
    select
      i.function_name,
      case
        when private.is_worker_fault(i.status_code, i.error) then 'faulty'
        when i.status_code is null then 'silent'
        else 'off'
      end as state,
      case
        when i.answered_at is null then 'pg_net sends nothing, or keeps no answer'
        else private.meaning_of_answer(i.function_name, i.status_code, i.error)
      end as meaning
    from invoked i
    where not i.is_accepted
      and (i.answered_at is not null or i.invoked_at < p_to - interval '1 minute')
    union all
    -- Accepted is not done: it answers first. Who claims rows says so, also when there are none.
    select
      i.function_name,
      case when h.has_begun then 'ok' else 'faulty' end,
      case when not h.has_begun then 'it breaks before it has claimed a row' end
    from invoked i
    cross join lateral (
      select i.rows_claimed is not null
        or i.invoked_at > p_to - interval '1 minute'
        or not exists (select from private.queues q where q.function_name = i.function_name) as has_begun
    ) h
    where i.is_accepted
      and i.function_name <> 'pipeline-orchestrator'
    union all
    select 'pipeline-orchestrator', 'faulty', 'it breaks before it has begun a run'
    from invoked i
    where i.is_accepted
      and i.function_name = 'pipeline-orchestrator'
      and i.invoked_at < p_to - interval '1 minute'
      and not exists (select from runs)
    union all
    select 'pipeline-orchestrator', case when r.has_failed then 'faulty' else 'ok' end, case when r.has_failed then r.error end
    from runs r
    union all
    -- Cron invokes it every ten minutes.
    select
      'pipeline-orchestrator',
      'not_invoked',
      format('nobody invoked it for %s minutes', round(extract(epoch from p_to - coalesce(max(w.invoked_at), p_from)) / 60))
    from invoked w
    where w.function_name = 'pipeline-orchestrator'
    having coalesce(max(w.invoked_at), p_from) < p_to - interval '30 minutes'
  ),
  counted as (
    select
      c.function_name,
      count(*) as calls,
      count(*) filter (where c.state = 'faulty') as faulty,
      count(*) filter (where c.state = 'off') as off,
      count(*) filter (where c.state = 'silent') as silent,
      count(*) filter (where c.state = 'not_invoked') as not_invoked,
      coalesce(
        mode() within group (order by c.meaning) filter (where c.state in ('faulty', 'off')),
        mode() within group (order by c.meaning) filter (where c.state = 'silent')) as meaning,
      max(c.meaning) filter (where c.state = 'not_invoked') as silence
    from calls c
    group by c.function_name
  )
  select
    c.function_name,
    case
      when c.not_invoked > 0 then 'not_invoked'
      when (c.faulty + c.off + c.silent) * 2 <= c.calls then 'ok'
      -- One that gave no answer may be broken or away: those that answered say which.
      when c.faulty > 0 and c.faulty >= c.off then 'faulty'
      else 'off'
    end,
    c.calls - c.not_invoked,
    case
      when c.not_invoked > 0 then c.silence
      when (c.faulty + c.off + c.silent) * 2 > c.calls then c.meaning
    end
  from counted c
$$;
comment on function private.fill_workers(timestamptz, timestamptz) is
  'Whether the functions that bring vehicles in did what the database invoked them for in a time: ok, faulty (an error of theirs, in the answer or behind it), off (not deployed, no key, nobody there), not_invoked (pipeline-orchestrator: not in the last half hour); and what most of its failures mean.';

create function private.fill_jobs_off() returns text[]
language sql stable
security definer -- cron.job is its owner's
set search_path = ''
as $$
  select coalesce(array_agg(j.jobname order by j.jobname), '{}')
  from cron.job j
  where not j.active
    and j.jobname in ('database-fill-agent', 'pipeline-orchestrator', 'look-after-queues', 'collect-invocation-answers')
$$;
comment on function private.fill_jobs_off() is 'The jobs of cron that bring vehicles in and are switched off now.';
revoke execute on function private.fill_jobs_off() from public;

grant execute on function private.is_worker_fault(integer, text) to authenticated, service_role;
grant execute on function private.fill_workers(timestamptz, timestamptz), private.fill_jobs_off() to service_role;
