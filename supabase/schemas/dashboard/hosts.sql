create function private.hosts_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with asked as materialized (
      -- The hours of the last day, this one among them.
      select s.subject as host,
        sum(s.value) filter (where s.series = 'requests') as requests,
        sum(s.value) filter (where s.series = 'requests_served') as served,
        sum(s.value) filter (where s.series = 'requests_refused') as refused,
        sum(s.value) filter (where s.series = 'requests_failed') as failed
      from public.dashboard_samples s
      where s.step = 'hour'
        and s.at > now() - interval '24 hours'
        and s.series in ('requests', 'requests_served', 'requests_refused', 'requests_failed')
      group by s.subject
    ),
    counts as (
      select
        count(*) as hosts,
        count(*) filter (where h.breaker <> 'closed') as open,
        count(*) filter (where h.breaker = 'closed' and h.retry_after > now()) as waiting,
        count(*) filter (where h.slowed_interval_ms is not null) as slowed
      from public.source_hosts h
    ),
    first as materialized (
      select h.host, a.requests, a.served, a.refused, a.failed
      from public.source_hosts h
      left join asked a on a.host = h.host
      order by h.breaker = 'closed', h.retry_after > now() desc nulls last, h.slowed_interval_ms is null,
        a.requests desc nulls last, h.host
      limit 50
    ),
    shown as materialized (
      select h.*, f.requests, f.served, f.refused, f.failed,
        private.why_host_waits(h) as waits_because, private.host_waits_until(h) as waits_until,
        private.pace_words(h) as pace_words
      from first f
      join public.source_hosts h on h.host = f.host
    )
    select jsonb_build_object(
      'at', null,
      'state', case when c.open > 0 then 'bad' when c.waiting + c.slowed > 0 then 'warn' when c.hosts = 0 then 'idle' else 'ok' end,
      'says', case
        when c.hosts = 0 then 'No host was asked yet.'
        when c.open > 0 then format('%s in the way%s', private.counted_words(c.open, 'host is', 'hosts are'), (
          select format(': %s%s', s.host, coalesce(', asked again at ' || private.utc_text(s.waits_until), ''))
          from shown s where s.breaker <> 'closed' order by s.requests desc nulls last, s.host limit 1))
        when c.waiting > 0 then format('%s to be left alone for a while; the rest may be asked', private.counted_words(c.waiting, 'host asked', 'hosts asked'))
        else format('%s may be asked%s', private.counted_words(c.hosts, 'host', 'hosts'),
          case when c.slowed > 0 then format(', %s slowed down by their answers', c.slowed) else '' end)
      end,
      'summary', jsonb_build_object(
        'hosts', c.hosts, 'open', c.open, 'waiting', c.waiting, 'slowed', c.slowed,
        'requests_24h', (select requests from asked where host = ''), 'served_24h', (select served from asked where host = '')),
      'rows', coalesce((
        select jsonb_agg(private.panel_row(
          s.host,
          case when s.breaker <> 'closed' then 'bad' when s.waits_until > now() or s.slowed_interval_ms is not null then 'warn'
            when s.requests is null then 'idle' else 'ok' end,
          case when s.breaker = 'half_open' then 'trying' when s.breaker = 'open' then 'not asked' when s.waits_until > now() then 'waits'
            when s.slowed_interval_ms is not null then 'slowed down' else 'asked' end,
          s.host,
          format('one request every %s s%s', round(s.interval_ms / 1000.0, 1),
            case when s.requests > 0 then format('; %s of %s served in 24 hours', coalesce(s.served, 0), s.requests) else '; not asked in 24 hours' end),
          jsonb_build_object(
            'host', s.host, 'interval_ms', s.interval_ms, 'interval_because', s.pace_words, 'breaker', s.breaker,
            'last_outcome', s.last_outcome, 'last_message', s.last_message, 'last_answered_at', s.last_answered_at,
            'requests_24h', s.requests, 'served_24h', s.served, 'refused_24h', s.refused, 'errors_24h', s.failed,
            'robots_status', s.robots_status, 'robots_error', s.robots_error, 'robots_fetched_at', s.robots_fetched_at,
            'new_pages_left', case when s.budget_until > now() then s.new_pages_budget - s.new_pages_used end),
          nullif(s.waits_because, 'may be asked'), s.opened_at, s.waits_until,
          case when s.breaker <> 'closed' then format('when it serves again: select resume_host(%L);', s.host)
            else format('select * from source_host_status where host = %L;', s.host) end,
          case when s.breaker <> 'closed' or s.retry_after > now() then jsonb_build_array(
            private.panel_action('It serves again: ask it', 'operator_resume_host', jsonb_build_object('p_host', s.host))) else '[]' end,
          jsonb_build_object('url', 'https://' || s.host)
        ) order by s.breaker = 'closed', s.retry_after > now() desc nulls last, s.slowed_interval_ms is null, s.requests desc nulls last, s.host)
        from shown s), '[]'),
      'rows_left', greatest(c.hosts - 50, 0),
      'series', (
        select jsonb_build_array(r.served || jsonb_build_object('name', 'requests', 'y', (r.served -> 'y') || (r.refused -> 'y') || (r.failed -> 'y')))
        from (
          select
            private.series('requests_served', array[''], p_range, 'requests', false, array['served']) as served,
            private.series('requests_refused', array[''], p_range, 'requests', false, array['refused']) as refused,
            private.series('requests_failed', array[''], p_range, 'requests', false, array['failed']) as failed
          offset 0 -- once each
        ) r),
      'empty', case when c.hosts = 0 then 'A host is listed once it was asked.' end)
    from counts c
  );
end
$$;
comment on function private.hosts_panel(text) is
  'Hosts: which are in the way and until when, how fast each is asked, and how it answered in the last 24 hours.';
grant execute on function private.hosts_panel(text) to authenticated, service_role;
