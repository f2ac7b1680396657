-- Levers by metrics.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.listing_feed_status;

drop view public.source_host_status;

alter table public.fill_decisions
  drop constraint fill_decisions_lever_check;

drop function public.claim_image_downloads(integer, uuid[], boolean, integer, text[]);

alter table public.listing_feeds
  add column new_per_hour numeric;

alter table public.listing_feeds
  add column revisit_interval interval;

alter table public.listing_feeds
  add column pages integer not null default 1;

alter table public.source_hosts
  add column paced_at timestamp with time zone;

alter table public.source_hosts
  add column paced_because text;

alter table public.source_hosts
  add column good_answers integer not null default 0;

alter table public.source_hosts
  add column slowdowns integer not null default 0;

alter table public.source_hosts
  add column usual_answer_ms integer;

alter table public.source_hosts
  add column noted_slowed_ms integer;

create or replace function private.blended_rate(p_rate numeric, p_interval interval, p_new integer, p_since interval) returns numeric
language sql immutable parallel safe
return (
  select round(s.prior + (1 - 0.5 ^ (s.hours / 3)) * (p_new / greatest(s.hours, 1.0 / 60) - s.prior), 4)
  from (
    select
      extract(epoch from p_since) / 3600 as hours,
      -- Before anything is known, what its first interval takes for granted.
      coalesce(p_rate, 5 * 3600 / extract(epoch from p_interval)) as prior
  ) s
);

create or replace function private.due_images(p_most integer default 10000) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from (
    select
    from generate_series(0, private.last_wave()) as w(wave)
    cross join lateral (
      select
      from public.image_downloads d
      where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
      order by d.next_attempt_at
      limit p_most
    ) due
    limit p_most
  ) t
$$;

create or replace function private.feed_interval(p_feed public.listing_feeds) returns interval
language sql stable
set search_path = ''
as $$
  select case when private.is_adaptive_feed(p_feed) then coalesce(p_feed.revisit_interval, p_feed.check_interval)
    else p_feed.check_interval end
$$;

create or replace function private.follow_more_pages(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_moved integer;
begin
  with more as (
    select f.id, f.pages
    from public.listing_feeds f
    where f.lease_token is null
      and f.pages < 5
      and f.last_outcome = 'ok'
      -- Hardly anything of it was known: what came before stands on the next page.
      and f.last_new >= 5
      and f.last_new >= 0.8 * f.last_found
      and private.may_activate(f)
    order by f.id
    for update of f skip locked
  ),
  moved as (
    update public.listing_feeds f
    set pages = more.pages + 1,
        validators = null -- an unchanged first page is read too, for what it leads to
    from more
    where f.id = more.id
    returning f.url, more.pages as was, f.pages, f.last_new, f.last_found
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'feed_pages', url, was::text, pages::text,
      format('below target, and %s of its %s listings were new: more stand behind them', last_new, last_found),
      jsonb_build_object('new', last_new, 'found', last_found)
    from moved
    returning 1
  )
  select count(*) into v_moved from decided;
  return v_moved;
end
$$;

create or replace function private.host_trouble(p_limited bigint, p_timeouts bigint, p_ms numeric, p_usual_ms integer) returns text
language sql immutable parallel safe
return case
  when p_limited > 0 then 'it answered 429 or 503'
  when p_timeouts > 0 then 'it did not answer in time'
  -- Four times as long as usual, and so long that somebody would notice.
  when p_ms > greatest(4 * coalesce(p_usual_ms, 2000), 5000)
    then 'its answers took ' || round(p_ms / 1000, 1) || ' s'
      || coalesce(', and ' || round(p_usual_ms / 1000.0, 1) || ' s as a rule', '')
end;

create or replace function private.image_downloads_are_due() returns boolean
language sql stable
set search_path = ''
as $$
  select exists (
    select from generate_series(0, private.last_wave()) as w(wave)
    where exists (
      select from public.image_downloads d
      where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
        and (
          private.last_wave() > 0
          or not exists (select from public.vehicle_images i where i.vehicle_id = d.vehicle_id))
    )
  ) or exists (
    select from public.image_downloads d where d.lease_token is not null and d.lease_expires_at <= now()
  )
$$;

create or replace function private.is_adaptive_feed(p_feed public.listing_feeds) returns boolean
language sql stable
set search_path = ''
as $$
  select p_feed.is_adaptive
    -- One that is neither the code's nor the usual one was set by hand, and stays.
    and p_feed.check_interval = coalesce(p_feed.code_interval, interval '30 minutes')
    and coalesce((select is_enabled from public.fill_policy), true)
$$;

create or replace function private.last_wave() returns integer
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return coalesce(
    (select case p.galleries when 'none' then -1 when 'cover' then 0 else 3 end from public.fill_policy p), 3);
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
    and d.wave <= private.last_wave()
    and d.next_attempt_at <= now()
    and d.host <> all (p_skip_hosts)
  order by d.wave, d.position, d.next_attempt_at
  limit p_limit
  for update skip locked
$$;

create or replace function private.may_activate(p_feed public.listing_feeds) returns boolean
language sql stable
set search_path = ''
as $$
  select p_feed.enabled
    and p_feed.failures = 0
    and private.is_adaptive_feed(p_feed)
    and not exists (
      select from public.scrape_sources s
      where (s.slug = p_feed.source or p_feed.source is null and private.url_host(p_feed.url) = any (s.hosts))
        and not (s.is_active and s.lifecycle in ('active', 'probation')))
$$;

create or replace function private.next_fetch_at(p_vehicle_ids uuid[])
returns table (vehicle_id uuid, place bigint, starts_at timestamptz)
language sql stable
set search_path = ''
as $$
  select
    asked.id, asked.place,
    case
      when h.breaker <> 'closed' and asked.nth > 1 then free.at + interval '1 minute' -- one goes ahead and tries
      else free.at + (asked.nth - 1) * coalesce(h.interval_ms, 0) * interval '1 millisecond'
    end
  from (
    select v.id, a.place, v.source_host, row_number() over (partition by v.source_host order by a.place) as nth
    from unnest(p_vehicle_ids) with ordinality a(id, place)
    join public.vehicles v on v.id = a.id
  ) asked
  left join public.source_hosts h on h.host = asked.source_host
  cross join lateral (
    select greatest(
      now(), h.next_slot_at, h.retry_after,
      case h.breaker when 'open' then h.retry_at when 'half_open' then h.probe_until end) as at
  ) free
$$;

create or replace function private.note_host_paces(p_cycle_id text) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_most integer := (select host_interval_ceiling_ms from public.fill_policy);
  v_noted integer;
begin
  with moved as (
    select h.host, h.noted_slowed_ms as was,
      -- A ceiling that was lowered since holds for who is slowed down already.
      least(h.slowed_interval_ms, v_most) as slowed, h.slowdowns
    from public.source_hosts h
    where h.slowed_interval_ms is distinct from h.noted_slowed_ms or h.slowed_interval_ms > v_most
    order by h.host
    for update skip locked
  ),
  noted as (
    update public.source_hosts h
    set noted_slowed_ms = m.slowed,
        slowed_interval_ms = m.slowed,
        slowdowns = 0
    from moved m
    where h.host = m.host
    returning h.host, m.was, m.slowdowns, h.interval_ms, h.paced_because, h.paced_at,
      greatest(h.min_interval_ms, h.crawl_delay_ms) as least_ms
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle_id, 'host_pace', host, greatest(was, least_ms)::text, interval_ms::text,
      coalesce(paced_because, 'host_interval_ceiling_ms was lowered'),
      jsonb_build_object('slowdowns', slowdowns, 'least_ms', least_ms, 'at', paced_at)
    from noted
    where greatest(was, least_ms) <> interval_ms
    returning 1
  )
  select count(*) into v_noted from decided;
  return v_noted;
end
$$;

create or replace function private.paced_host(
  p_host public.source_hosts, p_good bigint, p_trouble text, p_now timestamptz
) returns public.source_hosts
language plpgsql stable
set search_path = ''
as $$
declare
  v_host public.source_hosts := p_host;
  v_least integer := greatest(p_host.min_interval_ms, p_host.crawl_delay_ms);
  v_most integer;
  v_next integer;
begin
  if p_trouble is not null then
    -- Answers to what was sent at the old pace say nothing of the new one.
    if v_host.paced_at > p_now - interval '10 seconds' and v_host.paced_because not like 'all is well%' then
      return v_host;
    end if;
    v_most := (select host_interval_ceiling_ms from public.fill_policy);
    v_next := least(greatest(2 * greatest(v_host.slowed_interval_ms, v_least), 500), coalesce(v_most, 60000));
    v_host.slowed_interval_ms := case when v_next > v_least then v_next end;
    v_host.slowdowns := v_host.slowdowns + 1;
    v_host.paced_because := p_trouble;
    v_host.paced_at := p_now;
    v_host.good_answers := 0;
    -- The slots that are given away already are the last at the old pace.
    v_host.next_slot_at := greatest(v_host.next_slot_at, p_now + v_next * interval '1 millisecond');
    return v_host;
  end if;

  v_host.good_answers := v_host.good_answers + p_good;
  if v_host.paced_at > p_now - interval '30 seconds'
    or v_host.good_answers < least(10, greatest(2, 60000 / v_host.slowed_interval_ms)) then
    return v_host;
  end if;
  -- A tenth of the full rate more, and at most twice as fast as before.
  v_next := greatest(
    v_host.slowed_interval_ms / 2,
    1000 / (1000.0 / v_host.slowed_interval_ms + 100.0 / greatest(v_least, 20)));
  v_host.slowed_interval_ms := case when v_next > greatest(v_least, 100) then v_next end;
  v_host.paced_because := 'all is well: ' || v_host.good_answers || ' good answers';
  v_host.paced_at := p_now;
  v_host.good_answers := 0;
  return v_host;
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
      bool_or(kind = 'served') as served,
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

    v_trouble := private.host_trouble(v_said.limited, v_said.timeouts, v_said.ms, v_host.usual_answer_ms);
    if v_said.ms is not null then
      v_host.usual_answer_ms := round(coalesce(0.9 * v_host.usual_answer_ms, 0.9 * v_said.ms) + 0.1 * v_said.ms);
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

create or replace function private.revisit_interval(p_per_hour numeric, p_floor interval) returns interval
language sql immutable parallel safe
return least(
  greatest(case when p_per_hour > 0.2 then interval '1 hour' * (5 / p_per_hour) else interval '1 day' end, p_floor),
  interval '1 day');

create or replace function public.activate_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles := private.running_cycle(p_cycle_id);
  v_feeds jsonb;
  v_pages integer;
  v_paces integer;
begin
  if v_cycle.status <> 'running' then
    return jsonb_build_object(
      'cycle_id', p_cycle_id, 'feeds', 0, 'sources', 0, 'more_pages', 0, 'host_paces', 0, 'why', 'the cycle has ended');
  end if;
  v_pages := private.follow_more_pages(p_cycle_id);
  v_feeds := private.check_feeds_sooner(p_cycle_id);
  v_paces := private.note_host_paces(p_cycle_id);
  if (v_feeds ->> 'feeds')::integer > 0 then
    perform private.invoke_worker('discover-listings');
  end if;
  return jsonb_build_object('cycle_id', p_cycle_id, 'more_pages', v_pages, 'host_paces', v_paces) || v_feeds;
end
$$;

create or replace function public.claim_image_downloads(
  p_limit integer default 8,
  p_vehicle_ids uuid[] default null,
  p_only_missing boolean default false,
  p_per_vehicle integer default null,
  p_skip_hosts text[] default '{}'
)
returns table (
  vehicle_id uuid, url text, "position" integer, attempts integer, lease_token uuid, lease_expires_at timestamptz,
  wave smallint
)
language plpgsql
set search_path = ''
as $$
declare
  v_lease interval := private.lease_of('image_downloads');
  v_left integer := greatest(p_limit, 0);
  v_limit constant integer := v_left;
  -- A cap per vehicle passes rows over, so more are looked at than are taken.
  v_look integer := case when p_per_vehicle is null then 1 else 8 end;
  v_vehicles uuid[];
  v_urls text[];
  v_last_wave integer := private.last_wave();
  v_only_missing boolean := p_only_missing or v_last_wave = 0;
begin
  perform private.rescue_image_downloads(1000);

  -- Wave 0 holds only vehicles without a picture, so "only missing" is wave 0 and nothing else.
  for v_wave in 0 .. case when v_only_missing or p_vehicle_ids is not null then least(0, v_last_wave) else v_last_wave end loop
    exit when v_left = 0;

    select array_agg(r.vehicle_id), array_agg(r.url)
    into v_vehicles, v_urls
    from (
      select due.vehicle_id, due.url
      from (
        select l.*, row_number() over (partition by l.vehicle_id order by l.position) as turn
        from (
          select * from private.lock_due_images(v_wave::smallint, v_left * v_look, p_skip_hosts)
          where p_vehicle_ids is null
          union all
          select * from private.lock_due_images_of(p_vehicle_ids, v_left * v_look, p_skip_hosts)
          where p_vehicle_ids is not null
        ) l
        where not v_only_missing
          or not exists (select from public.vehicle_images i where i.vehicle_id = l.vehicle_id)
      ) due
      where p_per_vehicle is null or due.turn <= p_per_vehicle
      order by due.turn, due.next_attempt_at, due.vehicle_id
      limit v_left
    ) r;

    return query
    update public.image_downloads d
    set status = 'leased',
        attempts = d.attempts + 1,
        next_attempt_at = null,
        lease_token = gen_random_uuid(),
        lease_expires_at = now() + v_lease
    from unnest(v_vehicles, v_urls) as k(vehicle_id, url)
    where d.vehicle_id = k.vehicle_id and d.url = k.url
    returning d.vehicle_id, d.url, d.position, d.attempts, d.lease_token, d.lease_expires_at, d.wave;
    v_left := v_left - coalesce(cardinality(v_urls), 0);
  end loop;
  -- A run claims again and again: its last claim, which finds nothing, says nothing of an invocation on its way.
  if p_vehicle_ids is null
    and (v_left < v_limit or not exists (select from public.image_downloads d where d.lease_token is not null)) then
    perform private.note_claim('backfill-images', v_limit - v_left);
  end if;
end
$$;

create or replace function public.pictures_wanted() returns text
language sql stable
set search_path = ''
as $$
  select coalesce((select p.galleries from public.fill_policy p), 'all')
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
      'budget_left', case
        when v_asked.kind = 'new_page' and v_host.budget_until > v_now
          then greatest(v_host.new_pages_budget - v_host.new_pages_used - v_granted, 0)
      end,
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
  v_paces integer;
begin
  select * into strict v_policy from public.fill_policy;
  if v_cycle.status <> 'running' then
    delete from private.worker_scales where cycle_id = p_cycle_id;
    return jsonb_build_object('cycle_id', p_cycle_id, 'workers', '[]'::jsonb, 'moved', 0, 'why', 'the cycle has ended');
  end if;
  v_paces := private.note_host_paces(p_cycle_id);

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
  return jsonb_build_object('cycle_id', p_cycle_id, 'workers', v_scaled, 'moved', v_moved, 'host_paces', v_paces);
end
$$;

create or replace function public.settle_listing_feeds(p_items jsonb) returns jsonb
language sql
set search_path = ''
as $$
  with items as (
    select *
    from jsonb_to_recordset(p_items) as i(
      id uuid, lease_token uuid, outcome text, error text, retry_at timestamptz, found integer, new integer,
      known integer, skipped integer, validators jsonb)
  ),
  mine as (
    select i.*, case when private.was_read(i.outcome) then 0 else f.failures + 1 end as failures,
      private.is_adaptive_feed(f) as is_adaptive,
      private.feed_interval(f) as held_interval,
      case when private.was_read(i.outcome) and f.last_found_at is not null
        then private.blended_rate(
          f.new_per_hour, f.check_interval, case i.outcome when 'ok' then coalesce(i.new, 0) else 0 end,
          now() - f.last_found_at)
        else f.new_per_hour
      end as new_per_hour
    from items i
    join public.listing_feeds f on f.id = i.id and f.lease_token = i.lease_token
    order by f.id
    for update of f
  ),
  paced as (
    select m.*,
      case
        when m.new_per_hour is null or not m.is_adaptive then m.held_interval
        -- A little more or less is none worth moving for.
        when extract(epoch from r.wanted) / extract(epoch from m.held_interval) between 0.8 and 1.25 then m.held_interval
        else r.wanted
      end as revisit_interval
    from mine m
    cross join lateral (
      select private.revisit_interval(m.new_per_hour, (select feed_interval_floor from public.fill_policy)) as wanted
    ) r
  ),
  settled as (
    update public.listing_feeds f
    set lease_token = null,
        lease_expires_at = null,
        failures = m.failures,
        last_outcome = m.outcome,
        last_error = case when m.failures > 0 then coalesce(m.error, m.outcome) end,
        last_checked_at = now(),
        last_found_at = case when m.failures > 0 then f.last_found_at else now() end,
        new_per_hour = m.new_per_hour,
        revisit_interval = case when m.is_adaptive then m.revisit_interval end,
        -- What follows the first page is known again.
        pages = case when m.outcome = 'ok' and m.new * 2 < m.found or m.outcome = 'not_modified' then 1 else f.pages end,
        next_check_at = private.next_feed_check(m.outcome, m.failures, m.revisit_interval, m.retry_at),
        last_found = case m.outcome when 'ok' then m.found else f.last_found end,
        last_new = case m.outcome when 'ok' then m.new when 'not_modified' then 0 else f.last_new end,
        last_known = case m.outcome when 'ok' then m.known else f.last_known end,
        last_skipped = case m.outcome when 'ok' then m.skipped else f.last_skipped end,
        validators = case m.outcome when 'ok' then m.validators else f.validators end
    from paced m
    where f.id = m.id
    returning f.id, f.next_check_at, f.url, f.new_per_hour, f.revisit_interval, m.held_interval
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select (select c.cycle_id from public.fill_cycles c where c.status = 'running'), 'feed_interval', url,
      held_interval::text, revisit_interval::text,
      format('%s new listings an hour: five of them in this time', round(new_per_hour, 2)),
      jsonb_build_object('new_per_hour', new_per_hour)
    from settled
    where revisit_interval <> held_interval
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', i.id, 'held', s.id is not null, 'next_check_at', s.next_check_at)), '[]')
  from items i
  left join settled s on s.id = i.id
$$;

create or replace function public.vehicles_due_for_images(p_limit integer default 50, p_only_missing boolean default true)
returns setof uuid
language sql stable
set search_path = ''
as $$
  select due.vehicle_id
  from (
    select w.wave, d.vehicle_id, d.next_attempt_at
    from generate_series(0, case when p_only_missing then least(0, private.last_wave()) else private.last_wave() end) as w(wave)
    cross join lateral (
      select d.vehicle_id, d.next_attempt_at
      from public.image_downloads d
      where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
        and not (
          (p_only_missing or private.last_wave() = 0)
          and exists (select from public.vehicle_images i where i.vehicle_id = d.vehicle_id)
        )
      order by d.next_attempt_at
      limit p_limit * 4
    ) d
  ) due
  group by due.vehicle_id
  order by min(due.wave), min(due.next_attempt_at)
  limit p_limit
$$;

alter table public.fill_decisions
  add constraint fill_decisions_lever_check
    check
    ((lever = any (array['workers'::text, 'batch_size'::text, 'requests'::text, 'budget'::text,
    'feed_interval'::text,
    'feed_pages'::text,
    'host_pace'::text,
    'confidence_cap'::text,
    'lifecycle'::text, 'backfill'::text, 'micro_scrape'::text, 'join'::text, 'map'::text])));

alter table public.listing_feeds
  add constraint listing_feeds_new_per_hour_check check ((new_per_hour >= (0)::numeric));

alter table public.listing_feeds
  add constraint listing_feeds_pages_check check (((pages >= 1) and (pages <= 5)));

alter table public.listing_feeds
  add constraint listing_feeds_revisit_interval_check check ((revisit_interval > '00:00:00'::interval));

alter table public.source_hosts
  add constraint source_hosts_good_answers_check check ((good_answers >= 0));

alter table public.source_hosts
  add constraint source_hosts_paced_because_check check ((paced_because <> ''::text));

alter table public.source_hosts
  add constraint source_hosts_slowdowns_check check ((slowdowns >= 0));

alter table public.source_hosts
  add constraint source_hosts_usual_answer_ms_check check ((usual_answer_ms >= 0));

create view public.listing_feed_status with (security_invoker = true) as
select
  f.id,
  f.source,
  f.url,
  f.kind,
  f.about,
  case
    when not f.enabled or s.is_active = false then 'off'
    when f.lease_expires_at > now() then 'being checked'
    when f.last_checked_at is null then 'never checked'
    when f.failures > 0 then 'failing'
    else 'working'
  end as state,
  f.last_found_at,
  f.last_found,
  f.last_new,
  f.last_known,
  f.last_skipped,
  f.last_checked_at,
  case when f.enabled then f.next_check_at end as next_check_at,
  f.check_interval,
  f.last_outcome,
  f.failures,
  case when f.enabled then f.last_error else coalesce(f.off_because, f.last_error) end as why,
  case
    when not f.enabled and f.off_because is not null then 'leave it off: ' || f.off_because
    when s.is_active = false then format('update scrape_sources set is_active = true where slug = %L;', f.source)
    when not f.enabled then format('update listing_feeds set enabled = true where url = %L;', f.url)
    when f.next_check_at < now() - greatest(private.feed_interval(f), interval '1 hour') and f.lease_token is null
      then 'nobody checks it: select * from pipeline_status;'
    when f.failures = 0 then null
    when f.last_outcome in ('blocked', 'robots_disallowed', 'rate_limited')
      then format('the site does not want to be read: leave it, or update listing_feeds set enabled = false where url = %L;', f.url)
    when f.last_outcome = 'gone'
      then format('the page is no more: update listing_feeds set url = ''…'' where url = %L;', f.url)
    when f.last_outcome in ('unreadable', 'not_an_index', 'not_a_listing')
      then 'the site changed its page: its reader in sources/index_pages is behind'
    when f.last_outcome in ('invalid', 'too_large')
      then format('this address cannot be read: update listing_feeds set url = ''…'' where url = %L;', f.url)
    else format('nothing: it is tried again; at once with update listing_feeds set next_check_at = now() where url = %L;', f.url)
  end as what_to_do,
  round(f.new_per_hour, 2) as new_per_hour,
  private.feed_interval(f) as interval_now,
  case
    when not private.is_adaptive_feed(f) then 'as check_interval says'
    when f.revisit_interval is null then 'as check_interval says, until it was read twice'
    else 'as often as it shows five new listings, between feed_interval_floor and a day'
  end as interval_because,
  f.pages
from public.listing_feeds f
left join public.scrape_sources s on s.slug = f.source
order by f.enabled desc, f.failures desc, f.source, f.url;

create view public.source_host_status with (security_invoker = true) as
select
  h.host,
  h.interval_ms,
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
  h.robots_fetched_at,
  case
    when h.slowed_interval_ms > greatest(h.min_interval_ms, h.crawl_delay_ms)
      then 'slowed down: ' || coalesce(h.paced_because, 'by its answers')
    when h.crawl_delay_ms > h.min_interval_ms then 'crawl-delay of its robots.txt'
    else 'min_interval_ms'
  end as interval_because,
  case when h.budget_until > now() then h.new_pages_budget - h.new_pages_used end as new_pages_left
from public.source_hosts h
cross join lateral (
  select
    count(*) as attempts,
    count(*) filter (where outcome in ('ok', 'not_modified', 'gone')) as served
  from public.scraping_health a
  where a.host = h.host
    and a.created_at > now() - interval '1 day'
) as day;

comment on column public.listing_feeds.new_per_hour is 'New listings an hour, as a mean in which the last hours count most (half as much every three hours). Null until it was read twice.';

comment on column public.listing_feeds.pages is 'Pages of it that a check reads: more than the first while a cycle is below its target and the last one showed hardly anything known.';

comment on column public.listing_feeds.revisit_interval is 'How often it is checked now, by new_per_hour; null, or where is_adaptive_feed() says no: check_interval.';

comment on column public.source_hosts.good_answers is 'Answers since then, while it is slowed down: some, and it is asked a step faster.';

comment on column public.source_hosts.noted_slowed_ms is 'slowed_interval_ms as fill_decisions last told it.';

comment on column public.source_hosts.paced_because is 'Why slowed_interval_ms was last moved, at paced_at.';

comment on column public.source_hosts.slowdowns is 'How often it was slowed down since fill_decisions last said so.';

comment on column public.source_hosts.usual_answer_ms is 'How long its answers take, as a mean in which the last ones count most: one that takes much longer is slow.';

comment on function private.blended_rate(numeric, interval, integer, interval) is
  'New listings an hour after p_new were found in the time p_since: what was held counts half as much every three hours.';

comment on function private.due_images(integer) is 'Images that may be downloaded now, counted up to a bound; those that fill_policy.galleries leaves are not among them.';

comment on function private.feed_interval(public.listing_feeds) is 'How often this feed is checked as things are.';

comment on function private.follow_more_pages(text) is 'A check of feeds that may be checked sooner, and whose last page was nearly all new, reads one page more, up to five. Gives how many.';

comment on function private.host_trouble(bigint, bigint, numeric, integer) is 'Why a host is to be asked less often after these answers: some were 429 or 503, some did not come in time, or they took much longer than usual. Null: all is well.';

comment on function private.is_adaptive_feed(public.listing_feeds) is 'Whether the system may look at this feed more or less often than check_interval says: is_adaptive, an interval that no operator changed, and fill_policy switched on.';

comment on function private.last_wave() is 'The last wave of image_downloads that is downloaded: 3 all, 0 the cover of each vehicle, -1 none, as fill_policy.galleries says.';

comment on function private.note_host_paces(text) is 'Writes one decision a host whose pace is another than when it was last told: where it came from, where it is now, why it was last moved, and how often it was slowed down in between. Gives how many.';

comment on function private.paced_host(public.source_hosts, bigint, text, timestamp
  with time zone) is 'The host at the pace that follows from p_good answers, or from p_trouble: half as fast at once, at most once in ten seconds and down to host_interval_ceiling_ms of fill_policy; faster by a tenth of its full rate after ten good answers and half a minute, until nothing slows it down.';

comment on function private.record_host_answers(uuid, jsonb) is 'Moves the breaker, the pace and Retry-After of hosts by what they answered, in order: [{host, outcome, status, ms, retry_after_ms, message}].';

comment on function private.revisit_interval(numeric, interval) is 'The time in which a feed shows five new listings, not under the floor and not over a day.';

comment on function public.activate_sources(text) is 'For a cycle below its target: the feeds of sources that serve are checked as soon as the floor allows, and further than their first page where that was new. Never touches a source or feed that an operator switched off, nor an interval that is an operator''s. Each move is a row of fill_decisions. Gives {cycle_id, feeds, sources, more_pages, host_paces}: how many feeds are due sooner, of how many sources, how many read more pages, and of how many hosts a new pace was told.';

comment on function public.claim_image_downloads(integer, uuid[], boolean, integer, text[]) is
  'Leases up to p_limit due images, each under a token of its own. First the covers of vehicles without a picture, then the galleries in waves. p_only_missing: only vehicles without a picture. p_per_vehicle: at most so many of one vehicle. p_skip_hosts: hosts that take no request now. Of none is more taken than fill_policy.galleries wants. wave 0 is a cover.';

comment on function public.pictures_wanted() is 'Which pictures are downloaded, by fill_policy.galleries: none, cover or all.';

comment on function public.reserve_host_slots(uuid, jsonb, integer) is 'Gives a worker the next free slots of hosts: [{host, count, probing, known_robots, kind}] to [{host, granted, first_in_ms, interval_ms, breaker, why, put_off, budget_left, robots…}]. kind: page (by itself), new_page (of a listing that is new, under the budget of its host), cover, gallery; put_off: others come first, or the budget is used up. Slots beyond the horizon are not given away; then first_in_ms says when the next one is. No two workers get the same slot.';

comment on function public.scale_workers(text) is 'Sets, until the slot of this cycle ends, how many runs of each worker go side by side and how many rows a run takes: as many as drain what is due in ten minutes, between floor and ceiling of fill_policy; and invokes those that have work. Each move is a row of fill_decisions. Gives {cycle_id, workers: [{function, due, workers, workers_before, batch_size}], moved, host_paces}; host_paces: of how many hosts a new pace was told.';

comment on table public.listing_feeds is 'One row a page that lists listings: checked every check_interval by discover-listings, or as often as it has something new (is_adaptive_feed()). enabled and check_interval are an operator''s to change; a row inserted by hand is a feed like any other.';

comment on view public.listing_feed_status is 'For each page that listings are found on: whether it works, what it showed last (listings, new ones, known ones, entries that are no vehicles), what to do when it does not, or why it is off; how often it is looked at, and why so often.';

comment on view public.source_host_status is 'How each host stands: how fast it is asked, whether it may be asked, why not and until when, what it answered last, what its pace comes from, and how many pages of new listings its budget leaves.';

revoke all on function private.blended_rate(numeric, interval, integer, interval) from public;

grant execute
  on function private.blended_rate(numeric, interval, integer, interval)
  to postgres, service_role;

revoke all on function private.feed_interval(public.listing_feeds) from public;

grant execute
  on function private.feed_interval(public.listing_feeds)
  to authenticated, postgres, service_role;

revoke all on function private.follow_more_pages(text) from public;

grant execute on function private.follow_more_pages(text) to postgres, service_role;

revoke all on function private.host_trouble(bigint, bigint, numeric, integer) from public;

grant execute
  on function private.host_trouble(bigint, bigint, numeric, integer)
  to postgres, service_role;

revoke all on function private.is_adaptive_feed(public.listing_feeds) from public;

grant execute
  on function private.is_adaptive_feed(public.listing_feeds)
  to authenticated, postgres, service_role;

revoke all on function private.last_wave() from public;

grant execute on function private.last_wave() to authenticated, postgres, service_role;

revoke all on function private.note_host_paces(text) from public;

grant execute on function private.note_host_paces(text) to postgres, service_role;

revoke all
  on function private.paced_host(public.source_hosts, bigint, text, timestamp with time zone)
  from public;

grant execute
  on function private.paced_host(public.source_hosts, bigint, text, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.revisit_interval(numeric, interval) from public;

grant execute on function private.revisit_interval(numeric, interval) to postgres, service_role;

revoke all on function public.claim_image_downloads(integer, uuid[], boolean, integer, text[]) from public;

grant execute
  on function public.claim_image_downloads(integer, uuid[], boolean, integer, text[])
  to postgres, service_role;

revoke all on function public.pictures_wanted() from public;

grant execute on function public.pictures_wanted() to postgres, service_role;

grant select on table public.listing_feed_status to authenticated;

grant all on table public.listing_feed_status to postgres, service_role;

grant select on table public.source_host_status to authenticated;

grant all on table public.source_host_status to postgres, service_role;
