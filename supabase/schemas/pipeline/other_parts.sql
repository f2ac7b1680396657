create function private.other_parts()
returns table (part text, state text, what text, since timestamptz, why text, what_to_type text)
language sql stable
set search_path = ''
as $$
  select
    'listing_feeds',
    case
      when not exists (select from public.listing_feeds) then 'waiting'
      when (f ->> 'enabled')::integer = 0 then 'off'
      when (f ->> 'overdue')::integer > 0 then 'stuck'
      when (f ->> 'failing')::integer > 0 then 'failing'
      when (f ->> 'working')::integer = 0 then 'waiting'
      else 'working'
    end,
    format('%s switched on, %s working, %s failing, %s never checked; found at the last checks: %s, new %s',
      f ->> 'enabled', f ->> 'working', f ->> 'failing', f ->> 'never_checked', f ->> 'found_at_last_check',
      f ->> 'new_at_last_check'),
    (f ->> 'last_checked_at')::timestamptz,
    case
      when not exists (select from public.listing_feeds) then 'the first run of discover-listings makes them'
      when (f ->> 'overdue')::integer > 0 then format('%s not checked for more than an hour', f ->> 'overdue')
      when (f ->> 'failing')::integer > 0 then (
        select string_agg(format('%s: %s', l.url, l.last_error), '; ')
        from (select * from public.listing_feeds where enabled and failures > 0 order by url limit 5) l)
    end,
    case
      when not exists (select from public.listing_feeds) then 'node scripts/invoke.js discover-listings'
      when (f ->> 'enabled')::integer = 0 then 'select url, what_to_do from listing_feed_status;'
      when (f ->> 'overdue')::integer > 0 then 'node scripts/invoke.js discover-listings'
      when (f ->> 'failing')::integer > 0 then 'select url, why, what_to_do from listing_feed_status where state = ''failing'';'
    end
  from private.feed_metrics() f

  union all
  select
    'images',
    case
      when i.leased > 0 then 'working'
      when i.due_since < now() - interval '30 minutes' then 'stuck'
      when i.due > 0 then 'working'
      else 'idle'
    end,
    format('%s due%s, %s in progress', least(i.due, 10000), case when i.due > 10000 then ' or more' else '' end, i.leased),
    i.due_since,
    case when i.leased = 0 and i.due_since < now() - interval '30 minutes' then m.why end,
    case when i.leased = 0 and i.due_since < now() - interval '30 minutes' then m.what_to_type end
  from (
    select
      private.due_images(10001) as due,
      (select count(*) from public.image_downloads where lease_token is not null) as leased,
      (
        select min(oldest.next_attempt_at)
        from generate_series(0, 3) as w(wave)
        cross join lateral (
          select d.next_attempt_at
          from public.image_downloads d
          where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
          order by d.next_attempt_at
          limit 1
        ) oldest
      ) as due_since
  ) i
  cross join private.remedy('backfill-images') m

  union all
  select
    'micro_scrape',
    case
      when s.is_stuck then 'stuck'
      when r.failed > 0 and r.succeeded = 0 then 'failing'
      when s.due then 'working'
      else 'idle'
    end,
    case when s.due then 'vehicles with gaps are due' else 'no vehicle is due' end
      || format('; actions of the last hour: %s succeeded, %s failed', r.succeeded, r.failed),
    s.last_run,
    case
      when s.is_stuck then m.why
      when r.failed > 0 and r.succeeded = 0 then r.said
    end,
    case
      when s.is_stuck then m.what_to_type
      when r.failed > 0 and r.succeeded = 0 then 'select * from pipeline_status where part like ''host %'';'
    end
  from (
    select
      exists (select from public.micro_scrape_state where state = 'due') as due,
      (select max(started_at) from public.micro_scrape_runs) as last_run
  ) found
  cross join lateral (
    select found.due, found.last_run,
      found.due and coalesce(found.last_run, '-infinity') < now() - interval '15 minutes' as is_stuck
  ) s
  cross join lateral (
    select
      coalesce(sum(actions_succeeded), 0) as succeeded,
      coalesce(sum(actions_failed), 0) as failed,
      (array_agg(error_message order by started_at desc) filter (where error_message is not null))[1] as said
    from public.micro_scrape_runs
    where started_at > now() - interval '1 hour'
  ) r
  cross join private.remedy('micro-scrape-bandaid') m
$$;
comment on function private.other_parts() is 'Feeds, images and gap filling: rows of pipeline_status.';

grant execute on function private.other_parts() to authenticated, service_role;
