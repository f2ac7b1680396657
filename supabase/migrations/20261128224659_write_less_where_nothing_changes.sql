-- Write less where nothing changes.

-- A function may name what comes below it.
set check_function_bodies = off;

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
  v_in_vain boolean;
  v_on_its_way boolean;
  v_is_claimable boolean;
  v_workers integer;
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
  -- claimable then is claimed by a run that is there already, or is seen by cron's next look.
  select
    coalesce(pg_catalog.bool_or(rows_claimed = 0), false),
    coalesce(pg_catalog.bool_or(rows_claimed is null), false)
  into v_in_vain, v_on_its_way
  from public.worker_invocations
  where function_name = p_function
    and invoked_at > pg_catalog.now() - interval '20 seconds'
    and request_id is not null;
  if v_in_vain then
    return;
  end if;
  v_is_claimable := coalesce(p_is_claimable, private.has_claimable(p_function));
  if not v_is_claimable then
    return;
  end if;
  select w.workers, w.batch_size into v_workers, v_batch_size from private.wanted_workers(p_function) w;
  if v_workers is null then
    if v_on_its_way and v_is_claimable is not null then
      return;
    end if;
  else
    v_missing := v_workers - private.runs_under_way(p_function);
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

create or replace function private.lock_due_images_of(p_vehicle_ids uuid[], p_limit integer, p_skip_hosts text[])
returns table (vehicle_id uuid, url text, "position" integer, next_attempt_at timestamptz)
language sql
set search_path = ''
as $$
  select d.vehicle_id, d.url, d.position, d.next_attempt_at
  from public.image_downloads d
  where d.vehicle_id = any (p_vehicle_ids)
    and d.status = 'pending'
    and d.wave <= (select private.last_wave())
    and d.next_attempt_at <= now()
    and d.host <> all (p_skip_hosts)
  order by d.wave, d.position, d.next_attempt_at
  limit p_limit
  for update skip locked
$$;

create or replace function private.note_host_slots(
  p_host public.source_hosts, p_kind text, p_wanted integer, p_paced integer, p_granted integer, p_now timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_waits boolean := p_paced < p_wanted and p_host.breaker = 'closed' and p_host.interval_ms > 0;
  v_is_page boolean := p_kind in ('page', 'new_page');
  v_is_over_budget boolean := coalesce(
    p_kind = 'new_page' and p_granted < p_paced and p_host.budget_until > p_now
      and p_host.new_pages_used + p_granted >= p_host.new_pages_budget, false);
  -- Who waits asks again when its slots are nearly used up.
  v_wait_until timestamptz := p_now + greatest(interval '10 seconds', 3 * p_host.interval_ms * interval '1 millisecond');
begin
  -- A page that is barred by the breaker or by its budget changes nothing of the host.
  if p_granted > 0 or v_waits or (p_paced > p_granted and not v_is_page) then
    update public.source_hosts
    set next_slot_at = p_host.next_slot_at,
        breaker = p_host.breaker,
        probe_holder = p_host.probe_holder,
        probe_until = p_host.probe_until,
        pages_wait_until = case
          -- One whose budget is used up waits for that, and not for a slot.
          when v_is_page and v_waits and p_granted = p_paced then v_wait_until else pages_wait_until end,
        covers_wait_until = case when p_kind = 'cover' and v_waits then v_wait_until else covers_wait_until end,
        covers_wait_since = case
          when p_kind <> 'cover' then covers_wait_since
          when p_granted = 0 then coalesce(covers_wait_since, p_now)
        end,
        galleries_wait_since = case
          when p_kind <> 'gallery' then galleries_wait_since
          when p_granted = 0 then coalesce(galleries_wait_since, p_now)
        end,
        new_pages_used = new_pages_used + case when p_kind = 'new_page' and budget_until > p_now then p_granted else 0 end
    where host = p_host.host;
  end if;

  if not (p_granted > 0 or v_waits or v_is_over_budget) then
    return;
  end if;
  insert into private.host_metrics as m
    (host, began_at, pages, new_pages, covers, galleries, put_off, over_budget, taken_ms)
  values (
    p_host.host, private.metrics_slot(p_now),
    case when v_is_page then p_granted else 0 end,
    case when p_kind = 'new_page' then p_granted else 0 end,
    case when p_kind = 'cover' then p_granted else 0 end,
    case when p_kind = 'gallery' then p_granted else 0 end,
    v_waits::integer,
    v_is_over_budget::integer,
    p_granted * p_host.interval_ms::bigint)
  on conflict (host, began_at) do update
  set pages = m.pages + excluded.pages,
      new_pages = m.new_pages + excluded.new_pages,
      covers = m.covers + excluded.covers,
      galleries = m.galleries + excluded.galleries,
      put_off = m.put_off + excluded.put_off,
      over_budget = m.over_budget + excluded.over_budget,
      taken_ms = m.taken_ms + excluded.taken_ms;
end
$$;

create or replace function private.record_host_answers(p_worker uuid, p_answers jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_said record;
  v_host public.source_hosts;
  v_now timestamptz;
  v_is_probe boolean;
  v_why text;
  v_trouble text;
begin
  -- What each host said in this batch, in order: did it serve, and what came after it last did.
  for v_said in
    with answers as (
      select
        a.value ->> 'host' as host,
        a.value ->> 'outcome' as outcome,
        a.value ->> 'message' as message,
        (a.value ->> 'retry_after_ms')::bigint as retry_after_ms,
        a.value ->> 'status' as status,
        (a.value ->> 'ms')::numeric as ms,
        a.position,
        case
          when a.value ->> 'outcome' in ('rate_limited', 'blocked') then 'refusal'
          when a.value ->> 'outcome' in ('timeout', 'network', 'server_error') then 'error'
          else 'served'
        end as kind
      from jsonb_array_elements(p_answers) with ordinality as a(value, position)
    ),
    since as (
      select *, max(position) filter (where kind = 'served') over (partition by host) as served_at
      from answers
    )
    select
      host,
      count(*) filter (where kind = 'refusal' and position > coalesce(served_at, 0)) as refusals,
      count(*) filter (where kind = 'error' and position > coalesce(served_at, 0)) as errors,
      max(retry_after_ms) as retry_after_ms,
      count(*) filter (where kind = 'served') as good,
      count(*) filter (where outcome = 'rate_limited' or status in ('429', '503')) as limited,
      count(*) filter (where outcome = 'timeout') as timeouts,
      avg(ms) filter (where kind = 'served') as ms,
      (array_agg(outcome order by position desc))[1] as outcome,
      (array_agg(message order by position desc))[1] as message
    from since
    group by host
    order by host -- the same order in every worker: no deadlock
  loop
    select * into v_host from public.source_hosts where host = v_said.host for update;
    continue when not found;
    v_now := clock_timestamp();
    v_is_probe := v_host.breaker = 'half_open' and v_host.probe_holder = p_worker;

    v_host.last_outcome := v_said.outcome;
    v_host.last_message := v_said.message;
    v_host.last_answered_at := v_now;
    if v_said.retry_after_ms > 0 then
      v_host.retry_after := greatest(
        v_host.retry_after, v_now + v_said.retry_after_ms * '1 millisecond'::interval
      );
    end if;

    -- While it is open, answers are late ones: only the probe decides what happens next.
    if v_host.breaker = 'closed' or v_is_probe then
      if v_said.good > 0 then
        v_host.consecutive_refusals := 0;
        v_host.consecutive_errors := 0;
      end if;
      v_host.consecutive_refusals := v_host.consecutive_refusals + v_said.refusals;
      v_host.consecutive_errors := v_host.consecutive_errors + v_said.errors;

      v_why := case
        when v_host.consecutive_refusals >= v_host.refusal_threshold
          then v_host.consecutive_refusals || ' refusals in a row, the last one ' || v_said.outcome
        when v_host.consecutive_errors >= v_host.error_threshold
          then v_host.consecutive_errors || ' errors in a row, the last one ' || v_said.outcome
        when v_is_probe and v_said.refusals + v_said.errors > 0
          then 'the probe failed: ' || v_said.outcome
      end;
      if v_why is not null then
        v_host.breaker := 'open';
        v_host.times_opened := v_host.times_opened + 1;
        v_host.opened_at := v_now;
        v_host.opened_because := v_why;
        v_host.retry_at := greatest(
          v_now + private.breaker_open_time(v_host.times_opened), v_host.retry_after
        );
        v_host.probe_holder := null;
        v_host.probe_until := null;
      elsif v_is_probe then
        v_host.breaker := 'closed';
        v_host.times_opened := 0;
        v_host.opened_at := null;
        v_host.opened_because := null;
        v_host.retry_at := null;
        v_host.probe_holder := null;
        v_host.probe_until := null;
      end if;
    end if;

    v_trouble := private.host_trouble(v_said.limited, v_said.timeouts, v_said.ms, v_host.usual_answer_ms);
    if v_said.ms is not null then
      v_host.usual_answer_ms := round(0.9 * coalesce(v_host.usual_answer_ms, v_said.ms) + 0.1 * v_said.ms);
    end if;
    if v_trouble is not null or v_host.slowed_interval_ms is not null then
      v_host := private.paced_host(v_host, v_said.good, v_trouble, v_now);
    end if;

    update public.source_hosts
    set retry_after = v_host.retry_after,
        slowed_interval_ms = v_host.slowed_interval_ms,
        paced_at = v_host.paced_at,
        paced_because = v_host.paced_because,
        good_answers = v_host.good_answers,
        slowdowns = v_host.slowdowns,
        usual_answer_ms = v_host.usual_answer_ms,
        next_slot_at = v_host.next_slot_at,
        breaker = v_host.breaker,
        consecutive_refusals = v_host.consecutive_refusals,
        consecutive_errors = v_host.consecutive_errors,
        times_opened = v_host.times_opened,
        opened_at = v_host.opened_at,
        opened_because = v_host.opened_because,
        retry_at = v_host.retry_at,
        probe_holder = v_host.probe_holder,
        probe_until = v_host.probe_until,
        last_outcome = v_host.last_outcome,
        last_message = v_host.last_message,
        last_answered_at = v_host.last_answered_at
    where host = v_host.host;
  end loop;
end
$$;
