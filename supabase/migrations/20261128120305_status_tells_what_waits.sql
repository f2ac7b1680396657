-- Status tells what waits.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.pipeline_status;

create or replace function private.drift_parts()
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
    'nothing: an adapter that reads the page of today mends it (docs/healing.md)'
  from public.source_drift d
  where d.is_drifting
$$;

create or replace function private.host_parts()
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
    private.waits_for_host(t.host),
    case
      when t.breaker = 'half_open' then 'one request is trying whether it serves again'
      when t.breaker = 'open' then format('one request tries at %s whether it serves; when it does, the rest follows',
        to_char(greatest(t.retry_at, t.retry_after), 'YYYY-MM-DD HH24:MI TZ'))
      when t.retry_after > now() then format('asked again at %s', to_char(t.retry_after, 'YYYY-MM-DD HH24:MI TZ'))
      else 'each vehicle is tried again after a wait; five failures, and it is left'
    end
  from troubled t
$$;

create or replace function private.other_parts()
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

create or replace function private.up_to_thousand(p_count bigint, p_of text) returns text
language sql immutable parallel safe
return case
  when p_count = 0 then null
  when p_count = 1 then '1 ' || p_of
  when p_count > 1000 then 'more than 1,000 ' || p_of || 's'
  else p_count || ' ' || p_of || 's'
end;

create or replace function private.waits_for_host(p_host text) returns text
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
        from public.vehicles v
        join public.micro_scrape_state s on s.vehicle_id = v.id
        where v.source_host = p_host
          and s.state in ('due', 'waiting')
          and s.last_outcome is distinct from 'ok'
          and s.last_outcome is distinct from 'not_modified'
        limit 1001) v) as vehicles,
      (select count(*) from (
        select from public.image_downloads d where d.host = p_host and d.status = 'pending' limit 1001) i) as images,
      (select count(*) from public.listing_feeds f where f.enabled and private.url_host(f.url) = p_host) as feeds
  ) waits
$$;

create or replace function private.worker_parts()
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
$$;

create or replace function public.resume_host(p_host text, p_limit integer default 100000) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_host text := coalesce(private.url_host(p_host), lower(regexp_replace(btrim(p_host), '^www\.', '')));
  v_vehicles integer;
  v_queued integer;
  v_images integer;
  v_feeds integer;
  v_more integer;
  q private.queues;
begin
  update public.source_hosts
  set breaker = 'closed',
      opened_at = null,
      opened_because = null,
      retry_at = null,
      probe_holder = null,
      probe_until = null,
      times_opened = 0,
      consecutive_refusals = 0,
      consecutive_errors = 0,
      retry_after = null,
      robots_fresh_until = case when robots_error is not null then now() else robots_fresh_until end
  where host = v_host;
  if not found and not exists (select from public.vehicles where source_host = v_host) then
    raise exception 'no host "%" was ever asked, and no vehicle is listed there', v_host
      using errcode = '22023', hint = 'select host from source_host_status;';
  end if;

  update public.micro_scrape_state s
  set due_at = now()
  from (
    select w.vehicle_id
    from public.vehicles v
    join public.micro_scrape_state w on w.vehicle_id = v.id
    where v.source_host = v_host
      and w.state = 'waiting'
      and w.due_at > now()
      and w.last_outcome not in ('ok', 'not_modified') -- what was read waits for another reason
    limit p_limit
    for update of w skip locked
  ) late
  where s.vehicle_id = late.vehicle_id;
  get diagnostics v_vehicles = row_count;

  v_queued := 0;
  for q in select * from private.queues loop -- one statement a queue table
    execute format(
      $sql$
        update public.%1$I
        set %2$I = null
        where id = any (array(
          select id
          from public.%1$I
          where status = 'pending' and %2$I > now() and %2$I < 'infinity' and outcome_code is not null and %3$s
          limit $2
          for update skip locked
        ))
      $sql$, q.table_name, q.due_column,
      case when q.table_name = 'import_queue' then 'private.url_host(listing_url) = $1'
        else 'vehicle_id in (select v.id from public.vehicles v where v.source_host = $1)' end)
    using v_host, p_limit;
    get diagnostics v_more = row_count;
    v_queued := v_queued + v_more;
    if v_more > 0 then
      perform private.invoke_worker(q.function_name);
    end if;
  end loop;

  update public.image_downloads d
  set next_attempt_at = now()
  from (
    select w.vehicle_id, w.url
    from public.image_downloads w
    where w.host = v_host and w.status = 'pending' and w.next_attempt_at > now()
    limit p_limit
    for update skip locked
  ) late
  where (d.vehicle_id, d.url) = (late.vehicle_id, late.url);
  get diagnostics v_images = row_count;

  update public.listing_feeds
  set next_check_at = now()
  where private.url_host(url) = v_host and enabled and failures > 0 and next_check_at > now();
  get diagnostics v_feeds = row_count;

  perform private.promote_due_micro_scrape_state(10000);
  perform private.invoke_worker('micro-scrape-bandaid', '{"triggered_by": "resume_host", "background": true}');
  perform private.invoke_worker('backfill-images');
  return jsonb_build_object(
    'host', v_host, 'vehicles', v_vehicles, 'queued', v_queued, 'images', v_images, 'feeds', v_feeds,
    'more', greatest(v_vehicles, v_images) >= p_limit);
end
$$;

create view public.pipeline_status with (security_invoker = true) as
select p.part, p.state, p.what, p.since, p.why, p.what_to_type, p.waits, p.by_itself
from (
  select 1 as place, *, null as waits, 'cron starts it every ten minutes' as by_itself from private.run_part()
  union all
  select 2, *, null as waits, 'cron looks every 20 seconds, and invokes its worker when there is something to claim' as by_itself from private.queue_parts()
  union all
  select 3, *, null as waits, 'cron looks every 20 seconds' as by_itself from private.other_parts()
  union all
  select 4, * from private.worker_parts()
  union all
  select 5, * from private.host_parts()
  union all
  select 6, * from private.drift_parts()
) p
where current_user <> 'authenticated' or (select private.is_operator()) -- a row that counts nothing is one too many
order by
  array_position(array['stuck', 'failing', 'running', 'working', 'waiting', 'idle', 'off'], p.state),
  p.place, p.part;

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
    count(*) filter (where v.vin is not null) as with_vin
  from public.vehicles v
  left join public.vehicle_quality_scores s on s.vehicle_id = v.id
  where v.created_at >= date_trunc('day', now())
  group by 1
),
learned as (
  select
    coalesce(private.url_host(m.source_url), 'by hand') as source,
    count(*) filter (where m.validation_status = 'accepted') as facts,
    count(*) filter (where m.validation_status = 'accepted' and m.confidence_score < 0.6) as unsure,
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
  round((coalesce(pictured.bytes, 0) + coalesce(kept.bytes, 0)) / 1e6, 1) as mb_stored
from sources
left join found using (source)
left join arrived using (source)
left join learned using (source)
left join pictured using (source)
left join asked using (source)
left join kept using (source)
order by vehicles_added desc, facts_added desc, requests desc, source;

create index if not exists extraction_metadata_by_day on public.extraction_metadata using brin (extracted_at);

create index if not exists import_queue_by_day on public.import_queue using brin (created_at);

create index if not exists page_snapshots_by_day on public.page_snapshots using brin (fetched_at);

create index if not exists vehicle_images_by_day on public.vehicle_images using brin (created_at);

comment on function private.drift_parts() is 'Sites whose pages come and are not understood: rows of pipeline_status.';

comment on function private.host_parts() is 'Hosts that do not serve: rows of pipeline_status, with what waits because of each.';

comment on function private.other_parts() is 'Feeds, images and gap filling: rows of pipeline_status.';

comment on function private.waits_for_host(text) is 'What waits because a host does not serve, as "240 vehicles, 12 images, 1 feed"; null when nothing does. Counted up to a thousand of each.';

comment on function private.worker_parts() is 'Edge functions whose last answer was none, or a mistake: rows of pipeline_status.';

comment on function public.resume_host(text, integer) is 'For a host that serves again: closes its breaker, and makes due what waited because of it, up to p_limit of a kind. Gives {host, vehicles, queued, images, feeds, more}; call it again while more is true.';

comment on view public.pipeline_status is 'Is it running, what is stuck, why, what do I type: a row each for the orchestrator, every queue, the feeds, the images, gap filling, and each worker, host and site with which something is wrong. What is wrong stands first, with what waits because of it, and what happens by itself.';

comment on view public.today_by_source is 'Since midnight (UTC), by site: listings found, vehicles added and improved, facts and how sure they are, images, and what it cost: requests, megabytes fetched and stored. mb_fetched is decoded.';

revoke all on function private.drift_parts() from public;

grant execute on function private.drift_parts() to authenticated, postgres, service_role;

revoke all on function private.host_parts() from public;

grant execute on function private.host_parts() to authenticated, postgres, service_role;

revoke all on function private.up_to_thousand(bigint, text) from public;

grant execute
  on function private.up_to_thousand(bigint, text)
  to authenticated, postgres, service_role;

revoke all on function private.waits_for_host(text) from public;

grant execute on function private.waits_for_host(text) to authenticated, postgres, service_role;

revoke all on function private.worker_parts() from public;

grant execute on function private.worker_parts() to authenticated, postgres, service_role;

revoke all on function public.resume_host(text, integer) from public;

grant execute on function public.resume_host(text, integer) to postgres, service_role;

grant select on table public.pipeline_status to authenticated;

grant all on table public.pipeline_status to postgres, service_role;

grant select on table public.today_by_source to authenticated;

grant all on table public.today_by_source to postgres, service_role;

create index if not exists image_downloads_waiting_by_host on public.image_downloads using btree (host)
  where (status = 'pending'::text);
