-- Say why a cycle missed.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.worker_invocation_status;

drop function private.fill_hosts(timestamp with time zone, timestamp with time zone);

drop function private.fill_next_actions(text, jsonb, jsonb);

drop function private.fill_queue_by_host(timestamp with time zone, timestamp with time zone);

drop function private.fill_workers(timestamp with time zone, timestamp with time zone);

create or replace function private.collect_invocation_answers() returns void
language sql
set search_path = ''
as $$
  update public.worker_invocations r
  set answered_at = a.created,
      status_code = a.status_code,
      error = case
        when a.timed_out then 'no answer within five seconds'
        when a.status_code not between 200 and 299 then private.words_of_answer(a.content)
        else a.error_msg
      end
  from net._http_response a
  where a.id = r.request_id
    and r.answered_at is null
    and a.created >= r.invoked_at; -- pg_net counts from one again after a crash
$$;

create or replace function private.fill_hosts(p_from timestamptz, p_to timestamptz)
returns table (
  host text, state text, weight numeric, faulty bigint, blocked bigint, limited bigint, due bigint, put_off bigint,
  requests bigint, pictures bigint, why text, error text, faulty_url text
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
      bool_and(
        f.failures > 0 and not private.is_our_fault(f.last_outcome, f.last_error) and f.last_outcome <> 'rate_limited'
      ) as refused,
      bool_and(f.failures > 0 and f.last_outcome = 'rate_limited') as limited,
      bool_and(f.failures = 0 and f.lease_token is null and f.next_check_at < p_to - interval '30 minutes') as overdue,
      min(f.last_error) as said,
      coalesce(
        format('at the last look at its lists %s of %s listings were new', sum(f.last_new), sum(f.last_found)),
        'nobody has looked at its lists yet') as offers,
      coalesce(
        'nobody has looked at its lists since ' || private.utc_text(max(f.last_checked_at)),
        'nobody has looked at its lists yet') as not_looked
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
      1 + coalesce(g.vehicles, 0) as weight,
      coalesce(q.faulty, 0) as faulty,
      coalesce(q.walled + q.down, 0) as blocked,
      coalesce(q.limited, 0) as limited,
      coalesce(q.due, 0) as due,
      coalesce(q.put_off, 0) as put_off,
      coalesce(a.requests, 0) as requests,
      coalesce(l.requests - l.pages, 0) as pictures,
      q.error,
      q.faulty_url,
      -- A breaker that has just half opened says nothing of the slot.
      s.breaker <> 'closed' or a.requests > 0 and a.refused = a.requests or f.refused as is_blocked,
      f.faulty or q.faulty > 0 and q.faulty >= q.due + q.put_off as is_faulty,
      l.at_limit
        or a.requests * greatest(s.min_interval_ms, s.crawl_delay_ms, s.slowed_interval_ms)
          >= 800 * extract(epoch from p_to - p_from)
        or s.retry_after > p_to
        or f.limited
        -- Its listings wait for its next turn, and for no worker.
        or q.put_off > q.due as is_at_limit,
      f.overdue as is_overdue,
      coalesce(l.over_budget > 0 and s.new_pages_used >= s.new_pages_budget and s.budget_until > p_to, false) as is_over_budget,
      coalesce(s.opened_because || coalesce(': ' || s.last_message, ''), f.said, s.last_message) as why_blocked,
      case
        when s.slowed_interval_ms > greatest(s.min_interval_ms, s.crawl_delay_ms) then 'its answers slowed it down'
        when s.crawl_delay_ms > s.min_interval_ms then 'crawl-delay of its robots.txt'
        when s.retry_after > p_to or f.limited then 'it asked to be asked less'
        else 'min_interval_ms'
      end as why_at_limit,
      f.said, f.offers, f.not_looked
    from feeds f
    full join queue q using (host)
    left join asked a using (host)
    left join public.source_hosts s using (host)
    left join private.host_limits(p_from, p_to) l using (host)
    left join private.vehicles_given(p_from - interval '7 days', p_from) g using (host)
  ),
  judged as (
    select
      t.*,
      case
        when t.is_faulty then 'faulty'
        when t.is_blocked then 'blocked'
        when t.is_over_budget then 'over_budget'
        when t.is_at_limit then 'at_limit'
        when t.is_overdue then 'overdue'
        else 'serves'
      end as state
    from stood t
  )
  select
    j.host, j.state, j.weight, j.faulty, j.blocked, j.limited, j.due, j.put_off, j.requests, j.pictures,
    case j.state
      when 'faulty' then coalesce(j.error, j.said)
      when 'blocked' then j.why_blocked
      when 'over_budget' then 'the requests for new pages that its budget gives it are used up'
      when 'at_limit' then j.why_at_limit
      when 'overdue' then j.not_looked
      else j.offers
    end,
    coalesce(j.error, case when j.state = 'faulty' then j.said end),
    j.faulty_url
  from judged j
$$;

create or replace function private.fill_jobs_off() returns text[]
language sql stable
security definer -- cron.job is its owner's
set search_path = ''
as $$
  select coalesce(array_agg(j.jobname order by j.jobname), '{}')
  from cron.job j
  where not j.active
    and j.jobname in ('database-fill-agent', 'pipeline-orchestrator', 'look-after-queues', 'collect-invocation-answers')
$$;

create or replace function private.fill_next_actions(p_verdict text, p_metrics jsonb) returns text[]
language sql stable
set search_path = ''
as $$
  with hosts as (
    select e.state, x.host, x.listings, x.why, x.place
    from jsonb_each(p_metrics -> 'hosts') e(state, of_state)
    cross join lateral rows from (
      jsonb_to_recordset(e.of_state -> 'examples') as (host text, listings bigint, why text)
    ) with ordinality as x(host, listings, why, place)
  ),
  named as (
    select h.state, string_agg(h.host || coalesce(' (' || h.why || ')', ''), ', ' order by h.place) as hosts
    from hosts h
    group by h.state
  ),
  workers as (
    select
      coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key) filter (where w.value ->> 'state' <> 'ok'), '{}')
        as amiss,
      coalesce(array_agg(format('%s: %s', r.why, r.what_to_type) order by w.key) filter (where w.value ->> 'state' = 'faulty'), '{}')
        as faulty
    from jsonb_each(p_metrics -> 'workers') w
    cross join lateral private.remedy_of(w.key, w.value ->> 'why') r
  ),
  jobs as (
    select format(
      'switched off in cron: select cron.alter_job(jobid, active := true) from cron.job where jobname in (%s);',
      string_agg(quote_literal(j), ', ' order by j)) as off
    from jsonb_array_elements_text(p_metrics -> 'jobs_off') j
    having count(*) > 0
  )
  select array_remove(case p_verdict
    when 'supply_limited' then array[
      'more sources: select add_source_candidate(''https://…'');',
      'what waits for a person: select * from source_candidates_to_review;',
      'what is switched off: select url, why, what_to_do from listing_feed_status where state = ''off'';']
    when 'pace_limited' then array[
      (select 'at their limit, and never pressed harder: ' || n.hosts from named n where n.state = 'at_limit'),
      case when (p_metrics #>> '{hosts,at_limit,pictures}')::bigint > 0
        then format(
          '%s of their %s requests were for pictures, fewer leave more for pages: update fill_policy set galleries = ''cover'';',
          p_metrics #>> '{hosts,at_limit,pictures}', p_metrics #>> '{hosts,at_limit,requests}') end,
      'more sources: select add_source_candidate(''https://…'');',
      (
        select format('where its owner allows more: update source_hosts set min_interval_ms = … where host = %L;', h.host)
        from hosts h
        where h.state = 'at_limit' and h.why = 'min_interval_ms'
        order by h.place
        limit 1
      )]
    when 'capacity_limited' then (select w.amiss from workers w) || array[
      (select j.off from jobs j),
      case when p_metrics #> '{hosts,over_budget}' is not null
        then 'more requests a cycle: update fill_policy set requests_ceiling = least(requests_ceiling * 2, 10000000);' end,
      -- More of what does not run would not help.
      case when (select w.amiss = '{}' from workers w) and not exists (select from jobs)
        then 'more workers side by side: update fill_policy set workers_ceiling = least(workers_ceiling * 2, 50);' end,
      'what is behind: select * from pipeline_status;']
    when 'blocked' then array[
      (select 'they refuse us or do not serve: ' || n.hosts from named n where n.state = 'blocked'),
      'since when and why: select * from pipeline_status where part like ''host %'';',
      'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';',
      (
        select format('when it serves again: select resume_host(%L);', h.host)
        from hosts h where h.state = 'blocked' order by h.place limit 1
      ),
      'others in their place: select add_source_candidate(''https://…'');']
    when 'faulty' then (select w.faulty from workers w) || array(
      select format('an error of ours, %s: %s',
        case when e.listings > 0 then format('%s listings', e.listings) else format('the lists of %s hosts', e.hosts) end, e.error)
      from jsonb_to_recordset(p_metrics -> 'errors') as e(error text, hosts bigint, listings bigint)
      where e.error <> private.worker_died()
    ) || (
      select array[
        max(format('%s listings whose worker broke: the log of process-import-queue says why', e.listings))
          filter (where e.error = private.worker_died()),
        case when sum(e.listings) > 0
          then 'which listings: select listing_url, outcome_code, error_message from import_queue where error_message is not null order by updated_at desc limit 20;' end,
        case when bool_or(e.listings = 0)
          then 'which feeds: select url, why, what_to_do from listing_feed_status where state = ''failing'';' end,
        case when sum(e.listings) > 0
          then 'when it is mended: select redrive_dead_letters(''import_queue'');' end]
      from jsonb_to_recordset(p_metrics -> 'errors') as e(error text, hosts bigint, listings bigint)
    )
    else '{}'
  end, null)
$$;

create or replace function private.fill_queue_by_host(p_from timestamptz, p_to timestamptz)
returns table (host text, faulty bigint, walled bigint, down bigint, limited bigint, due bigint, put_off bigint, error text, faulty_url text)
language sql stable
set search_path = ''
set enable_seqscan = off
as $$
  with rows as (
    -- So many are looked at at most, a state: more would change no verdict.
    (
      select q.listing_url, q.canonical_url, q.outcome_code, q.error_message, q.next_attempt_at
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is null
      limit 20000
    )
    union all
    (
      select q.listing_url, q.canonical_url, q.outcome_code, q.error_message, q.next_attempt_at
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is not null
      limit 20000
    )
    union all
    (
      select q.listing_url, q.canonical_url, q.outcome_code, q.error_message, null
      from public.import_queue q
      where q.lease_token is not null
      limit 20000
    )
    union all
    (
      select q.listing_url, q.canonical_url, q.outcome_code, q.error_message, 'infinity'
      from public.import_queue q
      where q.status = 'failed' and q.processed_at >= p_from and q.processed_at < p_to
      limit 20000
    )
  ),
  read as (
    select
      private.url_host(r.canonical_url) as host,
      r.listing_url,
      r.error_message,
      case
        when private.is_our_fault(r.outcome_code, r.error_message) then 'faulty'
        when private.is_walled(r.outcome_code) then 'walled'
        when r.outcome_code = 'rate_limited' then 'limited'
        when r.outcome_code in ('timeout', 'network', 'server_error') then 'down'
        when r.next_attempt_at is null or r.next_attempt_at <= p_to then 'due'
        -- Without an attempt: for the next turn of its host.
        when r.outcome_code is null then 'put_off'
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
    count(*) filter (where state = 'put_off'),
    mode() within group (order by read.error_message) filter (where state = 'faulty'),
    min(read.listing_url) filter (where state = 'faulty')
  from read
  where state is not null
  group by read.host
$$;

create or replace function private.fill_verdict(p_from timestamptz, p_to timestamptz, p_added integer, p_target integer) returns jsonb
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

create or replace function private.fill_workers(p_from timestamptz, p_to timestamptz)
returns table (function_name text, state text, calls bigint, why text)
language sql stable
set search_path = ''
as $$
  with invoked as (
    select w.function_name, w.invoked_at, w.answered_at, w.status_code, w.error, w.rows_claimed,
      coalesce(w.status_code between 200 and 299, false) as is_accepted
    from public.worker_invocations w
    where w.function_name in ('process-import-queue', 'discover-listings', 'pipeline-orchestrator')
      and w.invoked_at >= p_from
      and w.invoked_at < p_to
  ),
  runs as (
    select
      coalesce(r.status = 'abandoned' or exists (
        select from jsonb_array_elements(r.steps) s
        where s ->> 'name' = 'discover_listings' and s ->> 'status' = 'failed'), false) as has_failed,
      left(r.error_message, 300) as error
    from public.pipeline_runs r
    where r.started_at >= p_from
      and r.started_at < p_to
  ),
  calls as (
    select
      i.function_name,
      case
        when private.is_worker_fault(i.status_code, i.error) then 'faulty'
        when i.status_code is null then 'silent'
        else 'off'
      end as state,
      case
        when i.answered_at is null then 'pg_net sends nothing, or keeps no answer'
        else private.meaning_of_answer(i.function_name, i.status_code, i.error)
      end as meaning
    from invoked i
    where not i.is_accepted
      and (i.answered_at is not null or i.invoked_at < p_to - interval '1 minute')
    union all
    -- Accepted is not done: it answers first. Who claims rows says so, also when there are none.
    select
      i.function_name,
      case when h.has_begun then 'ok' else 'faulty' end,
      case when not h.has_begun then 'it breaks before it has claimed a row' end
    from invoked i
    cross join lateral (
      select i.rows_claimed is not null
        or i.invoked_at > p_to - interval '1 minute'
        or not exists (select from private.queues q where q.function_name = i.function_name) as has_begun
    ) h
    where i.is_accepted
      and i.function_name <> 'pipeline-orchestrator'
    union all
    select 'pipeline-orchestrator', 'faulty', 'it breaks before it has begun a run'
    from invoked i
    where i.is_accepted
      and i.function_name = 'pipeline-orchestrator'
      and i.invoked_at < p_to - interval '1 minute'
      and not exists (select from runs)
    union all
    select 'pipeline-orchestrator', case when r.has_failed then 'faulty' else 'ok' end, case when r.has_failed then r.error end
    from runs r
    union all
    -- Cron invokes it every ten minutes.
    select
      'pipeline-orchestrator',
      'not_invoked',
      format('nobody invoked it for %s minutes', round(extract(epoch from p_to - coalesce(max(w.invoked_at), p_from)) / 60))
    from invoked w
    where w.function_name = 'pipeline-orchestrator'
    having coalesce(max(w.invoked_at), p_from) < p_to - interval '30 minutes'
  ),
  counted as (
    select
      c.function_name,
      count(*) as calls,
      count(*) filter (where c.state = 'faulty') as faulty,
      count(*) filter (where c.state = 'off') as off,
      count(*) filter (where c.state = 'silent') as silent,
      count(*) filter (where c.state = 'not_invoked') as not_invoked,
      coalesce(
        mode() within group (order by c.meaning) filter (where c.state in ('faulty', 'off')),
        mode() within group (order by c.meaning) filter (where c.state = 'silent')) as meaning,
      max(c.meaning) filter (where c.state = 'not_invoked') as silence
    from calls c
    group by c.function_name
  )
  select
    c.function_name,
    case
      when c.not_invoked > 0 then 'not_invoked'
      when (c.faulty + c.off + c.silent) * 2 <= c.calls then 'ok'
      -- One that gave no answer may be broken or away: those that answered say which.
      when c.faulty > 0 and c.faulty >= c.off then 'faulty'
      else 'off'
    end,
    c.calls - c.not_invoked,
    case
      when c.not_invoked > 0 then c.silence
      when (c.faulty + c.off + c.silent) * 2 > c.calls then c.meaning
    end
  from counted c
$$;

create or replace function private.is_our_fault(p_outcome text, p_error text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_outcome in ('unreadable', 'not_an_index', 'broken')
    or p_outcome = 'server_error' and p_error ~ '^(reading it broke|could not be (imported|written)): '
    or p_error = private.worker_died(),
  false);

create or replace function private.is_worker_fault(p_status integer, p_error text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_status >= 500 and p_status not in (502, 503, 504) -- a gateway that reached nobody
    or p_status = 503 and p_error like 'BOOT\_ERROR%', -- it is there, and does not start
  false);

create or replace function private.meaning_of_answer(p_function text, p_status integer, p_error text) returns text
language sql immutable parallel safe
return case
  when p_status between 200 and 299 then 'ok'
  when p_status = 404 then 'not deployed: supabase functions deploy ' || p_function
  when p_status in (401, 403) then 'the key in Vault (service_role_key) is refused'
  when p_status is not null then concat_ws(': ', 'answered ' || p_status, p_error)
  when p_error is not null then p_error
  else 'no answer yet'
end;

create or replace function private.remedy(p_function text) returns table (why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select r.why, r.what_to_type
  from (select 1) one
  left join public.worker_invocation_status d on d.function_name = p_function
  cross join lateral private.remedy_of(p_function, d.meaning) r
$$;

create or replace function private.remedy_of(p_function text, p_meaning text) returns table (why text, what_to_type text)
language sql immutable
set search_path = ''
as $$
  select
    case
      when p_meaning is null then 'nobody has invoked ' || p_function || ': cron does not run'
      when p_meaning = 'ok' then p_function || ' answers, and finishes nothing: its log says why'
      else p_function || ': ' || p_meaning
    end,
    case
      when p_meaning is null or p_meaning like 'nobody invoked it%' then 'select jobname, schedule, active from cron.job;'
      when p_meaning like 'not deployed%' then 'supabase functions deploy ' || p_function
      when p_meaning like 'the key in Vault%'
        then 'select vault.update_secret(id, ''YOUR_SECRET_KEY'') from vault.secrets where name = ''service_role_key'';'
      when p_meaning like 'Vault has no secret%'
        then 'select vault.create_secret(''https://YOUR_PROJECT.supabase.co'', ''project_url''); select vault.create_secret(''YOUR_SECRET_KEY'', ''service_role_key'');'
      when p_meaning like 'pg_net %' then 'select net.worker_restart();'
      else 'node scripts/invoke.js ' || p_function
    end
$$;

create or replace function private.vehicles_given(p_from timestamptz, p_to timestamptz)
returns table (host text, vehicles numeric)
language sql stable
set search_path = ''
as $$
  select u.host, sum(h.vehicles_extracted::numeric / cardinality(h.hosts))
  from public.fill_cycles c
  join public.source_health h on h.cycle_id = c.cycle_id
  cross join lateral unnest(h.hosts) u(host)
  where c.slot >= p_from
    and c.slot < p_to
    and h.vehicles_extracted > 0
  group by u.host
$$;

create or replace function private.words_of_answer(p_content text) returns text
language plpgsql immutable
set search_path = ''
as $$
begin
  return nullif(left(btrim(regexp_replace(
    case
      when p_content is json object
        then concat_ws(': ', p_content::jsonb ->> 'code', coalesce(p_content::jsonb ->> 'error', p_content::jsonb ->> 'message'))
      else regexp_replace(p_content, '<[^>]*>', ' ', 'g')
    end, '\s+', ' ', 'g')), 300), '');
end
$$;

create view public.worker_invocation_status with (security_invoker = true) as
select
  called.function_name,
  called.last_invoked_at,
  answer.status_code as last_status,
  private.meaning_of_answer(called.function_name, answer.status_code, answer.error) as meaning,
  answer.answered_at as last_answered_at
from (
  select function_name, max(invoked_at) as last_invoked_at
  from public.worker_invocations
  group by function_name
) called
-- Its last answer, not its last call: while work is due there is always one that is not answered yet.
left join lateral (
  select r.status_code, r.error, r.answered_at
  from public.worker_invocations r
  where r.function_name = called.function_name
    and r.answered_at is not null
  order by r.invoked_at desc, r.id desc
  limit 1
) answer on true
order by called.function_name;

comment on function private.fill_hosts(timestamp with time zone, timestamp
  with time zone) is 'The hosts that give listings (of feeds that are switched on, or in import_queue), how each stood in a time (faulty, blocked, over_budget, at_limit, overdue: nobody looks at its feeds; serves) and why, how many of its listings are held by what, requests and how many of them were for pictures, and an error of ours with the address of a listing that met one. weight: what it gave in the week before, and one more, so that a new one counts too.';

comment on function private.fill_jobs_off() is 'The jobs of cron that bring vehicles in and are switched off now.';

comment on function private.fill_next_actions(text, jsonb) is 'What would help after a verdict with these metrics, and what to type.';

comment on function private.fill_queue_by_host(timestamp with time zone, timestamp
  with time zone) is 'Listings of import_queue that have not become vehicles, by host and by what holds them (due: nothing; put_off: until the next turn of their host); with the error of ours that most of them met, if there is any, and the address of one.';

comment on function private.fill_verdict(timestamp with time zone, timestamp
  with time zone, integer, integer) is 'Why a time brought fewer vehicles than its target: {verdict, next_actions, metrics}; verdict is null when it did not. The cause that held back most of the missing vehicles (metrics.held_back) is the verdict: listings in import_queue count for what holds them; what they do not account for is shared out over the hosts that give listings, by how each stands and by what it gave in the week before.';

comment on function private.fill_workers(timestamp with time zone, timestamp
  with time zone) is 'Whether the functions that bring vehicles in did what the database invoked them for in a time: ok, faulty (an error of theirs, in the answer or behind it), off (not deployed, no key, nobody there), not_invoked (pipeline-orchestrator: not in the last half hour); and what most of its failures mean.';

comment on function private.is_our_fault(text, text) is 'Whether an attempt failed on our side: a page that came and was not understood, a reading that broke or could not be written, or a worker that stopped in the midst of it.';

comment on function private.is_worker_fault(integer, text) is 'Whether an edge function that answered so is broken: an error of ours, and not one of a gateway that reached nobody.';

comment on function private.meaning_of_answer(text, integer, text) is 'What it means that an edge function which the database invoked answered so: ok, or what is wrong.';

comment on function private.remedy_of(text, text) is 'Why a worker does not run, and what to type, by what its answer means (worker_invocation_status, fill_workers()). p_meaning null: nobody invoked it.';

comment on function private.vehicles_given(timestamp with time zone, timestamp
  with time zone) is 'Vehicles that the source of each host gave in the cycles of a time, as source_health counted them; shared evenly between the hosts of a source.';

comment on function private.words_of_answer(text) is 'What an answer that is no success says: code and error of our functions and of the platform, else the text of a gateway''s page; at most 300 characters.';

comment on view public.worker_invocation_status is 'For each edge function that the database invokes: when it was last called and what it last answered.';

revoke all on function private.fill_hosts(timestamp with time zone, timestamp with time zone) from public;

grant execute
  on function private.fill_hosts(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.fill_jobs_off() from public;

grant execute on function private.fill_jobs_off() to postgres, service_role;

revoke all on function private.fill_next_actions(text, jsonb) from public;

grant execute on function private.fill_next_actions(text, jsonb) to postgres, service_role;

revoke all
  on function private.fill_queue_by_host(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.fill_queue_by_host(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all
  on function private.fill_workers(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.fill_workers(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.is_worker_fault(integer, text) from public;

grant execute
  on function private.is_worker_fault(integer, text)
  to authenticated, postgres, service_role;

revoke all on function private.meaning_of_answer(text, integer, text) from public;

grant execute
  on function private.meaning_of_answer(text, integer, text)
  to authenticated, postgres, service_role;

revoke all on function private.remedy_of(text, text) from public;

grant execute on function private.remedy_of(text, text) to authenticated, postgres, service_role;

revoke all
  on function private.vehicles_given(timestamp with time zone, timestamp with time zone)
  from public;

grant execute
  on function private.vehicles_given(timestamp with time zone, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.words_of_answer(text) from public;

grant execute on function private.words_of_answer(text) to postgres;

grant select on table public.worker_invocation_status to authenticated;

grant all on table public.worker_invocation_status to postgres, service_role;
