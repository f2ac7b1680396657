-- Why a slot missed its target. The causes are put in order by how many vehicles each held back:
--
--   faulty            listings of the queue that could not be read or written because of an error of ours
--   blocked           listings of hosts that refuse us (walls, robots.txt) or do not serve
--   capacity_limited  listings that are due on hosts that could be asked: the workers are behind, or off
--   pace_limited      listings of hosts that were asked as often as their limit allows
--   supply_limited    nothing of all that: what is missing was offered by nobody
--
-- What no row of the queue accounts for is shared out over the hosts that give listings, to each the same part, by how
-- each stands: a wall hides how much is behind it. At a tie the earlier of these lines counts. A host is never pressed
-- harder than its limit to reach a number: no verdict advises it.

create function private.is_our_fault(p_outcome text, p_error text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_outcome in ('unreadable', 'not_an_index', 'broken')
    or p_outcome = 'server_error' and p_error ~ '^(reading it broke|could not be (imported|written)): ',
  false);
comment on function private.is_our_fault(text, text) is
  'Whether an attempt failed on our side: a page that came and was not understood, or a reading that broke or could not be written.';

create function private.fill_queue_by_host(p_from timestamptz, p_to timestamptz)
returns table (host text, faulty bigint, walled bigint, down bigint, limited bigint, due bigint, example text)
language sql stable
set search_path = ''
set enable_seqscan = off
as $$
  with rows as (
    -- So many are looked at at most, a state: more would change no verdict.
    (
      select q.canonical_url, q.outcome_code, q.error_message, q.next_attempt_at
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is null
      limit 20000
    )
    union all
    (
      select q.canonical_url, q.outcome_code, q.error_message, q.next_attempt_at
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is not null
      limit 20000
    )
    union all
    (
      select q.canonical_url, q.outcome_code, q.error_message, 'infinity'
      from public.import_queue q
      where q.status = 'failed' and q.processed_at >= p_from and q.processed_at < p_to
      limit 20000
    )
  ),
  read as (
    select
      private.url_host(r.canonical_url) as host,
      r.error_message,
      case
        when private.is_our_fault(r.outcome_code, r.error_message) then 'faulty'
        when private.is_walled(r.outcome_code) then 'walled'
        when r.outcome_code = 'rate_limited' then 'limited'
        when r.outcome_code in ('timeout', 'network', 'server_error') then 'down'
        when r.next_attempt_at is null or r.next_attempt_at <= p_to then 'due'
      end as state
    from rows r
  )
  select
    read.host,
    count(*) filter (where state = 'faulty'),
    count(*) filter (where state = 'walled'),
    count(*) filter (where state = 'down'),
    count(*) filter (where state = 'limited'),
    count(*) filter (where state = 'due'),
    min(read.error_message) filter (where state = 'faulty')
  from read
  where state is not null
  group by read.host
$$;
comment on function private.fill_queue_by_host(timestamptz, timestamptz) is
  'Listings of import_queue that have not become vehicles, by host and by what holds them; with one error of ours, if there is any.';

create function private.fill_hosts(p_from timestamptz, p_to timestamptz)
returns table (
  host text, state text, faulty bigint, blocked bigint, limited bigint, due bigint, requests bigint, why text
)
language sql stable
set search_path = ''
as $$
  with asked as materialized (
    select
      h.host,
      count(*) as requests,
      count(*) filter (where private.is_refused(h.outcome) or h.outcome in ('timeout', 'network', 'server_error')) as refused
    from public.scraping_health h
    where h.created_at >= p_from
      and h.created_at < p_to
      and h.host is not null
    group by h.host
  ),
  feeds as materialized (
    select
      private.url_host(f.url) as host,
      bool_and(f.failures > 0 and private.is_our_fault(f.last_outcome, f.last_error)) as faulty,
      bool_and(f.failures > 0 and not private.is_our_fault(f.last_outcome, f.last_error)) as refused,
      bool_and(f.failures = 0 and f.lease_token is null and f.next_check_at < p_to - interval '30 minutes') as overdue,
      min(f.last_error) as said
    from public.listing_feeds f
    left join public.scrape_sources s on s.slug = f.source
    where f.enabled
      and s.is_active is not false
      and (s.id is null or private.is_in_service(s.lifecycle))
    group by 1
  ),
  queue as materialized (
    select * from private.fill_queue_by_host(p_from, p_to)
  ),
  stood as (
    select
      host,
      coalesce(q.faulty, 0) as faulty,
      coalesce(q.walled + q.down, 0) as blocked,
      coalesce(q.limited, 0) as limited,
      coalesce(q.due, 0) as due,
      coalesce(a.requests, 0) as requests,
      -- A breaker that has just half opened says nothing of the slot.
      s.breaker <> 'closed' or a.requests > 0 and a.refused = a.requests or f.refused as is_blocked,
      f.faulty or q.faulty > 0 and q.faulty >= q.due as is_faulty,
      l.at_limit
        or a.requests * greatest(s.min_interval_ms, s.crawl_delay_ms, s.slowed_interval_ms)
          >= 800 * extract(epoch from p_to - p_from)
        or s.retry_after > p_to as is_at_limit,
      f.overdue as is_overdue,
      coalesce(l.over_budget > 0 and s.new_pages_used >= s.new_pages_budget and s.budget_until > p_to, false) as is_over_budget,
      case
        when s.breaker <> 'closed' then s.opened_because
        when f.faulty or f.refused then f.said
        when q.faulty > 0 then q.example
        else coalesce(l.why, s.last_message)
      end as why
    from feeds f
    full join queue q using (host)
    left join asked a using (host)
    left join public.source_hosts s using (host)
    left join private.host_limits(p_from, p_to) l using (host)
  )
  select
    t.host,
    case
      when t.is_faulty then 'faulty'
      when t.is_blocked then 'blocked'
      when t.is_over_budget then 'over_budget'
      when t.is_at_limit then 'at_limit'
      when t.is_overdue then 'overdue'
      else 'serves'
    end,
    t.faulty, t.blocked, t.limited, t.due, t.requests, t.why
  from stood t
$$;
comment on function private.fill_hosts(timestamptz, timestamptz) is
  'The hosts that give listings (of feeds that are switched on, or in import_queue), how each stood in a time (faulty, blocked, over_budget, at_limit, overdue: nobody looks at its feeds; serves), and how many of its listings are held by what.';

create function private.fill_workers(p_from timestamptz, p_to timestamptz)
returns table (function_name text, state text, answers bigint, why text)
language sql stable
set search_path = ''
as $$
  select
    w.function_name,
    case
      when count(*) filter (where w.status_code between 200 and 299) * 2 >= count(*) then 'ok'
      when count(*) filter (where w.status_code >= 500 and w.status_code <> 503) * 2 >= count(*) then 'faulty'
      else 'off'
    end,
    count(*),
    min(coalesce(w.error, 'answered ' || w.status_code)) filter (where coalesce(w.status_code, 0) not between 200 and 299)
  from public.worker_invocations w
  where w.function_name in ('process-import-queue', 'discover-listings', 'pipeline-orchestrator')
    and w.invoked_at >= p_from
    and w.invoked_at < p_to
    and w.answered_at is not null
  group by w.function_name
$$;
comment on function private.fill_workers(timestamptz, timestamptz) is
  'Whether the functions that bring vehicles in answered the database in a time: ok, faulty (an error of theirs), off (not deployed, no key, nobody there).';

create function private.fill_verdict(p_from timestamptz, p_to timestamptz, p_added integer, p_target integer) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_missing integer := greatest(p_target - p_added, 0);
  v_held jsonb;
  v_hosts jsonb;
  v_workers jsonb;
  v_import text;
  v_looks text;
  v_verdict text;
begin
  if v_missing = 0 then
    return jsonb_build_object('verdict', null, 'next_actions', '[]'::jsonb, 'metrics', jsonb_build_object(
      'added', p_added, 'target', p_target, 'missing', 0));
  end if;
  select
    coalesce(jsonb_object_agg(w.function_name, jsonb_build_object('state', w.state, 'why', w.why)), '{}'),
    max(w.state) filter (where w.function_name = 'process-import-queue'),
    case
      -- Either of them looks at the feeds.
      when bool_or(w.state = 'ok') filter (where w.function_name <> 'process-import-queue') then 'ok'
      else max(w.state) filter (where w.function_name <> 'process-import-queue')
    end
  into v_workers, v_import, v_looks
  from private.fill_workers(p_from, p_to) w;

  with hosts as materialized (
    select * from private.fill_hosts(p_from, p_to)
  ),
  rows as (
    select
      coalesce(sum(
        h.faulty + case
          when h.state not in ('blocked', 'at_limit') and v_import = 'faulty' then h.due
          else 0
        end), 0) as faulty,
      coalesce(sum(h.blocked + case when h.state = 'blocked' then h.due else 0 end), 0) as blocked,
      coalesce(sum(h.limited + case when h.state = 'at_limit' then h.due else 0 end), 0) as pace_limited,
      coalesce(sum(h.due) filter (
        where h.state not in ('blocked', 'at_limit') and v_import is distinct from 'faulty'), 0) as capacity_limited
    from hosts h
  ),
  rest as (
    select greatest(v_missing - (r.faulty + r.blocked + r.pace_limited + r.capacity_limited), 0) as vehicles
    from rows r
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
      count(*)::numeric / sum(count(*)) over () as part
    from hosts h
    group by 1
  ),
  held as (
    select
      c.cause,
      c.place,
      coalesce((to_jsonb(r) ->> c.cause)::numeric, 0)
        + round(rest.vehicles * coalesce(s.part, case
          when exists (select from hosts) or c.cause <> 'supply_limited' then 0
          else 1
        end)) as vehicles
    from rows r
    cross join rest
    cross join unnest(array['faulty', 'blocked', 'capacity_limited', 'pace_limited', 'supply_limited'])
      with ordinality as c(cause, place)
    left join shares s on s.cause = c.cause
  )
  select
    (select jsonb_object_agg(cause, vehicles order by place) from held),
    (select cause from held order by vehicles desc, place limit 1),
    (
      select coalesce(jsonb_object_agg(g.state, g.metrics), '{}')
      from (
        select
          h.state,
          jsonb_build_object(
            'hosts', count(*),
            'due', sum(h.due),
            'requests', sum(h.requests),
            'examples', (jsonb_agg(
              jsonb_build_object('host', h.host, 'requests', h.requests, 'why', h.why)
              order by h.faulty + h.blocked + h.limited + h.due desc, h.requests desc, h.host)) -> 0,
            'first', (array_agg(h.host order by h.faulty + h.blocked + h.limited + h.due desc, h.requests desc, h.host))[:5]
          ) as metrics
        from hosts h
        group by h.state
      ) g
    )
  into v_held, v_verdict, v_hosts;

  return jsonb_build_object(
    'verdict', v_verdict,
    'next_actions', to_jsonb(private.fill_next_actions(v_verdict, v_hosts, v_workers)),
    'metrics', jsonb_build_object(
      'added', p_added, 'target', p_target, 'missing', v_missing, 'held_back', v_held, 'hosts', v_hosts,
      'workers', v_workers));
end
$$;
comment on function private.fill_verdict(timestamptz, timestamptz, integer, integer) is
  'Why a time brought fewer vehicles than its target: {verdict, next_actions, metrics}; verdict is null when it did not. The cause that held back most vehicles (metrics.held_back) is the verdict: listings in import_queue count for what holds them; what they do not account for is shared out evenly over the hosts that give listings, by how each stands.';

create function private.fill_next_actions(p_verdict text, p_hosts jsonb, p_workers jsonb) returns text[]
language sql stable
set search_path = ''
as $$
  select array_remove(case p_verdict
    when 'supply_limited' then array[
      'more sources: select add_source_candidate(''https://…'');',
      'what waits for a person: select * from source_candidates_to_review;',
      'what is switched off: select url, why, what_to_do from listing_feed_status where state = ''off'';']
    when 'pace_limited' then array[
      format('at their limit, and never pressed harder: %s', (
        select string_agg(h, ', ') from jsonb_array_elements_text(p_hosts -> 'at_limit' -> 'first') h)),
      'fewer pictures leave more of their requests for pages: update fill_policy set galleries = ''cover'';',
      'more sources: select add_source_candidate(''https://…'');',
      (
        select format(
          'where its owner allows more: update source_hosts set min_interval_ms = … where host = %L;',
          p_hosts -> 'at_limit' -> 'first' ->> 0)
        where p_hosts ? 'at_limit'
      )]
    when 'capacity_limited' then (
      select coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key), '{}')
      from jsonb_each(p_workers) w
      cross join lateral private.remedy(w.key) r
      where w.value ->> 'state' <> 'ok'
    ) || case
      when p_workers = '{}' then array['nobody invoked a worker: select jobname, schedule, active from cron.job;']
      else '{}'
    end || array[
      'more workers side by side: update fill_policy set workers_ceiling = workers_ceiling * 2;',
      case when p_hosts ? 'over_budget'
        then 'more requests a cycle: update fill_policy set requests_ceiling = requests_ceiling * 2;' end,
      'what is behind: select * from pipeline_status;']
    when 'blocked' then array[
      format('they refuse us or do not serve: %s', (
        select string_agg(h, ', ') from jsonb_array_elements_text(p_hosts -> 'blocked' -> 'first') h)),
      'since when and why: select * from pipeline_status where part like ''host %'';',
      format('when it serves again: select resume_host(%L);', p_hosts -> 'blocked' -> 'first' ->> 0),
      'others in their place: select add_source_candidate(''https://…'');']
    when 'faulty' then (
      select coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key), '{}')
      from jsonb_each(p_workers) w
      cross join lateral private.remedy(w.key) r
      where w.value ->> 'state' = 'faulty'
    ) || array[
      format('an error of ours: %s', p_hosts -> 'faulty' -> 'examples' ->> 'why'),
      'which listings: select listing_url, outcome_code, error_message from import_queue where error_message is not null order by updated_at desc limit 20;',
      'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';',
      'when it is mended: select redrive_dead_letters(''import_queue'');']
    else '{}'
  end, null)
$$;
comment on function private.fill_next_actions(text, jsonb, jsonb) is
  'What would help after a verdict, and what to type.';

grant execute on function private.is_our_fault(text, text) to authenticated, service_role;
grant execute on function
  private.fill_queue_by_host(timestamptz, timestamptz),
  private.fill_hosts(timestamptz, timestamptz),
  private.fill_workers(timestamptz, timestamptz),
  private.fill_verdict(timestamptz, timestamptz, integer, integer),
  private.fill_next_actions(text, jsonb, jsonb)
to service_role;
