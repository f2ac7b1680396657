create function private.supply_panel(p_range text) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    with hosts as materialized (
      select distinct u.host
      from unnest(private.top_subjects('listings_found', 40) || private.top_subjects('vehicles_added', 40)) u(host)
    ),
    days as materialized (
      select * from private.last_days('{listings_found,vehicles_added}', array(select h.host from hosts h) || ''::text)
    ),
    usual as (
      -- Of the days that were sampled, three at least.
      select s.subject as host, case when d.days >= 3 then round((sum(s.value) / d.days)::numeric, 1) end as listings
      from public.dashboard_samples s
      cross join (
        select count(*) as days
        from public.dashboard_samples a
        where a.series = 'listings_found' and a.subject = '' and a.step = 'day'
          and a.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      ) d
      where s.series = 'listings_found'
        and s.subject = any (array(select h.host from hosts h))
        and s.step = 'day'
        and s.at between date_trunc('day', now(), 'UTC') - interval '15 days' and date_trunc('day', now(), 'UTC') - interval '2 days'
      group by s.subject, d.days
    ),
    sites as (
      select h.host, l.today as listings_today, l.yesterday as listings_yesterday, u.listings as listings_usual,
        v.today as vehicles_today, v.yesterday as vehicles_yesterday
      from hosts h
      left join days l on l.subject = h.host and l.series = 'listings_found'
      left join days v on v.subject = h.host and v.series = 'vehicles_added'
      left join usual u on u.host = h.host
    ),
    feeds as materialized (
      select s.id, s.url, s.state, s.source, s.failures, s.why, s.what_to_do, s.last_found_at, s.next_check_at, s.last_checked_at
      from public.listing_feed_status s
      where s.id = any (array( -- these alone: what is told of a feed takes a while
        select f.id
        from public.listing_feeds f
        where f.enabled and f.failures > 0 or not f.enabled and f.off_because is null
        order by f.enabled desc, f.failures desc, f.url
        limit 15
      ))
    ),
    metrics as (
      select private.part_state('queues') -> 'feeds' as feeds,
        exists (select from public.dashboard_parts c where c.part = 'listings' and c.counted_to is not null) as is_counted,
        (select l.today from days l where l.subject = '' and l.series = 'listings_found') as found_today,
        (select l.yesterday from days l where l.subject = '' and l.series = 'listings_found') as found_yesterday,
        (select v.today from days v where v.subject = '' and v.series = 'vehicles_added') as added_today,
        (select v.yesterday from days v where v.subject = '' and v.series = 'vehicles_added') as added_yesterday
    ),
    rows as (
      select 1 as place, -coalesce(s.vehicles_today, 0) as a, -coalesce(s.listings_today, 0) as b, s.host as c, private.panel_row(
        'site ' || s.host, 'ok', null, s.host,
        format('%s and %s today; yesterday %s and %s',
          private.counted_words(coalesce(s.listings_today, 0)::bigint, 'new listing', 'new listings'),
          private.counted_words(coalesce(s.vehicles_today, 0)::bigint, 'vehicle', 'vehicles'),
          coalesce(s.listings_yesterday, 0), coalesce(s.vehicles_yesterday, 0)),
        to_jsonb(s), p_link => jsonb_build_object('url', 'https://' || s.host)) as row
      from (select * from sites order by vehicles_today desc nulls last, listings_today desc nulls last, host limit 35) s
      union all
      select 0, case when f.state <> 'off' then 0 else 1 end, 0, f.url, private.panel_row(
        'feed ' || f.id, case when f.state <> 'off' then 'bad' else 'idle' end, f.state, f.url,
        case when f.state <> 'off' then format('failed %s', private.counted_words(f.failures, 'time', 'times')) else 'switched off' end,
        jsonb_build_object('feed_id', f.id, 'url', f.url, 'state', f.state, 'last_found_at', f.last_found_at, 'next_check_at', f.next_check_at,
          'source', f.source),
        f.why, f.last_checked_at, f.next_check_at, f.what_to_do,
        case when f.state <> 'off' then jsonb_build_array(
          private.panel_action('Check it now', 'operator_check_feed', jsonb_build_object('p_feed_id', f.id)),
          private.panel_action('Switch it off', 'operator_switch_feed', jsonb_build_object('p_feed_id', f.id, 'p_on', false)))
        else jsonb_build_array(
          private.panel_action('Switch it on', 'operator_switch_feed', jsonb_build_object('p_feed_id', f.id, 'p_on', true))) end,
        jsonb_build_object('url', f.url))
      from feeds f
    )
    select jsonb_build_object(
      'at', (select counted_to from public.dashboard_parts where part = 'listings'),
      'state', case
        when not m.is_counted then 'unknown'
        when (m.feeds ->> 'failing')::integer > 0 then 'warn'
        else 'ok'
      end,
      'says', case
        when not m.is_counted then 'Not counted yet: the first counts come within minutes.'
        else format('%s and %s today, yesterday %s and %s%s',
          private.counted_words(coalesce(m.found_today, 0)::bigint, 'new listing', 'new listings'),
          private.counted_words(coalesce(m.added_today, 0)::bigint, 'vehicle', 'vehicles'),
          coalesce(to_char(m.found_yesterday, 'FM999,999,990'), 'not counted'), coalesce(to_char(m.added_yesterday, 'FM999,999,990'), 'not counted'),
          case when (m.feeds ->> 'failing')::integer > 0
            then format('; %s', private.counted_words((m.feeds ->> 'failing')::integer, 'list fails', 'lists fail')) else '' end)
      end,
      'summary', jsonb_build_object(
        'new_listings_today', m.found_today, 'new_listings_yesterday', m.found_yesterday,
        'vehicles_added_today', m.added_today, 'vehicles_added_yesterday', m.added_yesterday,
        'feeds', m.feeds -> 'enabled', 'feeds_off', (select count(*) from public.listing_feeds f where not f.enabled), 'feeds_failing', m.feeds -> 'failing', 'feeds_overdue', m.feeds -> 'overdue',
        'day_began_at', date_trunc('day', now(), 'UTC')),
      'rows', coalesce((select jsonb_agg(r.row order by r.place, r.a, r.b, r.c) from rows r), '[]'),
      'rows_left', null,
      'series', jsonb_build_array(
        private.series('listings_found', '{""}' || private.top_subjects('listings_found'), p_range, 'listings'),
        private.series('vehicles_added', '{""}' || private.top_subjects('vehicles_added'), p_range, 'vehicles')),
      'empty', case when not exists (select from rows) then 'No site had a new listing today or yesterday, and no list fails.' end)
    from metrics m
  );
end
$$;
comment on function private.supply_panel(text) is
  'Supply: new listings and vehicles of today and yesterday (UTC) by site, against what is usual, and the lists that fail or are off.';
grant execute on function private.supply_panel(text) to authenticated, service_role;
