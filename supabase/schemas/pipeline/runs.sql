-- The pipeline's runs: every ten minutes one, never two at once.

create function private.rescue_pipeline_runs(p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with expired as (
    select id
    from public.pipeline_runs
    where lease_token is not null and lease_expires_at <= clock_timestamp()
    order by lease_expires_at
    limit p_limit
    for update
  ),
  rescued as (
    update public.pipeline_runs r
    set status = 'abandoned',
        ended_at = now(),
        runtime_ms = extract(epoch from now() - started_at) * 1000,
        error_message = private.worker_died(),
        lease_token = null,
        lease_expires_at = null
    from expired
    where r.id = expired.id
    returning 1
  )
  select count(*)::integer from rescued
$$;
comment on function private.rescue_pipeline_runs(integer) is
  'Ends the run of a worker that died: it blocks no other. Gives how many.';

create function public.claim_pipeline_run(p_triggered_by text default 'manual') returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_run public.pipeline_runs;
begin
  perform private.rescue_pipeline_runs(1);
  for i in 1 .. 3 loop
    insert into public.pipeline_runs (triggered_by, lease_token, lease_expires_at)
    values (p_triggered_by, gen_random_uuid(), clock_timestamp() + private.lease_of('pipeline_runs'))
    on conflict do nothing -- the index of the one that runs; whoever comes second waits here for the first
    returning * into v_run;
    if found then
      return jsonb_build_object('claimed', true, 'run_id', v_run.id, 'lease_token', v_run.lease_token);
    end if;
    select * into v_run from public.pipeline_runs where status = 'running';
    exit when found; -- else it ended just now
  end loop;
  return jsonb_build_object(
    'claimed', false,
    'run_id', v_run.id,
    'running_since', v_run.started_at,
    'triggered_by', v_run.triggered_by,
    'lease_expires_at', v_run.lease_expires_at);
end
$$;
comment on function public.claim_pipeline_run(text) is
  'Begins a run under a lease, unless one is under way: {claimed, run_id, lease_token}, or {claimed: false, run_id, running_since, triggered_by, lease_expires_at} of the one that is.';

create function public.heartbeat_pipeline_run(p_run_id uuid, p_token uuid, p_steps jsonb default null)
returns boolean
language sql
set search_path = ''
as $$
  with extended as (
    update public.pipeline_runs
    set lease_expires_at = clock_timestamp() + private.lease_of('pipeline_runs'),
        steps = coalesce(p_steps, steps)
    where id = p_run_id and lease_token = p_token
    returning 1
  )
  select exists (select from extended)
$$;
comment on function public.heartbeat_pipeline_run(uuid, uuid, jsonb) is
  'Extends the lease of a run and notes the steps that are done. False: the run is no longer this worker''s.';

create function public.settle_pipeline_run(
  p_run_id uuid, p_token uuid, p_status text, p_steps jsonb, p_metrics jsonb default null, p_error text default null
) returns boolean
language sql
set search_path = ''
as $$
  with settled as (
    update public.pipeline_runs
    set status = p_status,
        ended_at = clock_timestamp(),
        runtime_ms = extract(epoch from clock_timestamp() - started_at) * 1000,
        steps = p_steps,
        metrics = p_metrics,
        error_message = p_error,
        lease_token = null,
        lease_expires_at = null
    where id = p_run_id and lease_token = p_token
    returning 1
  )
  select exists (select from settled)
$$;
comment on function public.settle_pipeline_run(uuid, uuid, text, jsonb, jsonb, text) is
  'Ends a run with what its steps did. False: the run is no longer this worker''s, and nothing was changed.';

create function public.running_pipeline_run() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'run_id', id, 'running_since', started_at, 'triggered_by', triggered_by, 'lease_expires_at', lease_expires_at)
  from public.pipeline_runs
  where status = 'running' and lease_expires_at > now()
$$;
comment on function public.running_pipeline_run() is 'The run that is under way, or null. Changes nothing.';

create function private.prune_pipeline_runs() returns integer
language sql
set search_path = ''
as $$
  with gone as (
    delete from public.pipeline_runs
    where ended_at is not null and started_at < now() - interval '30 days'
    returning 1
  )
  select count(*)::integer from gone
$$;
comment on function private.prune_pipeline_runs() is 'Forgets runs after 30 days. Gives how many.';
revoke execute on function private.prune_pipeline_runs() from public;

grant execute on function
  private.rescue_pipeline_runs(integer),
  public.claim_pipeline_run(text),
  public.heartbeat_pipeline_run(uuid, uuid, jsonb),
  public.settle_pipeline_run(uuid, uuid, text, jsonb, jsonb, text),
  public.running_pipeline_run()
to service_role;
