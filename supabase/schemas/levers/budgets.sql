-- The requests of a cycle for pages of new listings, shared out between the hosts that have some waiting.

create function private.waiting_imports(p_most integer default 15000)
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
comment on function private.waiting_imports(integer) is
  'Rows of import_queue that are pending, by host, each counted up to a bound: no host is asked for more in two hours at two a second.';

create function private.planned_budgets(p_requests integer, p_slot_end timestamptz)
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
comment on function private.planned_budgets(integer, timestamptz) is
  'How this many requests are shared out between the hosts that have new listings waiting: exploration_share of fill_policy among those of which little is known, the rest by what a request brought; none gets more than waits there and its pace lets through. budget counts what was used in the slot already.';

create function private.share_out_requests(p_cycle public.fill_cycles) returns jsonb
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
comment on function private.share_out_requests(public.fill_cycles) is
  'Sets how many requests for pages of new listings a cycle may make, between requests_floor and requests_ceiling of fill_policy, and the budget of each host that has some waiting, until the slot ends. Gives {requests, requests_used, budgets}: budgets that were moved.';

create function private.release_levers() returns trigger
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
comment on function private.release_levers() is
  'When a cycle has ended no budget and no scale of it holds any more.';

create trigger release_levers
  after update of status or delete on public.fill_cycles
  for each row when (old.status = 'running')
  execute function private.release_levers();

grant execute on function
  private.waiting_imports(integer),
  private.planned_budgets(integer, timestamptz),
  private.share_out_requests(public.fill_cycles),
  private.release_levers()
to service_role;
