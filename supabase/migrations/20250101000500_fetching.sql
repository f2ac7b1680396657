-- Manners and memory of fetching: how fast a host may be asked, whether it may be asked at all, what
-- it answered, and which pages are kept. All workers share it, so what must be atomic is decided here.

-- Hosts ------------------------------------------------------------------------------------------

create table public.source_hosts (
  host text primary key check (host = lower(host) and host ~ '^[^/\s]+$' and host !~ '^www\.'),

  min_interval_ms integer not null default 1000 check (min_interval_ms between 0 and 3600000),
  crawl_delay_ms integer check (crawl_delay_ms between 0 and 3600000),
  next_slot_at timestamptz not null default now(),
  retry_after timestamptz,

  breaker text not null default 'closed' check (breaker in ('closed', 'open', 'half_open')),
  refusal_threshold integer not null default 3 check (refusal_threshold > 0),
  error_threshold integer default 10 check (error_threshold > 0),
  consecutive_refusals integer not null default 0 check (consecutive_refusals >= 0),
  consecutive_errors integer not null default 0 check (consecutive_errors >= 0),
  times_opened integer not null default 0 check (times_opened >= 0),
  opened_at timestamptz,
  opened_because text check (opened_because <> ''),
  retry_at timestamptz,
  probe_holder uuid,
  probe_until timestamptz,

  last_outcome text,
  last_message text,
  last_answered_at timestamptz,

  robots_body text check (octet_length(robots_body) <= 600000),
  robots_status integer check (robots_status between 100 and 599),
  robots_error text check (robots_error <> ''),
  robots_fetched_at timestamptz,
  robots_fresh_until timestamptz,

  created_at timestamptz not null default now(),

  check ((breaker = 'closed') = (opened_at is null)),
  check ((breaker = 'closed') = (opened_because is null)),
  check ((breaker = 'closed') = (retry_at is null)),
  check ((breaker = 'closed') = (times_opened = 0)),
  check ((breaker = 'half_open') = (probe_holder is not null)),
  check ((breaker = 'half_open') = (probe_until is not null)),
  check (retry_at >= opened_at),
  check ((robots_fetched_at is null) = (robots_fresh_until is null))
) with (fillfactor = 70);
comment on table public.source_hosts is
  'One row a host ever asked, without www: its rate, its breaker and its robots.txt, shared by all workers. min_interval_ms and the thresholds are an operator''s to set.';
comment on column public.source_hosts.min_interval_ms is
  'Least time between two requests of all workers together. The robots.txt of the host can only raise it (crawl_delay_ms).';
comment on column public.source_hosts.next_slot_at is
  'When the next request may start: every earlier slot is given away.';
comment on column public.source_hosts.retry_after is
  'The host said Retry-After (or 429 without one): nothing is asked before.';
comment on column public.source_hosts.refusal_threshold is
  'So many answers in a row of rate_limited or blocked open the breaker.';
comment on column public.source_hosts.error_threshold is
  'So many failures in a row of timeout, network or server_error open the breaker; null: they never do.';
comment on column public.source_hosts.times_opened is
  'How often the breaker opened since it was last closed: each time it stays open longer.';
comment on column public.source_hosts.robots_error is
  'Why the last attempt at robots.txt failed. While there is no body, nothing is fetched until robots_fresh_until.';

alter table public.source_hosts enable row level security;
create policy operators_read on public.source_hosts
  for select to authenticated using ((select private.is_operator()));
grant select on public.source_hosts to authenticated;
grant all on public.source_hosts to service_role;

-- Attempts ---------------------------------------------------------------------------------------

create table public.scraping_health (
  id bigint generated always as identity primary key,
  source text not null check (source <> ''),
  host text,
  url text not null,
  outcome text not null check (outcome in (
    'ok', 'not_modified', 'gone', 'rate_limited', 'blocked', 'robots_disallowed', 'timeout', 'network',
    'server_error', 'too_large', 'unreadable', 'not_a_listing', 'invalid'
  )),
  status integer check (status between 100 and 999),
  ms integer not null check (ms >= 0),
  bytes bigint not null default 0 check (bytes >= 0),
  message text,
  created_at timestamptz not null default now()
);
comment on table public.scraping_health is
  'One row an attempt at one URL: source, who answered, outcome code, HTTP status, milliseconds, decoded bytes. Kept 60 days.';
create index scraping_health_by_time on public.scraping_health (created_at);
create index scraping_health_by_host on public.scraping_health (host, created_at desc);

alter table public.scraping_health enable row level security;
create policy operators_read on public.scraping_health
  for select to authenticated using ((select private.is_operator()));
grant select on public.scraping_health to authenticated;
grant all on public.scraping_health to service_role;

create function private.prune_scraping_health(
  p_older_than interval default '60 days',
  p_portion integer default 10000
) returns integer
language sql
set search_path = ''
as $$
  with old as (
    select id from public.scraping_health
    where created_at < now() - p_older_than
    order by created_at
    limit p_portion
  ),
  gone as (
    delete from public.scraping_health h using old where h.id = old.id returning 1
  )
  select count(*)::integer from gone
$$;
comment on function private.prune_scraping_health(interval, integer) is
  'Forgets old attempts, at most a portion a call; cron calls it every hour. Gives how many.';
revoke execute on function private.prune_scraping_health(interval, integer) from public;
select cron.schedule('prune-scraping-health', '17 * * * *', 'select private.prune_scraping_health()');

-- Snapshots --------------------------------------------------------------------------------------

create table public.page_snapshots (
  id uuid primary key default gen_random_uuid(),
  canonical_url text not null check (canonical_url ~ '^https://'),
  url text not null,
  final_url text not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  fetched_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  status integer not null check (status between 200 and 299),
  etag text check (etag <> ''),
  last_modified text check (last_modified <> ''),
  content_type text not null,
  bytes integer not null check (bytes > 0),
  stored_bytes integer not null check (stored_bytes > 0),
  storage_path text not null check (storage_path <> ''),
  is_good boolean not null default true,
  unique (canonical_url, sha256),
  check (last_seen_at >= fetched_at)
);
comment on table public.page_snapshots is
  'One row a different content of one listing''s page, kept in Storage (bucket page-snapshots, gzip, named by its sha-256). Seen again unchanged: last_seen_at moves.';
comment on column public.page_snapshots.final_url is
  'Where redirects led. The validators (etag, last_modified) hold for this address only.';
comment on column public.page_snapshots.sha256 is
  'Of the bytes as the site sent them, before compression and before decoding to text.';
comment on column public.page_snapshots.is_good is
  'Whether it may be read from and asked about again. Set to false by hand for a page that should never have been kept.';
create index page_snapshots_newest on public.page_snapshots (canonical_url, last_seen_at desc) where is_good;
create index page_snapshots_by_content on public.page_snapshots (sha256);

alter table public.page_snapshots enable row level security;
create policy operators_read on public.page_snapshots
  for select to authenticated using ((select private.is_operator()));
grant select on public.page_snapshots to authenticated;
grant all on public.page_snapshots to service_role;

-- The bucket. Where Storage keeps its tables elsewhere, the first upload creates it.
do $$
begin
  if to_regclass('storage.buckets') is not null then
    insert into storage.buckets (id, name, public)
    values ('page-snapshots', 'page-snapshots', false)
    on conflict (id) do nothing;
  end if;
end
$$;

create function public.newest_page_snapshots(p_urls text[]) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'url', asked.url,
    'canonical_url', asked.canonical_url,
    'snapshot', newest.snapshot
  )), '[]')
  from (
    select distinct u.url, public.canonical_listing_url(u.url) as canonical_url
    from unnest(p_urls) as u(url)
  ) as asked
  left join lateral (
    select jsonb_build_object(
      'id', s.id,
      'canonical_url', s.canonical_url,
      'url', s.url,
      'final_url', s.final_url,
      'sha256', s.sha256,
      'fetched_at', s.fetched_at,
      'last_seen_ms_ago', greatest(0, extract(epoch from now() - s.last_seen_at) * 1000)::bigint,
      'status', s.status,
      'etag', s.etag,
      'last_modified', s.last_modified,
      'content_type', s.content_type,
      'bytes', s.bytes,
      'stored_bytes', s.stored_bytes,
      'storage_path', s.storage_path
    ) as snapshot
    from public.page_snapshots s
    where s.canonical_url = asked.canonical_url
      and s.is_good
    order by s.last_seen_at desc
    limit 1
  ) as newest on true
$$;
comment on function public.newest_page_snapshots(text[]) is
  'For each URL its canonical spelling and its newest good snapshot, or null: [{url, canonical_url, snapshot}].';
revoke execute on function public.newest_page_snapshots(text[]) from public, anon, authenticated;
grant execute on function public.newest_page_snapshots(text[]) to service_role;

-- Slots and the breaker --------------------------------------------------------------------------

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

-- For people -------------------------------------------------------------------------------------

create view public.source_host_status with (security_invoker = true) as
select
  h.host,
  greatest(h.min_interval_ms, h.crawl_delay_ms) as interval_ms,
  h.breaker,
  case
    when h.breaker = 'half_open' then 'one request is trying whether it serves again; ' || h.opened_because
    when h.breaker = 'open' then h.opened_because
    when h.retry_after > now() then 'it asked to wait (Retry-After)'
    when h.robots_error is not null and h.robots_fresh_until > now() and h.robots_body is null
      then 'robots.txt cannot be read: ' || h.robots_error
    else 'may be asked'
  end as why,
  case
    when h.breaker = 'half_open' then h.probe_until
    when h.breaker = 'open' then greatest(h.retry_at, h.retry_after)
    when h.retry_after > now() then h.retry_after
    when h.robots_error is not null and h.robots_fresh_until > now() and h.robots_body is null
      then h.robots_fresh_until
  end as until,
  h.last_outcome,
  h.last_message,
  h.last_answered_at,
  day.attempts as attempts_24h,
  day.served as served_24h,
  case
    when h.robots_fetched_at is null then 'not read yet'
    when h.robots_error is not null then 'unreachable: ' || h.robots_error
    when h.robots_status between 200 and 299 then 'read'
    else 'none (' || h.robots_status || ')'
  end as robots,
  h.robots_fetched_at
from public.source_hosts h
cross join lateral (
  select
    count(*) as attempts,
    count(*) filter (where outcome in ('ok', 'not_modified', 'gone')) as served
  from public.scraping_health a
  where a.host = h.host
    and a.created_at > now() - interval '1 day'
) as day;
comment on view public.source_host_status is
  'How each host stands: how fast it is asked, whether it may be asked, why not and until when, and what it answered last.';
grant select on public.source_host_status to authenticated, service_role;
