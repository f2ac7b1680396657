-- Why a slot missed its target. The causes are put in order by how many of the missing vehicles each held back:
--
--   faulty            listings of the queue that could not be read or written because of an error of ours
--   blocked           listings of hosts that refuse us (walls, robots.txt) or do not serve
--   capacity_limited  listings that are due on hosts that could be asked: the workers are behind, or off
--   pace_limited      listings of hosts that were asked as often as their limit allows, or put off to their next turn
--   supply_limited    nothing of all that: what is missing was offered by nobody
--
-- What no row of the queue accounts for is shared out over the hosts that give listings, by how each stands and by what
-- it gave in the week before: a wall hides how much is behind it. At a tie the earlier of these lines counts. A host is
-- never pressed harder than its limit to reach a number: no verdict advises it.

create function private.fill_verdict(p_from timestamptz, p_to timestamptz, p_added integer, p_target integer) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_missing integer := greatest(p_target - p_added, 0);
  v_held jsonb;
  v_hosts jsonb;
  v_errors jsonb;
  v_workers jsonb;
  v_import text;
  v_looks text;
  v_verdict text;
  v_metrics jsonb := jsonb_build_object('added', p_added, 'target', p_target, 'missing', v_missing);
begin
  if v_missing = 0 then
    return jsonb_build_object('verdict', null, 'next_actions', '[]'::jsonb, 'metrics', v_metrics);
  end if;
  select
    coalesce(jsonb_object_agg(w.function_name, jsonb_build_object('state', w.state, 'calls', w.calls, 'why', w.why)), '{}'),
    max(w.state) filter (where w.function_name = 'process-import-queue'),
    case
      -- Either of them looks at the feeds.
      when bool_or(w.state = 'ok') filter (where w.function_name <> 'process-import-queue') then 'ok'
      -- That nobody was invoked shows in the feeds: they are overdue.
      else max(w.state) filter (where w.function_name <> 'process-import-queue' and w.state <> 'not_invoked')
    end
  into v_workers, v_import, v_looks
  from private.fill_workers(p_from, p_to) w;

  with hosts as materialized (
    select
      h.*,
      h.faulty + h.blocked + h.limited + h.due + h.put_off as listings,
      -- What keeps its listings that nothing else is said of.
      case
        when h.state = 'blocked' then 'blocked'
        when h.state = 'at_limit' then 'pace_limited'
        when v_import = 'faulty' then 'faulty'
        else 'capacity_limited'
      end as held_by
    from private.fill_hosts(p_from, p_to) h
  ),
  rows as (
    select
      coalesce(sum(h.faulty + case when h.held_by = 'faulty' then h.due + h.put_off else 0 end), 0) as faulty,
      coalesce(sum(h.blocked + case when h.held_by = 'blocked' then h.due + h.put_off else 0 end), 0) as blocked,
      coalesce(sum(h.limited + case when h.held_by = 'pace_limited' then h.due + h.put_off else 0 end), 0) as pace_limited,
      coalesce(sum(h.due + h.put_off) filter (where h.held_by = 'capacity_limited'), 0) as capacity_limited
    from hosts h
  ),
  rest as (
    select
      greatest(v_missing - t.listings, 0) as vehicles,
      -- More listings than vehicles are missing hold back what is missing, and no more.
      least(v_missing / nullif(t.listings, 0), 1) as of_listings
    from rows r
    cross join lateral (select r.faulty + r.blocked + r.pace_limited + r.capacity_limited as listings) t
  ),
  shares as (
    select
      case
        when h.state in ('faulty', 'blocked') then h.state
        when h.state = 'at_limit' then 'pace_limited'
        when v_looks = 'faulty' then 'faulty'
        when h.state in ('over_budget', 'overdue') or v_looks = 'off' then 'capacity_limited'
        else 'supply_limited'
      end as cause,
      sum(h.weight) / sum(sum(h.weight)) over () as part
    from hosts h
    group by 1
  ),
  held as (
    select
      c.cause,
      c.place,
      round(coalesce((to_jsonb(r) ->> c.cause)::numeric, 0) * coalesce(rest.of_listings, 1))
        + round(rest.vehicles * coalesce(s.part, case
          when exists (select from hosts) or c.cause <> 'supply_limited' then 0
          else 1
        end)) as vehicles
    from rows r
    cross join rest
    cross join unnest(array['faulty', 'blocked', 'capacity_limited', 'pace_limited', 'supply_limited'])
      with ordinality as c(cause, place)
    left join shares s on s.cause = c.cause
  ),
  ranked as (
    select
      h.*,
      row_number() over (
        partition by h.state order by h.listings desc, h.weight desc, h.requests desc, h.host) as place
    from hosts h
  ),
  errors as (
    select r.error, count(*) as hosts, sum(r.faulty) as listings, min(r.faulty_url) as url
    from ranked r
    where r.error is not null
    group by r.error
    order by sum(r.faulty) desc, count(*) desc, r.error
    limit 3
  )
  select
    (select jsonb_object_agg(cause, vehicles order by place) from held),
    (select cause from held order by vehicles desc, place limit 1),
    (
      select coalesce(jsonb_object_agg(g.state, g.metrics), '{}')
      from (
        select
          r.state,
          jsonb_build_object(
            'hosts', count(*),
            'listings', sum(r.listings),
            'requests', sum(r.requests),
            'pictures', sum(r.pictures),
            'examples', jsonb_agg(
              jsonb_build_object('host', r.host, 'listings', r.listings, 'requests', r.requests, 'why', r.why)
              order by r.place) filter (where r.place <= 5)
          ) as metrics
        from ranked r
        group by r.state
      ) g
    ),
    (select coalesce(jsonb_agg(to_jsonb(e) order by e.listings desc, e.hosts desc, e.error), '[]') from errors e)
  into v_held, v_verdict, v_hosts, v_errors;

  v_metrics := v_metrics || jsonb_build_object(
    'held_back', v_held, 'hosts', v_hosts, 'errors', v_errors, 'workers', v_workers,
    'jobs_off', to_jsonb(private.fill_jobs_off()));
  return jsonb_build_object(
    'verdict', v_verdict,
    'next_actions', to_jsonb(private.fill_next_actions(v_verdict, v_metrics)),
    'metrics', v_metrics);
end
$$;
comment on function private.fill_verdict(timestamptz, timestamptz, integer, integer) is
  'Why a time brought fewer vehicles than its target: {verdict, next_actions, metrics}; verdict is null when it did not. The cause that held back most of the missing vehicles (metrics.held_back) is the verdict: listings in import_queue count for what holds them; what they do not account for is shared out over the hosts that give listings, by how each stands and by what it gave in the week before.';

grant execute on function private.fill_verdict(timestamptz, timestamptz, integer, integer) to service_role;
