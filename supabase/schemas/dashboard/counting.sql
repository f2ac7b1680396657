-- What came in between two times, by the minute: read by their indexes of time, never from the whole table.

create function private.counted_vehicles(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  select 'vehicles_added', coalesce(v.source_host, 'by hand'), date_trunc('minute', v.created_at), count(*)
  from public.vehicles v
  where v.created_at >= p_from and v.created_at < p_to and private.has_landed(v)
  group by 2, 3
$$;
comment on function private.counted_vehicles(timestamptz, timestamptz) is
  'Vehicles that came into being and hold year, make and model, by site and minute.';

create function private.counted_listings(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  select 'listings_found', coalesce(private.url_host(q.listing_url), 'unknown'), date_trunc('minute', q.created_at), count(*)
  from public.import_queue q
  where q.created_at >= p_from and q.created_at < p_to
  group by 2, 3
$$;
comment on function private.counted_listings(timestamptz, timestamptz) is 'Listings that were found and queued, by site and minute.';

create function private.counted_requests(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  select s.series, c.host, c.minute, s.value
  from (
    select
      coalesce(a.host, a.source) as host,
      date_trunc('minute', a.created_at) as minute,
      count(*) as requests,
      count(*) filter (where a.outcome in ('ok', 'not_modified', 'gone')) as served,
      count(*) filter (where a.outcome in ('blocked', 'robots_disallowed', 'rate_limited')) as refused,
      count(*) filter (where a.outcome in ('timeout', 'network', 'server_error')) as failed,
      sum(a.bytes) as bytes
    from public.scraping_health a
    where a.created_at >= p_from and a.created_at < p_to
    group by 1, 2
  ) c
  cross join lateral (values
    ('requests', c.requests), ('requests_served', c.served), ('requests_refused', c.refused), ('requests_failed', c.failed),
    ('bytes_fetched', c.bytes)
  ) s(series, value)
  where s.value > 0
$$;
comment on function private.counted_requests(timestamptz, timestamptz) is
  'Requests, how they were answered, and decoded bytes, by host and minute.';

create function private.counted_files(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  with kept as (
    select coalesce(v.source_host, 'by hand') as host, date_trunc('minute', i.created_at) as minute, count(*) as images, sum(i.bytes) as bytes
    from public.vehicle_images i
    join public.vehicles v on v.id = i.vehicle_id
    where i.created_at >= p_from and i.created_at < p_to
    group by 1, 2
    union all
    select private.url_host(s.canonical_url), date_trunc('minute', s.fetched_at), 0, sum(s.stored_bytes)
    from public.page_snapshots s
    where s.fetched_at >= p_from and s.fetched_at < p_to
    group by 1, 2
  )
  select s.series, k.host, k.minute, sum(s.value)
  from kept k
  cross join lateral (values ('images_stored', k.images), ('bytes_stored', k.bytes)) s(series, value)
  where s.value > 0
  group by 1, 2, 3
$$;
comment on function private.counted_files(timestamptz, timestamptz) is
  'Pictures that were stored, and the bytes of pictures and snapshots, by site and minute.';

create function private.counted_invocations(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language sql stable
set search_path = ''
as $$
  with recursive names as (
    -- The index begins with the name: so many looks as there are functions, not as there are calls.
    select min(i.function_name) as name from public.worker_invocations i
    union all
    select (select min(i.function_name) from public.worker_invocations i where i.function_name > n.name)
    from names n
    where n.name is not null
  )
  select 'invocations', '', date_trunc('minute', i.invoked_at), count(*)
  from names n
  join public.worker_invocations i
    on i.function_name = n.name and i.invoked_at >= p_from and i.invoked_at < p_to
  group by 3
$$;
comment on function private.counted_invocations(timestamptz, timestamptz) is 'Calls of edge functions by the database, by minute.';

create function private.counted_work(p_from timestamptz, p_to timestamptz)
returns table (series text, subject text, at timestamptz, value double precision)
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues;
begin
  for q in select * from private.queues order by table_name loop -- one short statement a queue table
    return query execute format(
      $sql$
        select 'queue_done', %1$L, date_trunc('minute', t.processed_at), count(*)::double precision
        from public.%1$I t
        where t.status = %2$L and t.processed_at >= $1 and t.processed_at < $2
        group by 3
      $sql$, q.table_name, q.done_status)
    using p_from, p_to;
  end loop;
end
$$;
comment on function private.counted_work(timestamptz, timestamptz) is 'Rows of the queues that were done, by queue and minute.';

create function private.count_samples(p_part text, p_from timestamptz, p_to timestamptz) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_series text[] := case p_part
    when 'vehicles' then array['vehicles_added']
    when 'listings' then array['listings_found']
    when 'requests' then array['requests', 'requests_served', 'requests_refused', 'requests_failed', 'bytes_fetched']
    when 'files' then array['images_stored', 'bytes_stored']
    when 'invocations' then array['invocations']
    when 'work' then array['queue_done']
  end;
  v_rows jsonb;
begin
  execute format(
    $sql$
      with counted as materialized (select series, subject, at, value from private.%I($1, $2))
      select jsonb_agg(to_jsonb(r))
      from (
        select c.*, $4 = 'work' as by_minute, false as is_gauge from counted c where c.subject <> ''
        union all
        -- All together has a row in each minute, also where nothing came: what was counted is 0, what was not has no row.
        select s.series, '', m.at, coalesce(sum(c.value), 0), true, false
        from unnest($3) s(series)
        cross join generate_series($1, $2 - interval '1 minute', interval '1 minute') m(at)
        left join counted c on c.series = s.series and c.at = m.at
        group by s.series, m.at
      ) r
    $sql$, 'counted_' || p_part)
  into v_rows
  using p_from, p_to, v_series, p_part;
  return coalesce(v_rows, '[]');
end
$$;
comment on function private.count_samples(text, timestamptz, timestamptz) is
  'Counts a part of what came in between two full minutes. Gives rows as add_samples() takes them.';

grant execute on function
  private.counted_vehicles(timestamptz, timestamptz),
  private.counted_listings(timestamptz, timestamptz),
  private.counted_requests(timestamptz, timestamptz),
  private.counted_files(timestamptz, timestamptz),
  private.counted_invocations(timestamptz, timestamptz),
  private.counted_work(timestamptz, timestamptz),
  private.count_samples(text, timestamptz, timestamptz)
to service_role;
