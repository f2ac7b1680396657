-- Pull levers.

-- A function may name what comes below it.
set check_function_bodies = off;

create table private.host_metrics (
  host text not null,
  began_at timestamp with time zone not null,
  pages integer not null default 0,
  new_pages integer not null default 0,
  covers integer not null default 0,
  galleries integer not null default 0,
  put_off integer not null default 0,
  over_budget integer not null default 0,
  taken_ms bigint not null default 0,
  constraint host_metrics_pkey primary key (host, began_at)
);

alter table private.host_metrics
  enable row level security;

alter table private.host_metrics
  set (fillfactor=50);

create table private.worker_scales (
  function_name text not null,
  cycle_id text not null,
  workers integer not null,
  batch_size integer,
  until timestamp with time zone not null,
  constraint worker_scales_batch_size_check check ((batch_size >= 1)),
  constraint worker_scales_pkey primary key (function_name),
  constraint worker_scales_workers_check check ((workers >= 1))
);

alter table private.worker_scales
  enable row level security;

alter table public.listing_feeds
  add column is_adaptive boolean not null default true;

alter table public.source_hosts
  add column slowed_interval_ms integer;

alter table public.source_hosts
  add column interval_ms integer generated always as
    (greatest(min_interval_ms, crawl_delay_ms, slowed_interval_ms)) stored not null;

alter table public.source_hosts
  add column pages_wait_until timestamp with time zone;

alter table public.source_hosts
  add column covers_wait_until timestamp with time zone;

alter table public.source_hosts
  add column covers_wait_since timestamp with time zone;

alter table public.source_hosts
  add column galleries_wait_since timestamp with time zone;

alter table public.source_hosts
  add column new_pages_budget integer;

alter table public.source_hosts
  add column new_pages_used integer not null default 0;

alter table public.source_hosts
  add column budget_until timestamp with time zone;

alter table public.worker_invocations
  add column ended_at timestamp with time zone;

create or replace function private.behind_pages(
  p_host public.source_hosts, p_kind text, p_granted integer, p_first timestamptz, p_now timestamptz,
  p_horizon_ms integer
)
returns table (granted integer, first_at timestamptz, why text)
language plpgsql stable
set search_path = ''
as $$
declare
  v_until timestamptz := case p_kind
    when 'cover' then p_host.pages_wait_until
    else greatest(p_host.pages_wait_until, p_host.covers_wait_until)
  end;
  -- So long they are put off, then one goes: nothing waits for ever.
  v_turn_at timestamptz := case p_kind
    when 'cover' then p_host.covers_wait_since + interval '10 seconds'
    else p_host.galleries_wait_since + interval '1 minute'
  end;
begin
  if v_until is null or v_until <= p_now or p_host.interval_ms = 0 then
    return query select p_granted, p_first, null::text;
  elsif v_turn_at <= p_now
    and p_first <= p_now + (2 * p_horizon_ms + p_host.interval_ms) * interval '1 millisecond' then
    return query select 1, p_first, null::text; -- beyond the horizon too, which pages fill
  else
    return query select
      0,
      greatest(p_first, p_now + interval '1 second', least(v_until, coalesce(v_turn_at, v_until))),
      'pages of this host come first'::text;
  end if;
end
$$;

create or replace function private.check_feeds_sooner(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_floor interval := (select feed_interval_floor from public.fill_policy);
  v_moved jsonb;
begin
  with sooner as (
    select f.id, f.source, private.url_host(f.url) as host, f.next_check_at as was,
      greatest(now(), f.last_checked_at + v_floor) as next
    from public.listing_feeds f
    where f.lease_token is null
      and f.next_check_at > greatest(now(), f.last_checked_at + v_floor)
      and private.may_activate(f)
    order by f.id
    for update of f skip locked
  ),
  moved as (
    update public.listing_feeds f
    set next_check_at = s.next
    from sooner s
    where f.id = s.id
    returning coalesce(s.source, s.host) as source, s.was, s.next
  ),
  by_source as (
    select source, count(*) as feeds, max(extract(epoch from was - next)) as by_seconds, min(was) as was, min(next) as next
    from moved
    group by source
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'feed_interval', source, was::text, next::text,
      'below target: its feeds are checked as soon as the floor allows',
      jsonb_build_object('feeds', feeds, 'sooner_by_seconds_at_most', round(by_seconds))
    from by_source
    returning 1
  )
  select jsonb_build_object('sources', (select count(*) from decided), 'feeds', coalesce(sum(feeds), 0))
  into v_moved
  from by_source;
  return v_moved;
end
$$;

create or replace function private.host_limits(p_from timestamptz, p_to timestamptz default null)
returns table (
  host text, requests bigint, pages bigint, new_pages bigint, put_off bigint, over_budget bigint, interval_ms integer,
  taken_percent numeric, at_limit boolean, why text
)
language sql stable
set search_path = ''
as $$
  with asked as (
    select
      m.host,
      sum(m.pages + m.covers + m.galleries) as requests,
      sum(m.pages) as pages,
      sum(m.new_pages) as new_pages,
      sum(m.put_off) as put_off,
      sum(m.over_budget) as over_budget,
      sum(m.taken_ms) as taken_ms
    from private.host_metrics m
    where m.began_at >= private.metrics_slot(p_from)
      and m.began_at < coalesce(p_to, now())
    group by m.host
  ),
  stood as (
    select
      a.*, h.interval_ms, h.min_interval_ms, h.crawl_delay_ms, h.slowed_interval_ms,
      100 * a.taken_ms / greatest(
        extract(epoch from least(coalesce(p_to, now()), now()) - private.metrics_slot(p_from)) * 1000, 1) as taken
    from asked a
    left join public.source_hosts h on h.host = a.host
  )
  select
    s.host, s.requests, s.pages, s.new_pages, s.put_off, s.over_budget, s.interval_ms,
    round(least(s.taken, 100), 1),
    s.put_off > 0 and s.taken >= 80,
    case
      when s.slowed_interval_ms > greatest(s.min_interval_ms, s.crawl_delay_ms) then 'its answers slowed it down'
      when s.crawl_delay_ms > s.min_interval_ms then 'crawl-delay of its robots.txt'
      else 'min_interval_ms'
    end
  from stood s
  order by s.taken desc, s.host
$$;

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

create or replace function private.longest_run() returns interval
language sql immutable parallel safe
return interval '40 seconds';

create or replace function private.may_activate(p_feed public.listing_feeds) returns boolean
language sql stable
set search_path = ''
as $$
  select p_feed.enabled
    and p_feed.failures = 0
    and p_feed.is_adaptive
    and p_feed.check_interval = coalesce(p_feed.code_interval, p_feed.check_interval) -- else it is an operator's
    and not exists (
      select from public.scrape_sources s
      where (s.slug = p_feed.source or p_feed.source is null and private.url_host(p_feed.url) = any (s.hosts))
        and not (s.is_active and s.lifecycle in ('active', 'probation')))
$$;

create or replace function private.metrics_slot(p_at timestamptz) returns timestamptz
language sql immutable parallel safe
return to_timestamp(floor(extract(epoch from p_at) / 600) * 600);

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
      and invoked_at > now() - private.longest_run()
    order by invoked_at
    limit 1
    for update skip locked
  )
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
  -- Who waits asks again when its slots are nearly used up.
  v_wait_until timestamptz := p_now + greatest(interval '10 seconds', 3 * p_host.interval_ms * interval '1 millisecond');
begin
  if p_granted > 0 or v_waits or p_paced > p_granted then
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

  insert into private.host_metrics as m
    (host, began_at, pages, new_pages, covers, galleries, put_off, over_budget, taken_ms)
  values (
    p_host.host, private.metrics_slot(p_now),
    case when v_is_page then p_granted else 0 end,
    case when p_kind = 'new_page' then p_granted else 0 end,
    case when p_kind = 'cover' then p_granted else 0 end,
    case when p_kind = 'gallery' then p_granted else 0 end,
    case when v_waits then 1 else 0 end,
    case
      when p_kind = 'new_page' and p_granted < p_paced and p_host.budget_until > p_now
        and p_host.new_pages_used + p_granted >= p_host.new_pages_budget then 1
      else 0
    end,
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

create or replace function private.running_cycle(p_cycle_id text) returns public.fill_cycles
language plpgsql stable
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles;
begin
  select * into v_cycle from public.fill_cycles c where c.cycle_id = p_cycle_id;
  if not found then
    raise exception 'no cycle "%"', p_cycle_id
      using errcode = '22023', hint = 'select cycle_id from fill_cycles order by slot desc limit 5;';
  end if;
  return v_cycle;
end
$$;

create or replace function private.runs_under_way(p_function text) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from public.worker_invocations
  where function_name = p_function
    and invoked_at > pg_catalog.now() - private.longest_run()
    and request_id is not null
    and ended_at is null
    and (rows_claimed > 0 or (rows_claimed is null and invoked_at > pg_catalog.now() - interval '20 seconds'))
$$;

create or replace function private.wanted_workers(p_function text)
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

create or replace function private.worker_backlogs()
returns table (function_name text, due bigint, sizes_batches boolean)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues order by table_name loop -- one look into the index a queue
    function_name := q.function_name;
    due := (private.counted(
      format('from public.%I where status = ''pending'' and %I is null', q.table_name, q.due_column),
      q.table_name || '_due') ->> 'count')::bigint;
    sizes_batches := q.table_name <> 'backfill_queue'; -- its rows are snapshots: it takes 50 by itself
    return next;
  end loop;
  function_name := 'micro-scrape-bandaid';
  due := (private.counted('from public.micro_scrape_state where state = ''due''', 'micro_scrape_state_due') ->> 'count')::bigint;
  sizes_batches := true;
  return next;
  function_name := 'backfill-images';
  due := private.due_images(10001);
  sizes_batches := false; -- its rows are pictures: it takes 200 by itself
  return next;
end
$$;

create or replace function public.activate_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles := private.running_cycle(p_cycle_id);
  v_feeds jsonb;
begin
  if v_cycle.status <> 'running' then
    return jsonb_build_object('cycle_id', p_cycle_id, 'feeds', 0, 'sources', 0, 'why', 'the cycle has ended');
  end if;
  v_feeds := private.check_feeds_sooner(p_cycle_id);
  if (v_feeds ->> 'feeds')::integer > 0 then
    perform private.invoke_worker('discover-listings');
  end if;
  return jsonb_build_object('cycle_id', p_cycle_id) || v_feeds;
end
$$;

create or replace function public.invoke_micro_scrape_if_due() returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_is_claimable boolean := private.has_claimable('micro-scrape-bandaid');
begin
  perform private.note_end('micro-scrape-bandaid');
  if v_is_claimable then
    perform private.invoke_worker(
      'micro-scrape-bandaid', '{"triggered_by": "backlog", "background": true}', '0 seconds', p_is_claimable => true);
  end if;
  return v_is_claimable;
end
$$;

create or replace function public.invoke_queue_if_due(p_queue text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_is_claimable boolean := private.queue_is_claimable(p_queue);
begin
  perform private.note_end(q.function_name);
  if v_is_claimable then
    -- Every run that ends invokes the next, so the quiet time is what limits how many run at once.
    perform private.invoke_worker(q.function_name, p_quiet => '0.5 seconds', p_is_claimable => true);
  end if;
  return v_is_claimable;
end
$$;

create or replace function public.reserve_host_slots(
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
  v_paced integer; -- what the pace would give
  v_why text;
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
      bool_or(coalesce(r.probing, false)) as probing, max(r.known_robots) as known_robots,
      -- Asked for together they go as the most urgent of them.
      (array['page', 'new_page', 'cover', 'gallery'])[min(
        coalesce(array_position(array['page', 'new_page', 'cover', 'gallery'], r.kind), 1))] as kind
    from jsonb_to_recordset(p_requests)
      as r(host text, count integer, probing boolean, known_robots text, kind text)
    group by r.host
    order by r.host -- the same order in every worker: no deadlock
  loop
    select * into strict v_host from public.source_hosts where host = v_asked.host for update;
    v_now := clock_timestamp(); -- after the lock was waited for

    v_interval := v_host.interval_ms * '1 millisecond'::interval;
    v_why := null;
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
    v_paced := v_granted;

    if v_asked.kind in ('cover', 'gallery') then
      select t.granted, t.first_at, t.why into v_granted, v_first, v_why
      from private.behind_pages(v_host, v_asked.kind, v_granted, v_first, v_now, p_horizon_ms) t;
    elsif v_asked.kind = 'new_page' and v_host.budget_until > v_now
      and v_granted > v_host.new_pages_budget - v_host.new_pages_used then
      v_granted := greatest(v_host.new_pages_budget - v_host.new_pages_used, 0);
      if v_granted = 0 then
        v_first := least(v_host.budget_until, v_now + interval '10 minutes'); -- by then it may have been raised
        v_why := 'the requests for new pages that its budget gives it are used up';
      end if;
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
      v_host.next_slot_at := v_first + v_granted * v_interval;
    end if;
    perform private.note_host_slots(v_host, v_asked.kind, v_asked.count, v_paced, v_granted, v_now);

    v_answer := jsonb_build_object(
      'host', v_host.host,
      'granted', v_granted,
      'first_in_ms', private.ms_until(v_first, v_now),
      'interval_ms', v_host.interval_ms,
      'breaker', v_host.breaker,
      'why', coalesce(
        v_host.opened_because, v_why, case when v_host.retry_after > v_now then 'asked to wait' end),
      'put_off', v_why is not null,
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

create or replace function public.scale_workers(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles := private.running_cycle(p_cycle_id);
  v_policy public.fill_policy;
  v_scaled jsonb;
  v_moved integer;
  v_function text;
begin
  select * into strict v_policy from public.fill_policy;
  if v_cycle.status <> 'running' then
    delete from private.worker_scales where cycle_id = p_cycle_id;
    return jsonb_build_object('cycle_id', p_cycle_id, 'workers', '[]'::jsonb, 'moved', 0, 'why', 'the cycle has ended');
  end if;

  with backlogs as materialized (
    select b.*,
      -- A run of 30 seconds works one batch; a backlog is to be gone in ten minutes, which is twenty runs.
      case
        when b.sizes_batches
          then least(greatest(b.due, v_policy.batch_size_floor), v_policy.batch_size_ceiling)::integer
        when b.function_name = 'backfill-images' then 200
        else 50
      end as batch_size
    from private.worker_backlogs() b
  ),
  wanted as (
    select b.*,
      least(greatest(ceil(b.due / (20.0 * b.batch_size)), v_policy.workers_floor), v_policy.workers_ceiling)::integer
        as workers
    from backlogs b
  ),
  held as materialized (
    select s.* from private.worker_scales s where s.cycle_id = p_cycle_id and s.until > now()
  ),
  written as (
    insert into private.worker_scales as s (function_name, cycle_id, workers, batch_size, until)
    select w.function_name, p_cycle_id, w.workers, case when w.sizes_batches then w.batch_size end,
      v_cycle.slot + interval '2 hours'
    from wanted w
    order by w.function_name
    on conflict (function_name) do update
    set cycle_id = excluded.cycle_id,
        workers = excluded.workers,
        batch_size = excluded.batch_size,
        until = excluded.until
    returning s.function_name
  ),
  compared as (
    select w.*, coalesce(h.workers, v_policy.workers_floor) as workers_before,
      coalesce(h.batch_size, v_policy.batch_size_floor) as batch_size_before,
      jsonb_build_object('due', w.due, 'batch_size', w.batch_size) as metrics
    from wanted w
    join written using (function_name)
    left join held h using (function_name)
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'workers', c.function_name, c.workers_before::text, c.workers::text,
      case
        when c.workers = v_policy.workers_floor then format('%s rows are due: the floor is enough', c.due)
        when c.workers = v_policy.workers_ceiling then format('%s rows are due: as many as the ceiling allows', c.due)
        else format('%s rows are due, %s a run: gone in ten minutes', c.due, c.batch_size)
      end,
      c.metrics
    from compared c
    where c.workers <> c.workers_before
    union all
    select p_cycle_id, 'batch_size', c.function_name, c.batch_size_before::text, c.batch_size::text,
      format('%s rows are due', c.due), c.metrics
    from compared c
    where c.sizes_batches and c.batch_size <> c.batch_size_before
    returning 1
  )
  select
    jsonb_agg(jsonb_build_object(
      'function', c.function_name, 'due', c.due, 'workers', c.workers, 'workers_before', c.workers_before,
      'batch_size', case when c.sizes_batches then c.batch_size end) order by c.due desc, c.function_name),
    (select count(*) from decided)
  into v_scaled, v_moved
  from compared c;

  for v_function in select value ->> 'function' from jsonb_array_elements(v_scaled) where (value ->> 'due')::bigint > 0 loop
    perform private.invoke_worker(v_function);
  end loop;
  return jsonb_build_object('cycle_id', p_cycle_id, 'workers', v_scaled, 'moved', v_moved);
end
$$;

alter table public.source_hosts
  add constraint a_budget_has_an_end check (((new_pages_budget is null) = (budget_until is null)));

alter table public.source_hosts
  add constraint source_hosts_new_pages_budget_check check ((new_pages_budget >= 0));

alter table public.source_hosts
  add constraint source_hosts_new_pages_used_check check ((new_pages_used >= 0));

alter table public.source_hosts
  add constraint source_hosts_slowed_interval_ms_check
    check (((slowed_interval_ms >= 1) and (slowed_interval_ms <= 3600000)));

create index if not exists host_metrics_by_time on private.host_metrics using btree (began_at);

comment on column public.listing_feeds.is_adaptive is 'Whether the system may look more or less often than check_interval, by what the page shows. An operator''s; one who changes check_interval need not say it too.';

comment on column public.source_hosts.covers_wait_until is 'The same of covers: galleries get no slot.';

comment on column public.source_hosts.galleries_wait_since is 'Since when galleries get no slot because pages or covers wait; after a minute they get one.';

comment on column public.source_hosts.interval_ms is 'Time between two requests as it is now: the longest of min_interval_ms, crawl_delay_ms and slowed_interval_ms.';

comment on column public.source_hosts.new_pages_budget is 'Requests for pages of new listings until budget_until, as database-fill-agent shares them out; null: no bound.';

comment on column public.source_hosts.pages_wait_until is 'Until then pages of this host are taken to wait for slots: pictures get none.';

comment on column public.source_hosts.slowed_interval_ms is 'What the system itself slowed the host down to, by its answers; null while all is well. Never below the other two.';

comment on column public.worker_invocations.ended_at is 'When a run of this worker that found work said that it ends; null of one that did not say so.';

comment on function private.behind_pages(public.source_hosts, text, integer, timestamp
  with time zone, timestamp with time zone, integer) is 'What a cover or gallery gets of the slots that the pace would give it: none while pages of the host (for a gallery: pages or covers) waited in the last seconds, but one after 10 seconds (a gallery: a minute) of that.';

comment on function private.check_feeds_sooner(text) is 'Makes the feeds that may be checked sooner due as soon as feed_interval_floor allows; a decision a source. Gives {sources, feeds}.';

comment on function private.host_limits(timestamp with time zone, timestamp
  with time zone) is 'How near each host that was asked came to its pace between two times, in steps of ten minutes: slots given, how often some were wanted and not given, the part of the time that the given ones take, and at_limit: slots were wanted in vain, and four fifths of the time was taken. why: what sets the pace.';

comment on function private.invoke_worker(text, jsonb, interval, boolean) is 'Invokes an edge function through pg_net when its worker would claim something (p_is_claimable: the caller knows), at most once per p_quiet, and in vain at most once in 20 seconds; several at once where wanted_workers() wants several side by side. Never fails and never waits for a lock.';

comment on function private.longest_run() is 'So long a run that the database invoked works at most, as a rule: 30 seconds, and writing.';

comment on function private.may_activate(public.listing_feeds) is 'Whether database-fill-agent may have this feed checked sooner: switched on, served at its last check, its interval no operator''s, and of a source that is switched on and active or on probation.';

comment on function private.metrics_slot(timestamp with time zone) is 'When the ten minutes begin that this time belongs to.';

comment on function private.note_end(text) is 'Says of the oldest invocation of a worker that claimed rows that its run has ended: as many run as are not ended.';

comment on function
  private.note_host_slots(public.source_hosts, text, integer, integer, integer, timestamp
  with time zone) is 'Writes down what a host was asked for and what was given: its next slot, who waits, its budget, and its metrics.';

comment on function private.running_cycle(text) is 'The cycle of this name, running or not; there is none: an error that says so.';

comment on function private.runs_under_way(text) is 'How many runs of a worker that the database invoked are on their way or at work, as far as they said.';

comment on function private.wanted_workers(text) is 'How many runs of a worker side by side, and rows a run, the cycle under way wants; no row: one after another invokes the next, and each has its own size.';

comment on function private.worker_backlogs() is 'Rows that each worker could claim now, beyond 10,000 as its index estimates, and whether the size of its batches is fill_policy''s.';

comment on function public.activate_sources(text) is 'For a cycle below its target: the feeds of sources that serve are checked as soon as the floor allows. Never touches a source or feed that an operator switched off, nor an interval that is an operator''s. Each move is a row of fill_decisions. Gives {cycle_id, feeds, sources}: how many were moved, of how many sources.';

comment on function public.reserve_host_slots(uuid, jsonb, integer) is 'Gives a worker the next free slots of hosts: [{host, count, probing, known_robots, kind}] to [{host, granted, first_in_ms, interval_ms, breaker, why, put_off, robots…}]. kind: page (by itself), new_page (of a listing that is new, under the budget of its host), cover, gallery; put_off: others come first, or the budget is used up. Slots beyond the horizon are not given away; then first_in_ms says when the next one is. No two workers get the same slot.';

comment on function public.scale_workers(text) is 'Sets, until the slot of this cycle ends, how many runs of each worker go side by side and how many rows a run takes: as many as drain what is due in ten minutes, between floor and ceiling of fill_policy; and invokes those that have work. Each move is a row of fill_decisions. Gives {cycle_id, workers: [{function, due, workers, workers_before, batch_size}], moved}.';

comment on table private.host_metrics is 'One row a host and ten minutes: slots that were given to pages (new_pages: of listings that are new), covers and galleries, how often some were asked for and not given because of the pace (put_off) or the budget (over_budget), and the time that the given ones take. Kept 14 days.';

comment on table private.worker_scales is 'One row a worker that the cycle under way wants more of: how many runs side by side, and rows a run (null: as the worker has it), until then.';

revoke all
  on function private.behind_pages(public.source_hosts, text, integer, timestamp with time zone, timestamp
    with time zone, integer)
  from public;

grant execute
  on function private.behind_pages(public.source_hosts, text, integer, timestamp with time zone, timestamp
    with time zone, integer)
  to postgres, service_role;

revoke all on function private.check_feeds_sooner(text) from public;

grant execute on function private.check_feeds_sooner(text) to postgres, service_role;

revoke all on function private.host_limits(timestamp with time zone, timestamp with time zone) from public;

grant execute
  on function private.host_limits(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.longest_run() from public;

grant execute on function private.longest_run() to postgres, service_role;

revoke all on function private.may_activate(public.listing_feeds) from public;

grant execute on function private.may_activate(public.listing_feeds) to postgres, service_role;

revoke all on function private.metrics_slot(timestamp with time zone) from public;

grant execute on function private.metrics_slot(timestamp with time zone) to postgres, service_role;

revoke all on function private.note_end(text) from public;

grant execute on function private.note_end(text) to postgres, service_role;

revoke all
  on function private.note_host_slots(public.source_hosts, text, integer, integer, integer, timestamp
    with time zone)
  from public;

grant execute
  on function private.note_host_slots(public.source_hosts, text, integer, integer, integer, timestamp
    with time zone)
  to postgres, service_role;

revoke all on function private.running_cycle(text) from public;

grant execute on function private.running_cycle(text) to postgres, service_role;

revoke all on function private.runs_under_way(text) from public;

grant execute on function private.runs_under_way(text) to postgres, service_role;

revoke all on function private.wanted_workers(text) from public;

grant execute on function private.wanted_workers(text) to postgres, service_role;

revoke all on function private.worker_backlogs() from public;

grant execute on function private.worker_backlogs() to postgres, service_role;

revoke all on function public.activate_sources(text) from public;

grant execute on function public.activate_sources(text) to postgres, service_role;

revoke all on function public.scale_workers(text) from public;

grant execute on function public.scale_workers(text) to postgres, service_role;

grant all on table private.host_metrics to postgres, service_role;

grant all on table private.worker_scales to postgres, service_role;
