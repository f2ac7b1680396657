create function private.secret(p_name text) returns text
language sql stable security definer -- Vault is readable by its owner only
set search_path = ''
as $$
  select decrypted_secret from vault.decrypted_secrets where name = p_name
$$;
revoke execute on function private.secret(text) from public;

create function private.wanted_workers(p_function text)
returns table (workers integer, batch_size integer)
language sql stable
set search_path = ''
as $$
  select s.workers, s.batch_size
  from private.worker_scales s
  where s.function_name = p_function
    and s.until > pg_catalog.now()
    and exists (select from public.fill_cycles c where c.cycle_id = s.cycle_id and c.status = 'running')
$$;
comment on function private.wanted_workers(text) is
  'How many runs of a worker side by side, and rows a run, the cycle under way wants; no row: one after another invokes the next, and each has its own size.';
revoke execute on function private.wanted_workers(text) from public;
grant execute on function private.wanted_workers(text) to service_role;

create function private.invoke_worker(
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
comment on function private.invoke_worker(text, jsonb, interval, boolean) is
  'Invokes an edge function through pg_net when its worker would claim something (p_is_claimable: the caller knows), at most once per p_quiet, and in vain at most once in 20 seconds; several at once where wanted_workers() wants several side by side. Places of outside_workers count as runs. Never fails and never waits for a lock.';
revoke execute on function private.invoke_worker(text, jsonb, interval, boolean) from public;
grant execute on function private.invoke_worker(text, jsonb, interval, boolean) to service_role;
