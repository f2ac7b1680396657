-- What the hosts answered: health, breaker, robots and snapshots in one call.

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
begin
  -- What each host said in this batch, in order: did it serve, and what came after it last did.
  for v_said in
    with answers as (
      select
        a.value ->> 'host' as host,
        a.value ->> 'outcome' as outcome,
        a.value ->> 'message' as message,
        (a.value ->> 'retry_after_ms')::bigint as retry_after_ms,
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
      bool_or(kind = 'served') as served,
      count(*) filter (where kind = 'refusal' and position > coalesce(served_at, 0)) as refusals,
      count(*) filter (where kind = 'error' and position > coalesce(served_at, 0)) as errors,
      max(retry_after_ms) as retry_after_ms,
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
      if v_said.served then
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

    update public.source_hosts
    set retry_after = v_host.retry_after,
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
  'Moves the breaker and Retry-After of hosts by what they answered, in order: [{host, outcome, retry_after_ms, message}].';
revoke execute on function private.record_host_answers(uuid, jsonb) from public;
grant execute on function private.record_host_answers(uuid, jsonb) to service_role;

create function public.record_fetches(p_worker uuid, p_report jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
begin
  -- Hosts first, all in one order, then the rest, which locks nothing that others wait for long.
  perform from public.source_hosts
  where host in (
    select value ->> 'host' from jsonb_array_elements(p_report -> 'answers')
    union all
    select value ->> 'host' from jsonb_array_elements(p_report -> 'robots')
    union all
    select value #>> '{}' from jsonb_array_elements(p_report -> 'released')
  )
  order by host
  for update;

  perform private.record_host_answers(p_worker, p_report -> 'answers');

  -- A robots.txt that cannot be reached does not unsay the one that was read before (RFC 9309, 2.4).
  update public.source_hosts h
  set robots_status = r.status,
      robots_body = case when r.error is null then r.body else h.robots_body end,
      robots_error = r.error,
      crawl_delay_ms = case when r.error is null then r.crawl_delay_ms else h.crawl_delay_ms end,
      -- A delay that was not known when the last slot was given counts from now.
      next_slot_at = case
        when r.crawl_delay_ms > greatest(h.min_interval_ms, h.crawl_delay_ms)
          then greatest(h.next_slot_at, clock_timestamp() + r.crawl_delay_ms * '1 millisecond'::interval)
        else h.next_slot_at
      end,
      robots_fetched_at = clock_timestamp(),
      robots_fresh_until = clock_timestamp() + r.fresh_ms * '1 millisecond'::interval
  from (
    select distinct on (host) * from jsonb_to_recordset(p_report -> 'robots')
      as r(host text, status integer, body text, error text, crawl_delay_ms integer, fresh_ms bigint)
  ) as r
  where h.host = r.host;

  -- A probe that ended without an answer is given back, for the next worker to try at once.
  update public.source_hosts
  set breaker = 'open', probe_holder = null, probe_until = null
  where host in (select value #>> '{}' from jsonb_array_elements(p_report -> 'released'))
    and breaker = 'half_open'
    and probe_holder = p_worker;

  insert into public.scraping_health (source, host, url, outcome, status, ms, bytes, message, created_at)
  select a.source, a.host, a.url, a.outcome, a.status, a.ms, a.bytes, a.message,
    clock_timestamp() - a.age_ms * '1 millisecond'::interval
  from jsonb_to_recordset(p_report -> 'attempts') as a(
    source text, host text, url text, outcome text, status integer, ms integer, bytes bigint,
    message text, age_ms bigint
  );

  insert into public.page_snapshots as held (
    id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, etag, last_modified,
    content_type, bytes, stored_bytes, storage_path
  )
  select distinct on (s.canonical_url, s.sha256)
    s.id, s.canonical_url, s.url, s.final_url, s.sha256, s.fetched_at, s.fetched_at, s.status, s.etag,
    s.last_modified, s.content_type, s.bytes, s.stored_bytes, s.storage_path
  from jsonb_to_recordset(p_report -> 'snapshots') as s(
    id uuid, canonical_url text, url text, final_url text, sha256 text, fetched_at timestamptz,
    status integer, etag text, last_modified text, content_type text, bytes integer,
    stored_bytes integer, storage_path text
  )
  order by s.canonical_url, s.sha256, s.fetched_at desc
  on conflict (canonical_url, sha256) do update
  set last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at),
      final_url = excluded.final_url,
      etag = excluded.etag,
      last_modified = excluded.last_modified;

  with seen as (
    select s.id, min(s.age_ms) as age_ms
    from jsonb_to_recordset(p_report -> 'seen') as s(id uuid, age_ms bigint)
    group by s.id
  ),
  locked as (
    select h.id, seen.age_ms
    from public.page_snapshots h join seen on seen.id = h.id
    order by h.canonical_url, h.sha256
    for update of h
  )
  update public.page_snapshots h
  set last_seen_at = greatest(h.last_seen_at, clock_timestamp() - locked.age_ms * '1 millisecond'::interval)
  from locked
  where h.id = locked.id;

  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'host', h.host,
      'breaker', h.breaker,
      'why', h.opened_because,
      'retry_in_ms', private.ms_until(greatest(h.retry_at, h.retry_after), clock_timestamp())
    ) order by h.host)
    from public.source_hosts h
    where h.host in (select value ->> 'host' from jsonb_array_elements(p_report -> 'answers'))
  ), '[]');
end
$$;
comment on function public.record_fetches(uuid, jsonb) is
  'Writes what a worker fetched, in one go: {attempts, answers, robots, released, snapshots, seen}. Gives how the hosts that answered now stand.';
revoke execute on function public.record_fetches(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_fetches(uuid, jsonb) to service_role;
