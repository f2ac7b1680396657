-- The metrics of the pipeline: exact while they are small, estimated where counting would take long.

create function private.counted(p_from text, p_index text default null, p_exact_up_to integer default 10000)
returns jsonb
language plpgsql stable
set search_path = ''
set enable_seqscan = off -- each count has an index; statistics of yesterday must not hide it
as $$
declare
  v_count bigint;
  v_estimate real := (select c.reltuples from pg_catalog.pg_class c where c.oid = to_regclass('public.' || p_index));
begin
  execute format('select count(*) from (select %s limit %s) t', p_from, p_exact_up_to + 1) into v_count;
  return jsonb_build_object(
    'count', case when v_count > p_exact_up_to then greatest(v_count - 1, v_estimate::bigint) else v_count end,
    'how', case
      when v_count <= p_exact_up_to then 'exact'
      when v_estimate > v_count then 'estimated'
      else 'at_least'
    end);
end
$$;
comment on function private.counted(text, text, integer) is
  'Rows of "from … where …" as {count, how}: counted up to a bound; beyond it what the last vacuum or analyze found in p_index, a partial index of just these rows, or at least the bound. So a million rows cost as little as ten thousand.';

create function private.oldest_due(q private.queues) returns timestamptz
language plpgsql stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  v_priority integer;
  v_at timestamptz;
  v_oldest timestamptz;
begin
  -- The index is in the order of the claim: its first row of each priority is the oldest of that priority.
  for i in 1 .. 50 loop
    execute format(
      $sql$
        select %1$s, %6$I
        from public.%2$I
        where status = 'pending' and %3$I is null %4$s
        order by %5$s created_at, id
        limit 1
      $sql$,
      coalesce(quote_ident(q.priority_column), '0'), q.table_name, q.due_column,
      case when v_priority is not null
        then format('and %I %s $1', q.priority_column, case when q.highest_first then '<' else '>' end)
        else '' end,
      private.queue_order(q), q.since_column)
    into v_priority, v_at
    using v_priority;
    exit when v_at is null;
    v_oldest := least(v_oldest, v_at);
    exit when q.priority_column is null;
  end loop;
  return v_oldest;
end
$$;
comment on function private.oldest_due(private.queues) is
  'Since when the oldest row that is due waits; null when none is. One look into the index a priority.';

create function private.metrics_from_counts(p_counts jsonb) returns jsonb
language sql immutable
set search_path = ''
as $$
  select jsonb_object_agg(c.key, c.value -> 'count')
    || jsonb_build_object(
      'estimated', coalesce(jsonb_agg(c.key order by c.key) filter (where c.value ->> 'how' = 'estimated'), '[]'),
      'at_least', coalesce(jsonb_agg(c.key order by c.key) filter (where c.value ->> 'how' = 'at_least'), '[]'))
  from jsonb_each(p_counts) c
$$;
comment on function private.metrics_from_counts(jsonb) is
  'Counts with how they were made, as plain numbers; estimated and at_least name those that are not exact.';

create function private.queue_metrics(q private.queues) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_from text := format('from public.%I where ', q.table_name);
  v_done text := v_from || format('status = %L and processed_at > ', q.done_status);
  v_next timestamptz;
  v_last timestamptz;
  v_oldest timestamptz := private.oldest_due(q);
begin
  execute format(
    'select min(%1$I) from public.%2$I where status = ''pending'' and %1$I < ''infinity''', q.due_column, q.table_name)
  into v_next;
  execute format(
    'select greatest(
       (select max(processed_at) from public.%1$I where status = %2$L),
       (select max(processed_at) from public.%1$I where status = ''failed''))', q.table_name, q.done_status)
  into v_last;
  return private.metrics_from_counts(jsonb_build_object(
      'due', private.counted(
        v_from || format('status = ''pending'' and %I is null', q.due_column), q.table_name || '_due'),
      'waiting', private.counted(
        v_from || format('status = ''pending'' and %I is not null', q.due_column), q.table_name || '_waiting'),
      'processing', private.counted(v_from || 'lease_token is not null and lease_expires_at > now()'),
      'expired', private.counted(v_from || 'lease_token is not null and lease_expires_at <= now()'),
      'failed', private.counted(v_from || 'status = ''failed'''),
      'done_last_hour', private.counted(v_done || 'now() - interval ''1 hour'''),
      'done_last_day', private.counted(v_done || 'now() - interval ''1 day''', p_exact_up_to => 100000),
      'failed_last_day', private.counted(v_from || 'status = ''failed'' and processed_at > now() - interval ''1 day''')))
    || jsonb_build_object(
      'function', q.function_name,
      'oldest_due_at', v_oldest,
      'oldest_due_seconds', round(extract(epoch from now() - v_oldest)),
      'next_due_at', v_next,
      'last_finished_at', v_last);
end
$$;
comment on function private.queue_metrics(private.queues) is
  'How a queue stands: rows due, waiting, processing, expired (their worker died), failed, done in the last hour and day, and since when the oldest due row waits.';

create function private.due_images(p_most integer default 10000) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from (
    select
    from generate_series(0, private.last_wave()) as w(wave)
    cross join lateral (
      select
      from public.image_downloads d
      where d.status = 'pending' and d.wave = w.wave and d.next_attempt_at <= now()
      order by d.next_attempt_at
      limit p_most
    ) due
    limit p_most
  ) t
$$;
comment on function private.due_images(integer) is 'Images that may be downloaded now, counted up to a bound; those that fill_policy.galleries leaves are not among them.';

create function private.image_metrics() returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_urls jsonb := private.counted('from public.image_downloads', 'image_downloads');
  v_counts jsonb := jsonb_build_object(
    'urls', v_urls,
    'pending', private.counted('from public.image_downloads where status = ''pending''', 'image_downloads_due'),
    'stored', private.counted('from public.image_downloads where status = ''stored''', 'image_downloads_one_original'));
begin
  return private.metrics_from_counts(v_counts) || jsonb_build_object(
    'due', private.due_images(10001),
    'in_progress', (select count(*) from public.image_downloads where lease_token is not null),
    -- No index tells these apart: not counted where that would read millions of rows.
    'failed', case when v_urls ->> 'how' = 'exact'
      then (select count(*) from public.image_downloads where status = 'failed') end);
end
$$;
comment on function private.image_metrics() is
  'How the downloads of images stand. pending includes due, which is counted up to 10,001; failed is null beyond 10,000 URLs.';

create function private.source_metrics(p_most integer default 20000) returns jsonb
language sql stable
set search_path = ''
as $$
  with looked_at as materialized (
    select source, outcome, created_at
    from public.scraping_health
    where created_at > now() - interval '1 day'
    order by created_at desc
    limit p_most
  ),
  by_source as (
    select
      source,
      count(*) as attempts,
      count(*) filter (where outcome in ('ok', 'not_modified')) as ok,
      count(*) filter (where outcome = 'gone') as gone,
      count(*) filter (where outcome in ('blocked', 'robots_disallowed', 'rate_limited')) as refused,
      count(*) filter (where outcome in ('timeout', 'network', 'server_error')) as errors
    from looked_at
    group by source
    order by count(*) desc
    limit 50
  )
  select jsonb_build_object(
    'since', (select min(created_at) from looked_at),
    'attempts', (select count(*) from looked_at),
    'by_source', coalesce((
      select jsonb_object_agg(source, jsonb_build_object(
        'attempts', attempts, 'ok', ok, 'gone', gone, 'refused', refused, 'errors', errors,
        -- A removed listing is an answer, not a failure.
        'success_percent', round(100.0 * (ok + gone) / attempts, 1)))
      from by_source), '{}'))
$$;
comment on function private.source_metrics(integer) is
  'How the sites answered in the last day, by source, the 50 busiest: of the last 20,000 attempts, or since when that is.';

create function private.feed_metrics() returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'enabled', count(*) filter (where is_on),
    'working', count(*) filter (where is_on and failures = 0 and last_checked_at is not null),
    'failing', count(*) filter (where is_on and failures > 0),
    'never_checked', count(*) filter (where is_on and last_checked_at is null),
    'overdue', count(*) filter (where is_on and next_check_at < now() - interval '1 hour'),
    'last_checked_at', max(last_checked_at),
    'found_at_last_check', coalesce(sum(last_found) filter (where is_on), 0),
    'new_at_last_check', coalesce(sum(last_new) filter (where is_on), 0))
  from (
    select f.*, f.enabled
        and s.is_active is not false
        and (s.id is null or private.is_in_service(s.lifecycle)) as is_on -- a site that is switched off, or no source yet, is not asked
    from public.listing_feeds f
    left join public.scrape_sources s on s.slug = f.source
  ) f
$$;
comment on function private.feed_metrics() is
  'How the feeds stand, and what their last checks found; overdue: switched on and not checked for an hour after its time.';

create function public.pipeline_metrics() returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  v_started timestamptz := clock_timestamp();
  v_queues jsonb;
begin
  select jsonb_object_agg(q.table_name, private.queue_metrics(q)) into v_queues from private.queues q;
  return jsonb_build_object(
    'at', now(),
    'queues', coalesce(v_queues, '{}'),
    'micro_scrape', jsonb_build_object(
      'due', private.counted('from public.micro_scrape_state where state = ''due''', 'micro_scrape_state_due') -> 'count',
      'in_progress', (select count(*) from public.micro_scrape_state where lease_token is not null),
      'waiting', private.counted(
        'from public.micro_scrape_state where state = ''waiting''', 'micro_scrape_state_waiting') -> 'count'),
    'images', private.image_metrics(),
    'sources', private.source_metrics(),
    'feeds', private.feed_metrics(),
    'hosts_not_asked', (select count(*) from public.source_hosts where breaker <> 'closed' or retry_after > now()),
    'vehicles', private.counted('from public.vehicles', 'vehicles'),
    'measured_in_ms', round(extract(epoch from clock_timestamp() - v_started) * 1000));
end
$$;
comment on function public.pipeline_metrics() is
  'The metrics of the pipeline: each queue, images, sites, feeds. Beyond 10,000 rows (100,000 for the work of a day) a count is what the last vacuum found and is named in "estimated", or a lower bound, named in "at_least".';
grant execute on function public.pipeline_metrics() to service_role;

grant execute on function
  private.counted(text, text, integer),
  private.metrics_from_counts(jsonb),
  private.oldest_due(private.queues),
  private.queue_metrics(private.queues),
  private.due_images(integer),
  private.image_metrics(),
  private.source_metrics(integer),
  private.feed_metrics()
to authenticated, service_role;
