-- What is wrong outside: hosts that do not serve, sites whose pages are not understood any more.

create function private.waits_for_host(p_host text, p_among integer default 20000) returns text
language sql stable
set search_path = ''
as $$
  select nullif(concat_ws(', ',
    private.up_to_thousand(vehicles, 'vehicle'),
    private.up_to_thousand(images, 'image'),
    private.up_to_thousand(feeds, 'feed')), '')
  from (
    select
      (select count(*) from (
        select
        -- So many are looked at at most: a site may have a million that are complete.
        from (select w.id from public.vehicles w where w.source_host = p_host order by w.id desc limit p_among) v
        join public.micro_scrape_state s on s.vehicle_id = v.id
        where s.state in ('due', 'waiting')
          and s.last_outcome is distinct from 'ok'
          and s.last_outcome is distinct from 'not_modified'
        limit 1001) v) as vehicles,
      (select count(*) from (
        select from public.image_downloads d where d.host = p_host and d.status = 'pending' limit 1001) i) as images,
      (select count(*) from public.listing_feeds f where f.enabled and private.url_host(f.url) = p_host) as feeds
  ) waits
$$;
comment on function private.waits_for_host(text, integer) is
  'What waits because a host does not serve, as "240 vehicles, 12 images, 1 feed"; null when nothing does. Counted up to a thousand of each, among so many vehicles of the host.';

create function private.up_to_thousand(p_count bigint, p_of text) returns text
language sql immutable parallel safe
return case
  when p_count = 0 then null
  when p_count = 1 then '1 ' || p_of
  when p_count > 1000 then 'more than 1,000 ' || p_of || 's'
  else p_count || ' ' || p_of || 's'
end;

create function private.host_parts(p_among integer default 20000)
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text, waits text, by_itself text)
language sql stable
set search_path = ''
as $$
  with lately as materialized (
    select
      a.host,
      count(*) as attempts,
      count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone', 'unreadable', 'not_a_listing')) as served,
      min(a.created_at) as first_at,
      mode() within group (order by a.outcome)
        filter (where a.outcome in ('network', 'timeout', 'server_error', 'blocked', 'rate_limited')) as outcome,
      (array_agg(a.message order by a.created_at desc) filter (where a.message is not null))[1] as message
    from public.scraping_health a
    where a.created_at > now() - interval '1 hour'
      and a.host is not null
    group by a.host
  ),
  troubled as (
    select h.*, l.attempts, l.served, l.first_at, l.outcome as often, l.message as said
    from public.source_hosts h
    left join lately l on l.host = h.host
    where h.breaker <> 'closed'
      or h.retry_after > now()
      or (l.attempts >= 3 and l.served = 0)
    order by h.breaker = 'closed', l.attempts desc nulls last, h.host
    limit 50
  )
  select
    'host ' || t.host,
    case when t.breaker <> 'closed' or (t.attempts >= 3 and t.served = 0) then 'failing' else 'waiting' end,
    case
      when t.attempts is null then 'not asked in the last hour'
      else format('%s of %s requests of the last hour were served', t.served, t.attempts)
    end,
    coalesce(t.opened_at, t.first_at, t.last_answered_at),
    coalesce(t.opened_because, t.often || coalesce(': ' || t.said, ''), t.last_message, 'it asked to be left alone'),
    case
      when t.breaker <> 'closed' or t.served = 0
        then format('when it serves again: select resume_host(%L);', t.host)
      else format('nothing; or: select * from source_host_status where host = %L;', t.host)
    end,
    private.waits_for_host(t.host, p_among),
    case
      when t.breaker = 'half_open' then 'one request is trying whether it serves again'
      when t.breaker = 'open' then format('one request tries at %s whether it serves; when it does, the rest follows',
        to_char(greatest(t.retry_at, t.retry_after), 'YYYY-MM-DD HH24:MI TZ'))
      when t.retry_after > now() then format('asked again at %s', to_char(t.retry_after, 'YYYY-MM-DD HH24:MI TZ'))
      else 'each vehicle is tried again after a wait; five failures, and it is left'
    end
  from troubled t
$$;
comment on function private.host_parts(integer) is
  'Hosts that do not serve: rows of pipeline_status, with what waits because of each, counted among so many of its vehicles.';

create function private.drift_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text, waits text, by_itself text)
language sql stable
set search_path = ''
as $$
  select
    'source ' || d.source_host,
    'failing',
    format('%s of %s pages of seven days came and could not be read', d.unreadable, d.pages_read),
    d.last_unreadable_at,
    format('its adapter is behind: %s; for example %s', d.example_reason, d.example_url),
    format('npx -y deno@2.9.5 task extract PAGE.html --url %s', d.example_url),
    private.up_to_thousand(d.unreadable, 'reading'),
    coalesce(
      (select case
          when j.status in ('pending', 'processing') then 'its pages are being learned (docs/learning.md)'
          else 'its pages were learned: ' || j.result || '; else an adapter that reads the page of today mends it'
        end
        from public.extraction_map_jobs j
        where j.source = private.reading_source(d.source_host) and j.cause <> 'watch'
        order by j.created_at desc
        limit 1),
      'its pages are learned when five of one day were kept; else an adapter that reads the page of today mends it (docs/learning.md)')
  from public.source_drift d
  where d.is_drifting
$$;
comment on function private.drift_parts() is
  'Sites whose pages come and are not understood: rows of pipeline_status.';

create function private.worker_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text, waits text, by_itself text)
language sql stable
set search_path = ''
as $$
  select
    'worker ' || w.function_name,
    'failing',
    'the database invokes it, and it does not answer as it should',
    w.last_answered_at,
    m.why,
    m.what_to_type,
    case when q.table_name is not null then private.up_to_thousand((private.queue_metrics(q) ->> 'due')::bigint, 'row') end,
    'it is invoked again within 20 seconds while there is work for it'
  from public.worker_invocation_status w
  cross join lateral private.remedy(w.function_name) m
  left join private.queues q on q.function_name = w.function_name
  where w.meaning not in ('ok', 'no answer yet')
    and private.outside_places(w.function_name) = 0 -- else nobody invokes it, and its last answer stays what it was
$$;
comment on function private.worker_parts() is
  'Edge functions whose last answer was none, or a mistake, and whose work no process outside the edge runtime does: rows of pipeline_status.';

grant execute on function
  private.waits_for_host(text, integer),
  private.up_to_thousand(bigint, text),
  private.host_parts(integer),
  private.drift_parts(),
  private.worker_parts()
to authenticated, service_role;
