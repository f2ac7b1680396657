-- Outside workers.

-- A function may name what comes below it.
set check_function_bodies = off;

create table public.outside_workers (
  id uuid not null,
  name text not null,
  functions text[] not null,
  places integer not null,
  started_at timestamp with time zone not null default now(),
  seen_at timestamp with time zone not null default now(),
  constraint outside_workers_functions_check
    check (((cardinality(functions) >= 1) and (cardinality(functions) <= 100))),
  constraint outside_workers_name_check check (((name <> ''::text) and (length(name) <= 200))),
  constraint outside_workers_pkey primary key (id),
  constraint outside_workers_places_check check (((places >= 1) and (places <= 1000)))
);

alter table public.outside_workers
  enable row level security;

create or replace function private.invoke_worker(
  p_function text,
  p_body jsonb default '{"background": true}',
  p_quiet interval default '2 seconds',
  p_is_claimable boolean default null
) returns void
language plpgsql
security definer -- reads Vault and calls pg_net for whoever inserted work
set search_path = ''
as $$
declare
  v_url text;
  v_key text;
  v_request bigint;
  v_some_in_vain boolean;
  v_in_vain boolean;
  v_on_its_way boolean;
  v_is_claimable boolean;
  v_workers integer;
  v_outside integer;
  v_batch_size integer;
  v_missing integer := 1;
begin
  -- Debounced without waiting: who does not get the lock knows that another one is calling.
  if not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('invoke:' || p_function, 0)) then
    return;
  end if;
  if exists (
    select from public.worker_invocations
    where function_name = p_function
      and invoked_at > pg_catalog.now() - p_quiet
  ) then
    return;
  end if;
  -- One invocation at a time is on its way to its claim, and after one that found nothing there is a pause: what is
  -- claimable then is claimed by a run that is there already, or is seen by cron's next look. Of several that were
  -- invoked together one may find that the others took all: no pause, but the next ones come one by one.
  select
    coalesce(pg_catalog.bool_or(i.rows_claimed = 0), false),
    coalesce(pg_catalog.bool_and(i.rows_claimed = 0) filter (where i.invoked_at = i.newest), false),
    coalesce(pg_catalog.bool_or(i.rows_claimed is null), false)
  into v_some_in_vain, v_in_vain, v_on_its_way
  from (
    select w.rows_claimed, w.invoked_at, max(w.invoked_at) over () as newest
    from public.worker_invocations w
    where w.function_name = p_function
      and w.invoked_at > pg_catalog.now() - interval '20 seconds'
      and w.request_id is not null
  ) i;
  if v_in_vain then
    return;
  end if;
  v_is_claimable := coalesce(p_is_claimable, private.has_claimable(p_function));
  if not v_is_claimable then
    return;
  end if;
  select w.workers, w.batch_size into v_workers, v_batch_size from private.wanted_workers(p_function) w;
  -- A place outside the edge runtime is as good as a run: who is there takes what is claimable by himself.
  v_outside := private.outside_places(p_function);
  if v_workers is null then
    if v_outside > 0 or v_some_in_vain or (v_on_its_way and v_is_claimable is not null) then
      return;
    end if;
  else
    v_missing := least(
      v_workers - v_outside - private.runs_under_way(p_function), case when v_some_in_vain then 1 end);
    if v_missing <= 0 then
      return;
    end if;
  end if;

  v_url := private.secret('project_url');
  v_key := private.secret('service_role_key');
  if v_url is null or v_key is null then
    insert into public.worker_invocations (function_name, answered_at, error)
    values (p_function, pg_catalog.now(), 'Vault has no secret "project_url" or "service_role_key": see README, first deploy');
    return;
  end if;

  for i in 1 .. v_missing loop
    v_request := net.http_post(
      url := pg_catalog.rtrim(v_url, '/') || '/functions/v1/' || p_function,
      -- Who named a batch size keeps it.
      body := case when v_batch_size is null then '{}' else pg_catalog.jsonb_build_object('batch_size', v_batch_size) end
        || p_body,
      headers := pg_catalog.jsonb_build_object(
        'Content-Type', 'application/json',
        'apikey', v_key,
        'Authorization', 'Bearer ' || v_key
      ),
      timeout_milliseconds := 5000
    );
    insert into public.worker_invocations (function_name, request_id) values (p_function, v_request);
  end loop;
exception when others then
  -- The queue is the truth and cron the safety net: a call that breaks must not fail an insert of work.
  raise warning 'could not invoke %: %', p_function, sqlerrm;
end
$$;

create or replace function private.is_outside_worker() returns boolean
language sql stable
set search_path = ''
as $$
  select coalesce(nullif(current_setting('request.headers', true), '')::jsonb ? 'x-outside-worker', false)
$$;

create or replace function private.note_claim(p_function text, p_rows integer) returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations
  set rows_claimed = p_rows
  where id = (
    select id
    from public.worker_invocations
    where function_name = p_function
      and rows_claimed is null
      and request_id is not null
      and not private.is_outside_worker()
      and invoked_at > now() - interval '1 minute'
    order by invoked_at
    limit 1
    for update skip locked
  )
$$;

create or replace function private.note_end(p_function text) returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations
  set ended_at = clock_timestamp()
  where id = (
    select id
    from public.worker_invocations
    where function_name = p_function
      and rows_claimed > 0
      and ended_at is null
      and not private.is_outside_worker()
      and invoked_at > now() - private.longest_run()
    order by invoked_at
    limit 1
    for update skip locked
  )
$$;

create or replace function private.outside_places(p_function text) returns integer
language sql stable
set search_path = ''
as $$
  select coalesce(sum(w.places), 0)::integer
  from public.outside_workers w
  where p_function = any (w.functions)
    and w.seen_at > pg_catalog.now() - interval '1 minute'
$$;

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
  delete from private.host_metrics
  where (host, began_at) in (
    select host, began_at
    from private.host_metrics
    where began_at < now() - interval '14 days'
    order by began_at
    limit 10000
  );
  delete from public.outside_workers where seen_at < now() - interval '1 day';
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

create or replace function private.remedy(p_function text) returns table (why text, what_to_type text)
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

create or replace function private.why_paused(p_function text) returns text
language sql stable
security definer -- cron.job is its owner's
set search_path = ''
as $$
  select format('cron''s job %s is switched off', w.job)
  from (
    select case p_function
      when 'micro-scrape-bandaid' then 'look-after-micro-scrape'
      when 'backfill-images' then 'look-after-images'
      else 'look-after-queues'
    end as job
  ) w
  where not exists (select from cron.job j where j.jobname = w.job and j.active)
$$;

create or replace function private.worker_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text, waits text, by_itself text)
language sql stable
set search_path = ''
as $$
  select
    'worker ' || w.function_name,
    'failing',
    'the database invokes it, and it does not answer as it should',
    w.last_answered_at,
    m.why,
    m.what_to_type,
    case when q.table_name is not null then private.up_to_thousand((private.queue_metrics(q) ->> 'due')::bigint, 'row') end,
    'it is invoked again within 20 seconds while there is work for it'
  from public.worker_invocation_status w
  cross join lateral private.remedy(w.function_name) m
  left join private.queues q on q.function_name = w.function_name
  where w.meaning not in ('ok', 'no answer yet')
    and private.outside_places(w.function_name) = 0 -- else nobody invokes it, and its last answer stays what it was
$$;

create or replace function public.heartbeat_outside_worker(p_id uuid, p_name text, p_functions text[], p_places integer) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  insert into public.outside_workers as w (id, name, functions, places)
  values (p_id, p_name, p_functions, p_places)
  on conflict (id) do update
  set name = excluded.name,
      functions = excluded.functions,
      places = excluded.places,
      seen_at = now();
  return (
    select jsonb_agg(
      jsonb_build_object(
        'function', f.name,
        'claimable', p.paused is null and coalesce(private.has_claimable(f.name), false),
        'paused', p.paused,
        'batch_size', (select w.batch_size from private.wanted_workers(f.name) w))
      order by f.place)
    from unnest(p_functions) with ordinality f(name, place)
    cross join lateral (select private.why_paused(f.name) as paused offset 0) p
  );
end
$$;

create or replace function public.pipeline_work() returns jsonb
language plpgsql stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  q private.queues;
  v_due integer;
  v_work jsonb := '[]';
begin
  for q in select * from private.queues order by table_name loop
    execute format(
      $sql$
        select (select count(*) from (
            select from public.%1$I where status = 'pending' and %2$I is null limit 1000) a)
          + (select count(*) from (
            select from public.%1$I where status = 'pending' and %2$I <= now() limit 1000) b)
          + (select count(*) from (
            select from public.%1$I where lease_token is not null and lease_expires_at <= now() limit 1000) c)
      $sql$, q.table_name, q.due_column)
    into v_due;
    v_work := v_work || jsonb_build_object(
      'queue', q.table_name, 'function', q.function_name, 'due', v_due,
      'outside', private.outside_places(q.function_name));
  end loop;
  return v_work || jsonb_build_object(
    'queue', 'image_downloads', 'function', 'backfill-images', 'due', private.due_images(2000),
    'outside', private.outside_places('backfill-images'));
end
$$;

create or replace function public.release_outside_worker(p_id uuid) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  delete from public.outside_workers where id = p_id;
  return found;
end
$$;

create view public.outside_worker_status with (security_invoker = true) as
select
  w.name,
  case when w.seen_at > now() - interval '1 minute' then 'here' else 'gone' end as state,
  w.places,
  w.functions,
  w.started_at,
  w.seen_at,
  case when w.seen_at <= now() - interval '1 minute' then
    'it did not say that it ends: its leases have run out and others do its work' end as why
from public.outside_workers w
order by w.seen_at <= now() - interval '1 minute', w.name, w.started_at;

create policy operators_read on public.outside_workers
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.outside_workers.functions is 'The edge functions whose work it does.';

comment on column public.outside_workers.name is 'Of the machine or container that it runs in.';

comment on column public.outside_workers.places is 'How many runs it makes at once, over all of them.';

comment on function private.invoke_worker(text, jsonb, interval, boolean) is 'Invokes an edge function through pg_net when its worker would claim something (p_is_claimable: the caller knows), at most once per p_quiet, and in vain at most once in 20 seconds; several at once where wanted_workers() wants several side by side. Places of outside_workers count as runs. Never fails and never waits for a lock.';

comment on function private.is_outside_worker() is 'Whether the call comes from a process outside the edge runtime, which nobody invoked: what it claims says nothing of an invocation on its way.';

comment on function private.outside_places(text) is 'For how many runs of a worker there is a place outside the edge runtime, in processes that were seen within a minute: the database invokes its edge function only for what is wanted beyond them.';

comment on function private.remedy(text) is 'Why a worker that should run does not, as far as its last invocation tells, or that a process outside the edge runtime does its work; and what to type.';

comment on function private.why_paused(text) is 'Why a worker outside the edge runtime does not begin a run: an operator switched off the job that looks after this worker. Null: it may.';

comment on function private.worker_parts() is 'Edge functions whose last answer was none, or a mistake, and whose work no process outside the edge runtime does: rows of pipeline_status.';

comment on function public.heartbeat_outside_worker(uuid, text, text[], integer) is
  'For a process outside the edge runtime, at least every half minute: it is here, does the work of these functions and has so many places. Gives, in their order, [{function, claimable, paused, batch_size}]: whether a run would claim a row now, why none may begin, how many rows the cycle under way wants a run to take (null: as the worker has it).';

comment on function public.pipeline_work() is 'What could be worked on now, as [{queue, function, due, outside}]; due is counted up to a bound, and includes what a worker that died still holds; outside: for how many runs there is a place outside the edge runtime. Changes nothing.';

comment on function public.release_outside_worker(uuid) is 'For a process outside the edge runtime that ends: it begins no run any more, and the database invokes edge functions in its stead. Gives whether it was here.';

comment on table public.outside_workers is 'One row a process that runs workers outside the edge runtime. One that ends removes its row; one that was killed is no longer counted a minute after it was seen last, and forgotten after a day.';

comment on view public.outside_worker_status is 'The processes that run workers outside the edge runtime: here, or gone without a word (killed, or cut off from the database) in the last day.';

revoke all on function private.is_outside_worker() from public;

grant execute on function private.is_outside_worker() to postgres, service_role;

revoke all on function private.outside_places(text) from public;

grant execute on function private.outside_places(text) to authenticated, postgres, service_role;

revoke all on function private.why_paused(text) from public;

grant execute on function private.why_paused(text) to postgres, service_role;

revoke all on function public.heartbeat_outside_worker(uuid, text, text[], integer) from public;

grant execute
  on function public.heartbeat_outside_worker(uuid, text, text[], integer)
  to postgres, service_role;

revoke all on function public.release_outside_worker(uuid) from public;

grant execute on function public.release_outside_worker(uuid) to postgres, service_role;

grant select on table public.outside_workers to authenticated;

grant all on table public.outside_workers to postgres, service_role;

grant select on table public.outside_worker_status to authenticated;

grant all on table public.outside_worker_status to postgres, service_role;
