-- Budgets by yield.

-- A function may name what comes below it.
set check_function_bodies = off;

create table private.host_yields (
  host text not null,
  requests numeric not null default 0,
  vehicles numeric not null default 0,
  counted_to timestamp with time zone not null,
  constraint host_yields_pkey primary key (host),
  constraint host_yields_requests_check check ((requests >= (0)::numeric)),
  constraint host_yields_vehicles_check check ((vehicles >= (0)::numeric))
);

alter table private.host_yields
  enable row level security;

create table private.yields_counted (
  only_row boolean not null default true,
  up_to timestamp with time zone not null,
  constraint yields_counted_only_row_check check (only_row),
  constraint yields_counted_pkey primary key (only_row)
);

alter table private.yields_counted
  enable row level security;

create or replace function private.count_yields() returns void
language plpgsql
set search_path = ''
as $$
declare
  v_from timestamptz;
  -- Whole slots of ten minutes, and what was being written then is written by now.
  v_to timestamptz := private.metrics_slot(now() - interval '2 minutes');
begin
  insert into private.yields_counted (up_to) values (v_to - interval '7 days') on conflict do nothing;
  select up_to into v_from from private.yields_counted for update;
  if v_from >= v_to then
    return;
  end if;
  insert into private.host_yields as y (host, requests, vehicles, counted_to)
  select host, sum(requests), sum(vehicles), v_to
  from (
    select m.host, m.new_pages * private.half_left(m.began_at, v_to) as requests, 0 as vehicles
    from private.host_metrics m
    where m.began_at >= v_from and m.began_at < v_to and m.new_pages > 0
    union all
    select v.source_host, 0, private.half_left(v.created_at, v_to)
    from public.vehicles v
    where v.created_at >= v_from and v.created_at < v_to and v.source_host is not null
  ) counted
  group by host
  order by host
  on conflict (host) do update
  set requests = y.requests * private.half_left(y.counted_to, excluded.counted_to) + excluded.requests,
      vehicles = y.vehicles * private.half_left(y.counted_to, excluded.counted_to) + excluded.vehicles,
      counted_to = excluded.counted_to;
  delete from private.host_yields where counted_to < v_to - interval '90 days';
  update private.yields_counted set up_to = v_to;
end
$$;

create or replace function private.half_left(p_since timestamptz, p_now timestamptz) returns numeric
language sql immutable parallel safe
return 0.5 ^ (greatest(extract(epoch from p_now - p_since), 0) / 604800);

create or replace function private.invoke_due_queues() returns void
language plpgsql
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues loop
    perform private.rescue(q.table_name, 10000);
    perform private.promote_due(q.table_name, 10000);
    if q.table_name = 'import_queue' then
      perform private.spread_imports();
    end if;
    perform private.invoke_worker(q.function_name);
  end loop;
end
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
      where (s.slug = p_feed.source or s.id = private.source_of_host(private.url_host(p_feed.url)))
        and not (s.is_active and s.lifecycle in ('active', 'probation')))
$$;

create or replace function private.planned_budgets(p_requests integer, p_slot_end timestamptz)
returns table (host text, waiting integer, yield numeric, little_known boolean, used integer, budget integer)
language sql stable
set search_path = ''
as $$
  with asked as (
    select
      w.host, w.waiting,
      private.smoothed_yield(
        y.vehicles * private.half_left(y.counted_to, now()), y.requests * private.half_left(y.counted_to, now())) as yield,
      coalesce(y.requests * private.half_left(y.counted_to, now()), 0) < 50 as little_known,
      case when h.budget_until = p_slot_end then h.new_pages_used else 0 end as used,
      -- What waits, and what the pace lets through until the slot ends.
      least(
        w.waiting,
        case when h.interval_ms > 0
          then floor(greatest(extract(epoch from p_slot_end - now()), 0) * 1000 / h.interval_ms)
          else w.waiting
        end) as room,
      s.lifecycle, coalesce(s.is_active, true) as is_active
    from private.waiting_imports() w
    left join public.source_hosts h on h.host = w.host
    left join private.host_yields y on y.host = w.host
    left join public.scrape_sources s on s.id = private.source_of_host(w.host)
  ),
  allowed as (
    select a.*,
      -- What an operator or its lifecycle has off gets nothing, what is degraded is tried and no more.
      case when a.is_active and coalesce(a.lifecycle, 'active') in ('active', 'probation', 'degraded') then a.room else 0 end as most,
      case when a.is_active and coalesce(a.lifecycle, 'active') in ('active', 'probation') then a.yield else 0 end as weight
    from asked a
  ),
  explored as (
    select a.*,
      least(
        a.most,
        case when a.little_known or a.weight = 0
          then p_requests * p.exploration_share
            / nullif(count(*) filter (where a.most > 0 and (a.little_known or a.weight = 0)) over (), 0)
          else 0
        end) as explore
    from allowed a
    cross join public.fill_policy p
  ),
  -- The rest in proportion to the weights, of which some cannot use all: those that are full soonest go first, and
  -- what they leave is for the others.
  rest as (
    select e.*, e.most - e.explore as room_left, greatest(p_requests - sum(e.explore) over (), 0) as requests_left
    from explored e
  ),
  in_order as (
    select r.*,
      (r.requests_left - coalesce(sum(r.room_left) over (sooner rows between unbounded preceding and 1 preceding), 0))
        / nullif(sum(r.weight) over (sooner rows between current row and unbounded following), 0) as a_weight
    from rest r
    window sooner as (order by case when r.weight > 0 then r.room_left / r.weight else 'infinity' end, r.host)
  ),
  shared as (
    select o.*, max(o.a_weight) filter (where o.weight > 0 and o.room_left > o.weight * o.a_weight) over () as level
    from in_order o
  )
  select
    s.host, s.waiting, round(s.yield, 4), s.little_known, s.used,
    s.used + floor(
      s.explore + case when s.weight > 0 then greatest(least(s.room_left, s.weight * coalesce(s.level, 'infinity')), 0) else 0 end
    )::integer
  from shared s
$$;

create or replace function private.release_levers() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and new.status = 'running' then
    return null;
  end if;
  delete from private.worker_scales where cycle_id = old.cycle_id;
  update public.source_hosts
  set new_pages_budget = null,
      new_pages_used = 0,
      budget_until = null
  where host = any (array(
    select h.host from public.source_hosts h where h.budget_until is not null order by h.host for update));
  return null;
end
$$;

create or replace function private.share_out_requests(p_cycle public.fill_cycles) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_policy public.fill_policy;
  v_slot_end timestamptz := p_cycle.slot + interval '2 hours';
  v_added integer;
  v_yield numeric;
  v_used integer;
  v_before integer;
  v_requests integer;
  v_moved integer;
begin
  select * into strict v_policy from public.fill_policy;
  perform private.count_yields();
  select count(*) into v_added
  from (select from public.vehicles where created_at >= p_cycle.slot limit p_cycle.target) t;
  select private.smoothed_yield(sum(vehicles), sum(requests)) into v_yield from private.host_yields;
  select coalesce(sum(new_pages_used), 0), coalesce(sum(new_pages_budget), 0) into v_used, v_before
  from public.source_hosts
  where budget_until = v_slot_end;

  -- Half as many again as it takes, between the bounds.
  v_requests := least(
    greatest(v_used + ceil(1.5 * (p_cycle.target - v_added) / v_yield), v_policy.requests_floor), v_policy.requests_ceiling);

  with planned as materialized (
    select p.* from private.planned_budgets(greatest(v_requests - v_used, 0), v_slot_end) p
  ),
  held as (
    select h.host, p.budget, p.waiting, p.yield, p.little_known, p.used,
      case when h.budget_until = v_slot_end then h.new_pages_budget end as was
    from public.source_hosts h
    join planned p on p.host = h.host
    order by h.host
    for update of h
  ),
  written as (
    update public.source_hosts h
    set new_pages_budget = greatest(d.budget, 0),
        new_pages_used = case when h.budget_until = v_slot_end then h.new_pages_used else 0 end,
        budget_until = v_slot_end
    from held d
    where h.host = d.host
    returning d.*
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select p_cycle.cycle_id, 'budget', w.host, w.was::text, w.budget::text,
      format('%s new listings wait, %s new vehicles a request', w.waiting, round(w.yield, 2))
        || case when w.little_known then ', of which little is known' else '' end,
      jsonb_build_object('waiting', w.waiting, 'yield', w.yield, 'used', w.used)
    from written w
    -- A little more or less is no news.
    where w.was is null or abs(w.budget - w.was) > greatest(0.2 * w.was, 20)
    returning 1
  )
  select count(*) into v_moved from decided;

  insert into public.fill_decisions (cycle_id, lever, from_value, to_value, reason, metrics)
  select p_cycle.cycle_id, 'requests', nullif(v_before, 0)::text, v_requests::text,
    format(
      '%s of %s vehicles are in, a request brings %s: half as many again as it takes, between floor and ceiling',
      v_added, p_cycle.target, round(v_yield, 2)),
    jsonb_build_object('added', v_added, 'yield', v_yield, 'used', v_used)
  where v_moved > 0;
  return jsonb_build_object('requests', v_requests, 'requests_used', v_used, 'budgets', v_moved);
end
$$;

create or replace function private.smoothed_yield(p_vehicles numeric, p_requests numeric) returns numeric
language sql immutable parallel safe
return (coalesce(p_vehicles, 0) + 5) / (coalesce(p_requests, 0) + 10);

create or replace function private.spread_imports(p_look integer default 5000) returns integer
language plpgsql
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_spread integer;
begin
  with ahead as (
    select c.id, c.priority, c.created_at, private.url_host(c.canonical_url) as host
    from public.import_queue c
    where c.status = 'pending' and c.next_attempt_at is null
    order by c.priority desc, c.created_at, c.id
    limit p_look
  ),
  placed as (
    select a.id,
      case
        when h.budget_until > now() and h.new_pages_used >= h.new_pages_budget
          then least(h.budget_until, now() + interval '10 minutes')
        else free.at + (
          row_number() over (partition by a.host order by a.priority desc, a.created_at, a.id) - 1
          ) * h.interval_ms * interval '1 millisecond'
      end as starts_at
    from ahead a
    join public.source_hosts h on h.host = a.host
    cross join lateral (
      select greatest(
        now(), h.next_slot_at, h.retry_after,
        case h.breaker when 'open' then h.retry_at when 'half_open' then h.probe_until end) as at
    ) free
  ),
  late as (
    select i.id, p.starts_at
    from placed p
    join public.import_queue i on i.id = p.id
    -- What can be asked for before this looks again may be claimed.
    where p.starts_at > now() + interval '1 minute'
    order by i.id
    for update of i skip locked
  )
  update public.import_queue i
  set next_attempt_at = least(l.starts_at - interval '30 seconds', now() + interval '1 hour')
  from late l
  where i.id = l.id
    and i.status = 'pending'
    and i.next_attempt_at is null;
  get diagnostics v_spread = row_count;
  return v_spread;
end
$$;

create or replace function private.waiting_imports(p_most integer default 15000)
returns table (host text, waiting integer)
language plpgsql stable
set search_path = ''
set enable_seqscan = off
as $$
begin
  -- One look into the index a host, however many rows wait.
  return query
  with recursive hosts as (
    (
      select private.url_host(i.canonical_url) as host
      from public.import_queue i
      where i.status = 'pending'
      order by private.url_host(i.canonical_url)
      limit 1
    )
    union all
    select (
      select private.url_host(i.canonical_url)
      from public.import_queue i
      where i.status = 'pending' and private.url_host(i.canonical_url) > h.host
      order by private.url_host(i.canonical_url)
      limit 1
    )
    from hosts h
    where h.host is not null
  )
  select h.host, w.waiting
  from hosts h
  cross join lateral (
    select count(*)::integer as waiting
    from (
      select from public.import_queue i
      where i.status = 'pending' and private.url_host(i.canonical_url) = h.host
      limit p_most
    ) t
  ) w
  where h.host is not null;
end
$$;

create or replace function public.activate_sources(p_cycle_id text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_cycle public.fill_cycles := private.running_cycle(p_cycle_id);
  v_feeds jsonb;
  v_pages integer;
  v_requests jsonb;
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
  v_requests := private.share_out_requests(v_cycle); -- last: it locks hosts
  return jsonb_build_object('cycle_id', p_cycle_id, 'more_pages', v_pages, 'host_paces', v_paces) || v_feeds || v_requests;
end
$$;

create trigger release_levers
  after delete or update of status on public.fill_cycles
  for each row
  when ((old.status = 'running'::text))
  execute function private.release_levers();

comment on function private.count_yields() is 'Adds to host_yields what came since it was last counted, in slots of ten minutes.';

comment on function private.half_left(timestamp with time zone, timestamp
  with time zone) is 'What is left of a count after this time: a half after a week.';

comment on function private.planned_budgets(integer, timestamp
  with time zone) is 'How this many requests are shared out between the hosts that have new listings waiting: exploration_share of fill_policy among those of which little is known, the rest by what a request brought; none gets more than waits there and its pace lets through. budget counts what was used in the slot already.';

comment on function private.release_levers() is 'When a cycle has ended no budget and no scale of it holds any more.';

comment on function private.share_out_requests(public.fill_cycles) is 'Sets how many requests for pages of new listings a cycle may make, between requests_floor and requests_ceiling of fill_policy, and the budget of each host that has some waiting, until the slot ends. Gives {requests, requests_used, budgets}: budgets that were moved.';

comment on function private.smoothed_yield(numeric, numeric) is 'New vehicles a request: (vehicles + 5) / (requests + 10), so that a host of which little is known stands in the middle.';

comment on function private.spread_imports(integer) is 'Of the first p_look rows of import_queue that are due, those that their host''s pace, breaker or budget lets nobody read within a minute wait for their turn: so a claim takes rows of hosts that can be asked. Gives how many.';

comment on function private.waiting_imports(integer) is 'Rows of import_queue that are pending, by host, each counted up to a bound: no host is asked for more in two hours at two a second.';

comment on function public.activate_sources(text) is 'For a cycle below its target: the feeds of sources that serve are checked as soon as the floor allows, and further than their first page where that was new, and the requests for new pages are shared out by what they bring. Never touches a source or feed that an operator switched off, nor an interval that is an operator''s. Each move is a row of fill_decisions. Gives {cycle_id, feeds, sources, more_pages, host_paces}: how many feeds are due sooner, of how many sources, how many read more pages, of how many hosts a new pace was told, and as share_out_requests().';

comment on table private.host_yields is 'One row a host: pages of new listings that were asked for, and vehicles that came of it, both counting half as much every week; up to counted_to.';

comment on table private.yields_counted is 'Up to when host_yields is counted.';

revoke all on function private.count_yields() from public;

grant execute on function private.count_yields() to postgres, service_role;

revoke all on function private.half_left(timestamp with time zone, timestamp with time zone) from public;

grant execute
  on function private.half_left(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.planned_budgets(integer, timestamp with time zone) from public;

grant execute
  on function private.planned_budgets(integer, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.release_levers() from public;

grant execute on function private.release_levers() to postgres, service_role;

revoke all on function private.share_out_requests(public.fill_cycles) from public;

grant execute on function private.share_out_requests(public.fill_cycles) to postgres, service_role;

revoke all on function private.smoothed_yield(numeric, numeric) from public;

grant execute on function private.smoothed_yield(numeric, numeric) to postgres, service_role;

revoke all on function private.spread_imports(integer) from public;

grant execute on function private.spread_imports(integer) to postgres, service_role;

revoke all on function private.waiting_imports(integer) from public;

grant execute on function private.waiting_imports(integer) to postgres, service_role;

grant all on table private.host_yields to postgres, service_role;

grant all on table private.yields_counted to postgres, service_role;

create index if not exists import_queue_waiting_by_host on public.import_queue using btree (private.url_host(canonical_url))
  where (status = 'pending'::text);
