-- What the hosts answered: health, breaker, robots and snapshots in one call.

create function public.record_fetches(p_worker uuid, p_report jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_kept text[];
  v_forgotten text[];
begin
  -- Hosts first, all in one order, then the rest, which locks nothing that others wait for long.
  perform from public.source_hosts
  where host in (
    select value ->> 'host' from jsonb_array_elements(p_report -> 'answers')
    union all
    select value ->> 'host' from jsonb_array_elements(p_report -> 'robots')
    union all
    select value #>> '{}' from jsonb_array_elements(p_report -> 'released')
  )
  order by host
  for update;

  perform private.record_host_answers(p_worker, p_report -> 'answers');

  -- A robots.txt that cannot be reached does not unsay the one that was read before (RFC 9309, 2.4).
  update public.source_hosts h
  set robots_status = r.status,
      robots_body = case when r.error is null then r.body else h.robots_body end,
      robots_error = r.error,
      crawl_delay_ms = case when r.error is null then r.crawl_delay_ms else h.crawl_delay_ms end,
      -- A delay that was not known when the last slot was given counts from now.
      next_slot_at = case
        when r.crawl_delay_ms > greatest(h.min_interval_ms, h.crawl_delay_ms)
          then greatest(h.next_slot_at, clock_timestamp() + r.crawl_delay_ms * '1 millisecond'::interval)
        else h.next_slot_at
      end,
      robots_fetched_at = clock_timestamp(),
      robots_fresh_until = clock_timestamp() + r.fresh_ms * '1 millisecond'::interval
  from (
    select distinct on (host) * from jsonb_to_recordset(p_report -> 'robots')
      as r(host text, status integer, body text, error text, crawl_delay_ms integer, fresh_ms bigint)
  ) as r
  where h.host = r.host;

  -- A probe that ended without an answer is given back, for the next worker to try at once.
  update public.source_hosts
  set breaker = 'open', probe_holder = null, probe_until = null
  where host in (select value #>> '{}' from jsonb_array_elements(p_report -> 'released'))
    and breaker = 'half_open'
    and probe_holder = p_worker;

  insert into public.scraping_health (source, host, url, outcome, status, ms, bytes, message, created_at)
  select a.source, a.host, a.url, a.outcome, a.status, a.ms, a.bytes, a.message,
    clock_timestamp() - a.age_ms * '1 millisecond'::interval
  from jsonb_to_recordset(p_report -> 'attempts') as a(
    source text, host text, url text, outcome text, status integer, ms integer, bytes bigint,
    message text, age_ms bigint
  );

  -- Of a vehicle that was forgotten while its page was read nothing is kept, neither a row nor the file.
  v_forgotten := array(
    select r.canonical_url
    from public.remembered_addresses r
    where r.kind = 'forgotten'
      and r.canonical_url in (select s ->> 'canonical_url' from jsonb_array_elements(p_report -> 'snapshots') s));
  insert into private.unneeded_snapshot_objects (storage_path)
  select distinct s ->> 'storage_path'
  from jsonb_array_elements(p_report -> 'snapshots') s
  where s ->> 'canonical_url' = any (v_forgotten)
  order by 1
  on conflict do nothing;

  -- A page whose file is being removed at this moment is kept the next time that it is fetched.
  v_kept := private.keep_objects(array(
    select distinct s ->> 'storage_path'
    from jsonb_array_elements(coalesce(p_report -> 'snapshots', '[]')) s
    where s ->> 'canonical_url' <> all (v_forgotten)));
  insert into public.page_snapshots as held (
    id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, etag, last_modified,
    content_type, bytes, stored_bytes, storage_path
  )
  select distinct on (s.canonical_url, s.sha256)
    s.id, s.canonical_url, s.url, s.final_url, s.sha256, s.fetched_at, s.fetched_at, s.status, s.etag,
    s.last_modified, s.content_type, s.bytes, s.stored_bytes, s.storage_path
  from jsonb_to_recordset(p_report -> 'snapshots') as s(
    id uuid, canonical_url text, url text, final_url text, sha256 text, fetched_at timestamptz,
    status integer, etag text, last_modified text, content_type text, bytes integer,
    stored_bytes integer, storage_path text
  )
  where s.storage_path = any (v_kept) and s.canonical_url <> all (v_forgotten)
  order by s.canonical_url, s.sha256, s.fetched_at desc
  on conflict (canonical_url, sha256) do update
  set last_seen_at = greatest(held.last_seen_at, excluded.last_seen_at),
      final_url = excluded.final_url,
      etag = excluded.etag,
      last_modified = excluded.last_modified;

  with seen as (
    select s.id, min(s.age_ms) as age_ms
    from jsonb_to_recordset(p_report -> 'seen') as s(id uuid, age_ms bigint)
    group by s.id
  ),
  locked as (
    select h.id, seen.age_ms
    from public.page_snapshots h join seen on seen.id = h.id
    order by h.canonical_url, h.sha256
    for update of h
  )
  update public.page_snapshots h
  set last_seen_at = greatest(h.last_seen_at, clock_timestamp() - locked.age_ms * '1 millisecond'::interval)
  from locked
  where h.id = locked.id;

  return coalesce((
    select jsonb_agg(jsonb_build_object(
      'host', h.host,
      'breaker', h.breaker,
      'why', h.opened_because,
      'retry_in_ms', private.ms_until(greatest(h.retry_at, h.retry_after), clock_timestamp())
    ) order by h.host)
    from public.source_hosts h
    where h.host in (select value ->> 'host' from jsonb_array_elements(p_report -> 'answers'))
  ), '[]');
end
$$;
comment on function public.record_fetches(uuid, jsonb) is
  'Writes what a worker fetched, in one go: {attempts, answers, robots, released, snapshots, seen}. Gives how the hosts that answered now stand.';
revoke execute on function public.record_fetches(uuid, jsonb) from public, anon, authenticated;
grant execute on function public.record_fetches(uuid, jsonb) to service_role;
