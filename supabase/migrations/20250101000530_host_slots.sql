-- Who may ask which host, and when: slots and the breaker, shared by all workers.

create function private.breaker_open_time(p_times_opened integer) returns interval
language sql immutable parallel safe
set search_path = ''
as $$
  select least('5 minutes'::interval * 2 ^ least(p_times_opened - 1, 20), '6 hours'::interval)
$$;
comment on function private.breaker_open_time(integer) is
  'How long a breaker stays open the nth time in a row: 5, 10, 20 … minutes, at most 6 hours.';
grant execute on function private.breaker_open_time(integer) to service_role;

create function private.ms_until(p_when timestamptz, p_now timestamptz) returns bigint
language sql immutable parallel safe
set search_path = ''
as $$
  select greatest(0, ceil(extract(epoch from p_when - p_now) * 1000))::bigint
$$;
comment on function private.ms_until(timestamptz, timestamptz) is
  'Milliseconds from now until then, never negative: workers get distances, so their clocks may be wrong.';
grant execute on function private.ms_until(timestamptz, timestamptz) to service_role;

create function public.reserve_host_slots(
  p_worker uuid,
  p_requests jsonb,
  p_horizon_ms integer default 3000
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_asked record;
  v_host public.source_hosts;
  v_now timestamptz;
  v_interval interval;
  v_first timestamptz;
  v_barred_until timestamptz;
  v_granted integer;
  v_answer jsonb;
  v_answers jsonb := '[]';
begin
  insert into public.source_hosts (host)
  select distinct r.host
  from jsonb_to_recordset(p_requests) as r(host text)
  order by 1
  on conflict (host) do nothing;

  for v_asked in
    select r.host, least(sum(r.count), 1000)::integer as count,
      bool_or(coalesce(r.probing, false)) as probing, max(r.known_robots) as known_robots
    from jsonb_to_recordset(p_requests)
      as r(host text, count integer, probing boolean, known_robots text)
    group by r.host
    order by r.host -- the same order in every worker: no deadlock
  loop
    select * into strict v_host from public.source_hosts where host = v_asked.host for update;
    v_now := clock_timestamp(); -- after the lock was waited for

    v_interval := greatest(v_host.min_interval_ms, v_host.crawl_delay_ms) * '1 millisecond'::interval;
    v_first := greatest(v_now, v_host.next_slot_at, v_host.retry_after);
    if v_first > v_now + p_horizon_ms * '1 millisecond'::interval then
      v_granted := 0;
    elsif v_interval = '0' then
      v_granted := v_asked.count;
    else
      v_granted := least(v_asked.count, 1 + floor(
        extract(epoch from v_now + p_horizon_ms * '1 millisecond'::interval - v_first)
        / extract(epoch from v_interval)
      )::integer);
    end if;

    -- Until robots.txt is known there is nothing to ask for but robots.txt.
    if coalesce(v_host.robots_fresh_until, '-infinity') <= v_now then
      v_granted := least(v_granted, 1);
    end if;

    -- A breaker that is not closed lets one probe through, of one worker, until it answers or its
    -- time is over. Only the worker that holds the probe may take further requests for it.
    if v_host.breaker <> 'closed' then
      v_barred_until := case v_host.breaker when 'open' then v_host.retry_at else v_host.probe_until end;
      if v_host.breaker = 'half_open' and v_host.probe_holder = p_worker and v_asked.probing then
        v_granted := least(v_granted, 1);
      elsif v_now >= v_barred_until then
        v_granted := least(v_granted, 1);
      else
        v_granted := 0;
        v_first := greatest(v_first, v_barred_until);
      end if;
      if v_granted > 0 then
        v_host.breaker := 'half_open';
        v_host.probe_holder := p_worker;
        v_host.probe_until := v_now + '60 seconds';
      end if;
    end if;

    if v_granted > 0 then
      update public.source_hosts
      set next_slot_at = v_first + v_granted * v_interval,
          breaker = v_host.breaker,
          probe_holder = v_host.probe_holder,
          probe_until = v_host.probe_until
      where host = v_host.host;
    end if;

    v_answer := jsonb_build_object(
      'host', v_host.host,
      'granted', v_granted,
      'first_in_ms', private.ms_until(v_first, v_now),
      'interval_ms', greatest(v_host.min_interval_ms, v_host.crawl_delay_ms),
      'breaker', v_host.breaker,
      'why', coalesce(v_host.opened_because, case when v_host.retry_after > v_now then 'asked to wait' end),
      'robots_version', v_host.robots_fetched_at::text,
      'robots_fresh_ms', private.ms_until(v_host.robots_fresh_until, v_now)
    );
    if v_host.robots_fetched_at::text is distinct from v_asked.known_robots then
      v_answer := v_answer || jsonb_build_object('robots', jsonb_build_object(
        'status', v_host.robots_status,
        'body', v_host.robots_body,
        'error', v_host.robots_error
      ));
    end if;
    v_answers := v_answers || v_answer;
  end loop;
  return v_answers;
end
$$;
comment on function public.reserve_host_slots(uuid, jsonb, integer) is
  'Gives a worker the next free slots of hosts: [{host, count, probing, known_robots}] to [{host, granted, first_in_ms, interval_ms, breaker, why, robots…}]. Slots beyond the horizon are not given away; then first_in_ms says when the next one is. No two workers get the same slot.';
revoke execute on function public.reserve_host_slots(uuid, jsonb, integer) from public, anon, authenticated;
grant execute on function public.reserve_host_slots(uuid, jsonb, integer) to service_role;

create function public.prepare_fetches(p_worker uuid, p_requests jsonb, p_horizon_ms integer, p_urls text[])
returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_snapshots jsonb := public.newest_page_snapshots(p_urls); -- before any host is locked
begin
  return jsonb_build_object(
    'snapshots', v_snapshots, 'slots', public.reserve_host_slots(p_worker, p_requests, p_horizon_ms));
end
$$;
comment on function public.prepare_fetches(uuid, jsonb, integer, text[]) is
  'What a worker needs to know before it fetches, in one call: the newest snapshot of each URL, as newest_page_snapshots(), and slots of hosts, as reserve_host_slots(). Gives {snapshots, slots}.';
revoke execute on function public.prepare_fetches(uuid, jsonb, integer, text[]) from public, anon, authenticated;
grant execute on function public.prepare_fetches(uuid, jsonb, integer, text[]) to service_role;
