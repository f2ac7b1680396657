-- Is it running, what is stuck, why, what do I type: one view.

create function private.remedy_of(p_function text, p_meaning text) returns table (why text, what_to_type text)
language sql immutable
set search_path = ''
as $$
  select
    case
      when p_meaning is null then 'nobody has invoked ' || p_function || ': cron does not run'
      when p_meaning = 'ok' then p_function || ' answers, and finishes nothing: its log says why'
      else p_function || ': ' || p_meaning
    end,
    case
      when p_meaning is null or p_meaning like 'nobody invoked it%' then 'select jobname, schedule, active from cron.job;'
      when p_meaning like 'not deployed%' then 'supabase functions deploy ' || p_function
      when p_meaning like 'the key in Vault%'
        then 'select vault.update_secret(id, ''YOUR_SECRET_KEY'') from vault.secrets where name = ''service_role_key'';'
      when p_meaning like 'Vault has no secret%'
        then 'select vault.create_secret(''https://YOUR_PROJECT.supabase.co'', ''project_url''); select vault.create_secret(''YOUR_SECRET_KEY'', ''service_role_key'');'
      when p_meaning like 'pg_net %' then 'select net.worker_restart();'
      else 'node scripts/invoke.js ' || p_function
    end
$$;
comment on function private.remedy_of(text, text) is
  'Why a worker does not run, and what to type, by what its answer means (worker_invocation_status, fill_workers()). p_meaning null: nobody invoked it.';

create function private.remedy(p_function text) returns table (why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    case
      when o.places > 0 then p_function || ' is done by a process outside the edge runtime, which finishes nothing: its log and /healthz say why'
      else r.why
    end,
    case when o.places > 0 then 'select * from outside_worker_status;' else r.what_to_type end
  from (select private.outside_places(p_function) as places) o
  left join public.worker_invocation_status d on d.function_name = p_function
  cross join lateral private.remedy_of(p_function, d.meaning) r
$$;
comment on function private.remedy(text) is
  'Why a worker that should run does not, as far as its last invocation tells, or that a process outside the edge runtime does its work; and what to type.';

create function private.queue_part(q private.queues, f jsonb)
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
comment on function private.queue_part(private.queues, jsonb) is
  'The row of a queue in pipeline_status, by its queue_metrics(): stuck is due for 15 minutes while nobody works on it.';

create function private.queue_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select p.*
  from private.queues q
  cross join lateral private.queue_part(q, private.queue_metrics(q)) p
  order by q.table_name
$$;
comment on function private.queue_parts() is 'The queues'' rows of pipeline_status.';

create function private.run_part()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'pipeline-orchestrator',
    case
      when r.status = 'running' and r.lease_expires_at > now() then 'running'
      when i.is_new and r.id is null then 'waiting'
      when r.id is null or r.started_at < now() - interval '30 minutes' then 'stuck'
      when r.status = 'completed' then 'idle'
      else 'failing'
    end,
    case
      when r.id is null then 'it has never run'
      else format('last run %s, triggered by %s, %s ms', r.status, r.triggered_by, coalesce(r.runtime_ms::text, '…'))
    end,
    r.started_at,
    case
      when i.is_new and r.id is null then 'cron starts its first run at the next full ten minutes'
      when r.id is null or r.started_at < now() - interval '30 minutes' then m.why
      else coalesce(r.error_message, s.why)
    end,
    case
      when i.is_new and r.id is null then 'node scripts/invoke.js pipeline-orchestrator'
      when r.id is null or r.started_at < now() - interval '30 minutes' then m.what_to_type
      when r.status <> 'completed' then coalesce(s.what_to_type, 'node scripts/invoke.js pipeline-orchestrator')
    end
  from private.remedy('pipeline-orchestrator') m
  cross join (select min(added_at) > now() - interval '15 minutes' as is_new from private.queues) i
  left join lateral (select * from public.pipeline_runs order by started_at desc limit 1) r on true
  left join lateral (
    select
      string_agg(format('step %s: %s', step ->> 'step', step ->> 'error'), '; ') as why,
      string_agg(distinct step ->> 'hint', '; ') as what_to_type
    from jsonb_array_elements(r.steps) step
    where step ->> 'status' = 'failed'
  ) s on r.status not in ('running', 'completed')
$$;
comment on function private.run_part() is 'The orchestrator''s row of pipeline_status.';

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
comment on view public.pipeline_status is
  'Is it running, what is stuck, why, what do I type: a row each for the orchestrator, every queue, the feeds, the images, gap filling, database-fill-agent, and each worker, host and site with which something is wrong. What is wrong stands first, with what waits because of it, and what happens by itself.';
grant select on public.pipeline_status to authenticated, service_role;

grant execute on function
  private.remedy(text),
  private.remedy_of(text, text),
  private.queue_part(private.queues, jsonb),
  private.queue_parts(),
  private.run_part()
to authenticated, service_role;
