create function private.record_host_answers(p_worker uuid, p_answers jsonb) returns void
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
comment on function private.record_host_answers(uuid, jsonb) is
  'Moves the breaker, the pace and Retry-After of hosts by what they answered, in order: [{host, outcome, status, ms, retry_after_ms, message}].';
revoke execute on function private.record_host_answers(uuid, jsonb) from public;
grant execute on function private.record_host_answers(uuid, jsonb) to service_role;
