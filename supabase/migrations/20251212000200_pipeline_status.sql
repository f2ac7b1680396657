-- Is it running, what is stuck, why, what do I type: one view.

create function private.remedy(p_function text) returns table (why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    case
      when d.meaning is null then 'nobody has invoked ' || p_function || ': cron does not run'
      when d.meaning = 'ok' then p_function || ' answers, and finishes nothing: its log says why'
      else p_function || ': ' || d.meaning
    end,
    case
      when d.meaning is null then 'select jobname, schedule, active from cron.job;'
      when d.meaning like 'not deployed%' then 'supabase functions deploy ' || p_function
      when d.meaning like 'the key in Vault%'
        then 'select vault.update_secret(id, ''YOUR_SECRET_KEY'') from vault.secrets where name = ''service_role_key'';'
      when d.meaning like 'Vault has no secret%'
        then 'select vault.create_secret(''https://YOUR_PROJECT.supabase.co'', ''project_url''); select vault.create_secret(''YOUR_SECRET_KEY'', ''service_role_key'');'
      else 'node scripts/invoke.js ' || p_function
    end
  from (select 1) one
  left join public.worker_invocation_status d on d.function_name = p_function
$$;
comment on function private.remedy(text) is
  'Why a worker that should run does not, as far as its last invocation tells, and what to type.';

create function private.queue_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
  f jsonb;
begin
  for q in select * from private.queues order by table_name loop
    f := private.queue_metrics(q);
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
    why := null;
    what_to_type := null;
    if state = 'stuck' then
      select r.why, r.what_to_type into why, what_to_type from private.remedy(q.function_name) r;
    elsif state = 'waiting' then
      why := format('the next is due at %s', f ->> 'next_due_at');
    end if;
    return next;
  end loop;
end
$$;
comment on function private.queue_parts() is
  'The queues'' rows of pipeline_status: stuck is due for 15 minutes while nobody works on it.';

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

create function private.other_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'listing_feeds',
    case
      when not exists (select from public.listing_feeds) then 'waiting'
      when (f ->> 'enabled')::integer = 0 then 'off'
      when (f ->> 'overdue')::integer > 0 then 'stuck'
      when (f ->> 'failing')::integer > 0 then 'failing'
      when (f ->> 'working')::integer = 0 then 'waiting'
      else 'working'
    end,
    format('%s switched on, %s working, %s failing, %s never checked; found at the last checks: %s, new %s',
      f ->> 'enabled', f ->> 'working', f ->> 'failing', f ->> 'never_checked', f ->> 'found_at_last_check',
      f ->> 'new_at_last_check'),
    (f ->> 'last_checked_at')::timestamptz,
    case
      when not exists (select from public.listing_feeds) then 'the first run of discover-listings makes them'
      when (f ->> 'overdue')::integer > 0 then format('%s not checked for more than an hour', f ->> 'overdue')
      when (f ->> 'failing')::integer > 0 then (
        select string_agg(format('%s: %s', l.url, l.last_error), '; ')
        from (select * from public.listing_feeds where enabled and failures > 0 order by url limit 5) l)
    end,
    case
      when not exists (select from public.listing_feeds) then 'node scripts/invoke.js discover-listings'
      when (f ->> 'enabled')::integer = 0 then 'select url, what_to_do from listing_feed_status;'
      when (f ->> 'overdue')::integer > 0 then 'node scripts/invoke.js discover-listings'
      when (f ->> 'failing')::integer > 0 then 'select url, why, what_to_do from listing_feed_status where state = ''failing'';'
    end
  from private.feed_metrics() f

  union all
  select
    'images',
    case
      when i.leased > 0 then 'working'
      when i.due_since < now() - interval '30 minutes' then 'stuck'
      when i.due > 0 then 'working'
      else 'idle'
    end,
    format('%s due%s, %s in progress', least(i.due, 10000), case when i.due > 10000 then ' or more' else '' end, i.leased),
    i.due_since,
    case when i.leased = 0 and i.due_since < now() - interval '30 minutes' then m.why end,
    case when i.leased = 0 and i.due_since < now() - interval '30 minutes' then m.what_to_type end
  from (
    select
      private.due_images(10001) as due,
      (select count(*) from public.image_downloads where lease_token is not null) as leased,
      (
        select min(oldest.next_attempt_at)
        from generate_series(0, 3) as w(wave)
        cross join lateral (
          select d.next_attempt_at
          from public.image_downloads d
          where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
          order by d.next_attempt_at
          limit 1
        ) oldest
      ) as due_since
  ) i
  cross join private.remedy('backfill-images') m

  union all
  select
    'micro_scrape',
    case
      when not s.due then 'idle'
      when coalesce(s.last_run, '-infinity') < now() - interval '15 minutes' then 'stuck'
      else 'working'
    end,
    case when s.due then 'vehicles with gaps are due' else 'no vehicle is due' end,
    s.last_run,
    case when s.due and coalesce(s.last_run, '-infinity') < now() - interval '15 minutes' then m.why end,
    case when s.due and coalesce(s.last_run, '-infinity') < now() - interval '15 minutes' then m.what_to_type end
  from (
    select
      exists (select from public.micro_scrape_state where state = 'due') as due,
      (select max(started_at) from public.micro_scrape_runs) as last_run
  ) s
  cross join private.remedy('micro-scrape-bandaid') m

  union all
  select
    'host ' || h.host,
    'waiting',
    'asked again at ' || greatest(h.retry_at, h.retry_after, h.probe_until),
    coalesce(h.opened_at, h.last_answered_at),
    coalesce(h.opened_because, h.last_message),
    format('select * from source_host_status where host = %L;', h.host)
  from (
    select *
    from public.source_hosts
    where breaker <> 'closed' or retry_after > now()
    order by host
    limit 50
  ) h
$$;
comment on function private.other_parts() is 'Feeds, images, gap filling and hosts that are left alone: rows of pipeline_status.';

create view public.pipeline_status with (security_invoker = true) as
select p.part, p.state, p.what, p.since, p.why, p.what_to_type
from (
  select 1 as place, * from private.run_part()
  union all
  select 2, * from private.queue_parts()
  union all
  select 3, * from private.other_parts()
) p
where current_user <> 'authenticated' or (select private.is_operator()) -- a row that counts nothing is one too many
order by
  array_position(array['stuck', 'failing', 'running', 'working', 'waiting', 'idle', 'off'], p.state),
  p.place, p.part;
comment on view public.pipeline_status is
  'Is it running, what is stuck, why, what do I type: a row each for the orchestrator, every queue, the feeds, the images, gap filling, and every host that is left alone. What is wrong stands first.';
grant select on public.pipeline_status to authenticated, service_role;

grant execute on function
  private.remedy(text),
  private.queue_parts(),
  private.run_part(),
  private.other_parts()
to authenticated, service_role;
