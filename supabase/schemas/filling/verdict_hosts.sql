-- How each host that gives listings stood in a time, and what holds its listings back.

create function private.is_our_fault(p_outcome text, p_error text) returns boolean
language sql immutable parallel safe
return coalesce(
  p_outcome in ('unreadable', 'not_an_index', 'broken')
    or p_outcome = 'server_error' and p_error ~ '^(reading it broke|could not be (imported|written)): '
    or p_error = private.worker_died(),
  false);
comment on function private.is_our_fault(text, text) is
  'Whether an attempt failed on our side: a page that came and was not understood, a reading that broke or could not be written, or a worker that stopped in the midst of it.';

create function private.fill_queue_by_host(p_from timestamptz, p_to timestamptz)
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
comment on function private.fill_queue_by_host(timestamptz, timestamptz) is
  'Listings of import_queue that have not become vehicles, by host and by what holds them (due: nothing; put_off: until the next turn of their host); with the error of ours that most of them met, if there is any, and the address of one.';

create function private.vehicles_given(p_from timestamptz, p_to timestamptz)
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
comment on function private.vehicles_given(timestamptz, timestamptz) is
  'Vehicles that the source of each host gave in the cycles of a time, as source_health counted them; shared evenly between the hosts of a source.';

create function private.fill_hosts(p_from timestamptz, p_to timestamptz)
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
comment on function private.fill_hosts(timestamptz, timestamptz) is
  'The hosts that give listings (of feeds that are switched on, or in import_queue), how each stood in a time (faulty, blocked, over_budget, at_limit, overdue: nobody looks at its feeds; serves) and why, how many of its listings are held by what, requests and how many of them were for pictures, and an error of ours with the address of a listing that met one. weight: what it gave in the week before, and one more, so that a new one counts too.';

grant execute on function private.is_our_fault(text, text) to authenticated, service_role;
grant execute on function
  private.fill_queue_by_host(timestamptz, timestamptz),
  private.vehicles_given(timestamptz, timestamptz),
  private.fill_hosts(timestamptz, timestamptz)
to service_role;
