-- Ask hosts and maps in one place.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.low_confidence_extractions;

drop view public.source_host_status;

drop view public.today_by_source;

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
        or a.requests * s.interval_ms
          >= 800 * extract(epoch from p_to - p_from)
        or s.retry_after > p_to
        or f.limited
        -- Its listings wait for its next turn, and for no worker.
        or q.put_off > q.due as is_at_limit,
      f.overdue as is_overdue,
      coalesce(l.over_budget > 0 and s.new_pages_used >= s.new_pages_budget and s.budget_until > p_to, false) as is_over_budget,
      coalesce(s.opened_because || coalesce(': ' || s.last_message, ''), f.said, s.last_message) as why_blocked,
      case
        when private.pace_set_by(s) = 'min_interval_ms' and (s.retry_after > p_to or f.limited) then 'it asked to be asked less'
        else private.pace_set_by(s)
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
      a.*, h.interval_ms, private.pace_set_by(h) as pace_set_by,
      100 * a.taken_ms / greatest(
        extract(epoch from least(coalesce(p_to, now()), now()) - private.metrics_slot(p_from)) * 1000, 1) as taken
    from asked a
    left join public.source_hosts h on h.host = a.host
  )
  select
    s.host, s.requests, s.pages, s.new_pages, s.put_off, s.over_budget, s.interval_ms,
    round(least(s.taken, 100), 1),
    s.put_off > 0 and s.taken >= 80,
    s.pace_set_by
  from stood s
  order by s.taken desc, s.host
$$;

create or replace function private.may_be_asked_at(h public.source_hosts) returns timestamptz
language sql stable -- without a search_path, so that it is a part of the query that asks
return greatest(
  now(), h.next_slot_at, h.retry_after,
  case h.breaker when 'open' then h.retry_at when 'half_open' then h.probe_until end);

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
  cross join lateral (select private.may_be_asked_at(h) as at) free
$$;

create or replace function private.pace_set_by(h public.source_hosts) returns text
language sql immutable parallel safe
return case
  when h.slowed_interval_ms > greatest(h.min_interval_ms, h.crawl_delay_ms) then 'its answers slowed it down'
  when h.crawl_delay_ms > h.min_interval_ms then 'crawl-delay of its robots.txt'
  else 'min_interval_ms'
end;

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
    cross join lateral (select private.may_be_asked_at(h) as at) free
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
      held.held_interval,
      f.pages as held_pages,
      case when private.was_read(i.outcome) and f.last_found_at is not null
        then private.blended_rate(
          f.new_per_hour, held.held_interval, case i.outcome when 'ok' then coalesce(i.new, 0) else 0 end,
          now() - f.last_found_at)
        else f.new_per_hour
      end as new_per_hour
    from items i
    join public.listing_feeds f on f.id = i.id and f.lease_token = i.lease_token
    cross join lateral (select private.feed_interval(f) as held_interval offset 0) held -- once a feed
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
    returning f.id, f.next_check_at, f.url, f.new_per_hour, f.revisit_interval, m.held_interval, f.pages, m.held_pages, f.last_new
  ),
  decided as (
    insert into public.fill_decisions (cycle_id, lever, subject, from_value, to_value, reason, metrics)
    select (select c.cycle_id from public.fill_cycles c where c.status = 'running'), 'feed_interval', url,
      held_interval::text, revisit_interval::text,
      format('%s new listings an hour: five of them in this time', round(new_per_hour, 2)),
      jsonb_build_object('new_per_hour', new_per_hour)
    from settled
    where revisit_interval <> held_interval
    union all
    select (select c.cycle_id from public.fill_cycles c where c.status = 'running'), 'feed_pages', url,
      held_pages::text, pages::text, format('%s of its listings were new: what stands behind them is known', last_new),
      jsonb_build_object('new', last_new)
    from settled
    where pages <> held_pages
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', i.id, 'held', s.id is not null, 'next_check_at', s.next_check_at)), '[]')
  from items i
  left join settled s on s.id = i.id
$$;

create or replace function public.settle_map_comparisons(
  p_job_id uuid, p_token uuid, p_comparisons jsonb, p_pages integer, p_adapter_reads integer
) returns text
language plpgsql
set search_path = ''
as $$
declare
  j public.extraction_map_jobs;
  v_result text;
begin
  select * into j from public.extraction_map_jobs where id = p_job_id and lease_token = p_token for update;
  if not found then
    return null;
  end if;
  insert into public.extraction_map_comparisons
    (map_id, snapshot_id, field_name, map_value, other_value, agrees, while_serving)
  select c.map_id, c.snapshot_id, c.field_name, c.map_value, c.other_value, c.agrees, j.cause = 'watch'
  from jsonb_to_recordset(p_comparisons) as c(
    map_id uuid, snapshot_id uuid, field_name text, map_value text, other_value text, agrees boolean)
  on conflict do nothing;
  v_result := case
    when j.cause = 'watch' then private.judge_serving_maps(j.source, p_pages, p_adapter_reads)
    else private.judge_shadow_maps(j, p_adapter_reads)
  end;
  if v_result is null then -- there is too little to compare it with as yet
    delete from public.extraction_map_pages where job_id = j.id;
    -- Of the pages that it compared nothing is kept but what was compared.
    update public.extraction_map_jobs
    set step = 'sample', state = jsonb_build_object('map_ids', state -> 'map_ids'), steps_done = steps_done + 1
    where id = j.id;
    perform public.release_queue('extraction_map_jobs', jsonb_build_array(jsonb_build_object(
      'id', j.id, 'lease_token', p_token, 'retry_at', now() + interval '15 minutes',
      'error', 'in shadow: fewer than 20 pages were read by the adapter, too')));
    return 'in shadow';
  end if;
  perform public.finish_map_job(j.id, p_token, v_result);
  return v_result;
end
$$;

create view public.low_confidence_extractions with (security_invoker = true) as
select
  m.id,
  m.vehicle_id,
  v.year,
  v.make,
  v.model,
  m.field_name,
  m.field_value,
  m.confidence_score,
  m.extraction_method,
  m.scraper_version,
  m.evidence,
  m.source_url,
  m.extracted_at,
  'too unsure to count in the score' || coalesce(': read from ' || m.evidence, ', and nothing says where it stood') as why
from public.extraction_metadata m
join public.vehicles v on v.id = m.vehicle_id
where m.validation_status = 'accepted'
  and m.confidence_score < private.sure_enough()
order by m.confidence_score, m.id;

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
  case private.pace_set_by(h)
    when 'its answers slowed it down' then 'slowed down: ' || coalesce(h.paced_because, 'by its answers')
    else private.pace_set_by(h)
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

create view public.today_by_source with (security_invoker = true) as
with found as (
  select coalesce(private.url_host(q.listing_url), 'unknown') as source, count(*) as listings
  from public.import_queue q
  where q.created_at >= date_trunc('day', now())
  group by 1
),
arrived as (
  select
    coalesce(v.source_host, 'by hand') as source,
    count(*) as vehicles,
    avg(s.overall_score) as quality,
    count(*) filter (where v.vin is not null) as with_vin,
    count(*) filter (where private.is_complete(v, s.overall_score)) as complete
  from public.vehicles v
  left join public.vehicle_quality_scores s on s.vehicle_id = v.id
  where v.created_at >= date_trunc('day', now())
  group by 1
),
learned as (
  select
    coalesce(private.url_host(m.source_url), 'by hand') as source,
    count(*) filter (where m.validation_status = 'accepted') as facts,
    count(*) filter (where m.validation_status = 'accepted' and m.confidence_score < private.sure_enough()) as unsure,
    count(*) filter (where m.validation_status = 'conflict') as conflicts,
    count(distinct m.vehicle_id) as vehicles
  from public.extraction_metadata m
  where m.extracted_at >= date_trunc('day', now())
  group by 1
),
pictured as (
  select coalesce(v.source_host, 'by hand') as source, count(*) as images, sum(i.bytes) as bytes
  from public.vehicle_images i
  join public.vehicles v on v.id = i.vehicle_id
  where i.created_at >= date_trunc('day', now())
  group by 1
),
asked as (
  select
    coalesce(a.host, a.source) as source,
    count(*) as requests,
    count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone')) as served,
    count(*) filter (where a.outcome in ('blocked', 'robots_disallowed', 'rate_limited')) as refused,
    count(*) filter (where a.outcome in ('timeout', 'network', 'server_error')) as errors,
    sum(a.bytes) as bytes
  from public.scraping_health a
  where a.created_at >= date_trunc('day', now())
  group by 1
),
kept as (
  select private.url_host(s.canonical_url) as source, sum(s.stored_bytes) as bytes
  from public.page_snapshots s
  where s.fetched_at >= date_trunc('day', now())
  group by 1
),
invoked as (
  -- A run works on several sites: it is shared out by their requests.
  select
    asked.source,
    round((select count(*) from public.worker_invocations i where i.invoked_at >= date_trunc('day', now()))
      * asked.requests / sum(asked.requests) over (), 1) as invocations
  from asked
),
rates as (
  -- Without a rate for anything there is no price, rather than one of 0.
  select
    count(*) > 0 as are_known,
    coalesce(sum(price / per) filter (where item = 'request'), 0) as request,
    coalesce(sum(price / per) filter (where item = 'gb_fetched'), 0) as gb_fetched,
    coalesce(sum(price / per) filter (where item = 'gb_stored_month'), 0) as gb_stored_month,
    coalesce(sum(price / per) filter (where item = 'invocation'), 0) as invocation
  from public.cost_rates
),
sources as (
  select source from found
  union
  select source from arrived
  union
  select source from learned
  union
  select source from pictured
  union
  select source from asked
)
select
  source,
  coalesce(found.listings, 0) as listings_found,
  coalesce(arrived.vehicles, 0) as vehicles_added,
  coalesce(learned.vehicles, 0) as vehicles_improved,
  coalesce(learned.facts, 0) as facts_added,
  coalesce(learned.unsure, 0) as facts_unsure,
  coalesce(learned.conflicts, 0) as conflicts,
  round(arrived.quality, 1) as quality_of_added,
  round(100.0 * arrived.with_vin / arrived.vehicles, 1) as vin_percent_of_added,
  coalesce(pictured.images, 0) as images_stored,
  coalesce(asked.requests, 0) as requests,
  round(100.0 * asked.served / asked.requests, 1) as served_percent,
  coalesce(asked.refused, 0) as refused,
  coalesce(asked.errors, 0) as errors,
  round(coalesce(asked.bytes, 0) / 1e6, 1) as mb_fetched,
  round((coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e6, 1) as mb_stored,
  coalesce(arrived.complete, 0) as vehicles_complete,
  coalesce(invoked.invocations, 0) as invocations,
  priced.price,
  priced.price / nullif(arrived.vehicles, 0) as price_of_a_vehicle
from sources
left join found using (source)
left join arrived using (source)
left join learned using (source)
left join pictured using (source)
left join asked using (source)
left join kept using (source)
left join invoked using (source)
cross join rates
cross join lateral (
  select case when rates.are_known then round(
    coalesce(asked.requests, 0) * rates.request
      + coalesce(asked.bytes, 0) / 1e9 * rates.gb_fetched
      + (coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e9 * rates.gb_stored_month
      + coalesce(invoked.invocations, 0) * rates.invocation, 6) end as price
) priced
order by vehicles_added desc, facts_added desc, requests desc, source;

create index if not exists source_strategies_with_pinned_lists on public.source_strategies using btree (source_id)
  where (pinned_lists_interval is not null);

comment on function private.may_be_asked_at(public.source_hosts) is 'From when on a host has a free slot; now, of one that was never asked.';

comment on function private.pace_set_by(public.source_hosts) is 'What sets the time between two requests to a host.';

comment on view public.low_confidence_extractions is 'Values held with confidence under 0.6, which earn nothing in the score until somebody or something is surer: look at the evidence.';

comment on view public.source_host_status is 'How each host stands: how fast it is asked, whether it may be asked, why not and until when, what it answered last, what its pace comes from, and how many pages of new listings its budget leaves.';

comment on view public.today_by_source is 'Since midnight (UTC), by site: listings found, vehicles added and improved, facts and how sure they are, images, and what it cost: requests, megabytes fetched and stored, invocations (shared out by requests), and their price by cost_rates, null without a rate. mb_fetched is decoded.';

revoke all on function private.may_be_asked_at(public.source_hosts) from public;

grant execute on function private.may_be_asked_at(public.source_hosts) to postgres, service_role;

revoke all on function private.pace_set_by(public.source_hosts) from public;

grant execute
  on function private.pace_set_by(public.source_hosts)
  to authenticated, postgres, service_role;

grant select on table public.low_confidence_extractions to authenticated;

grant all on table public.low_confidence_extractions to postgres, service_role;

grant select on table public.source_host_status to authenticated;

grant all on table public.source_host_status to postgres, service_role;

grant select on table public.today_by_source to authenticated;

grant all on table public.today_by_source to postgres, service_role;
