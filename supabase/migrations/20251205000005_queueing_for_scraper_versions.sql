-- Which vehicles a version affects, found and queued in portions.

create function private.scraper_of_host(p_host text) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select s.scraper_name
    from public.scrape_sources s
    left join lateral (
      select length(own) as exactness
      from unnest(s.hosts) own
      where p_host = own or p_host like '%.' || own
      order by 1 desc
      limit 1
    ) its on true
    where its.exactness is not null or s.hosts = '{}'
    order by its.exactness desc nulls last
    limit 1
  );
end
$$;
comment on function private.scraper_of_host(text) is
  'The scraper that reads a host: the one that names it, or a parent domain of it, else the one for any host.';

create function private.next_host_of_scraper(p_scraper text, p_after text) returns text
language plpgsql stable
set search_path = ''
as $$
declare
  v_host text := p_after;
begin
  loop -- one look into the index of hosts for each host, however many vehicles it has
    select v.source_host into v_host
    from public.vehicles v
    where v.source_host > v_host
    order by v.source_host
    limit 1;
    if v_host is null or private.scraper_of_host(v_host) = p_scraper then
      return v_host;
    end if;
  end loop;
end
$$;
comment on function private.next_host_of_scraper(text, text) is
  'The next host, by name, that has vehicles and is read by this scraper; null when there is none.';

create function private.is_disputed(p_field text, p_state jsonb) returns boolean
language sql immutable parallel safe
return p_state ? 'conflict'
  and not coalesce(private.is_rejected(p_field, p_state, p_state -> 'conflict' ->> 'value'), false);
comment on function private.is_disputed(text, jsonb) is
  'Whether another reading disagrees with the value held and no person has said that it is wrong.';

create function private.why_affected(p_fields text[], p_scraper text, p_version text, p_reextract boolean)
returns text
language sql immutable
set search_path = ''
as $$
  -- SQL text for one row v of vehicles. Columns are named one by one: a row as jsonb would unpack every
  -- description. A value without state is not known to be unsure.
  select format('array_remove(array[%s]::text[], null)', string_agg(
    format(
      $sql$
        case
          when v.%1$I is null then 'missing:' || %1$L
          when (v.field_state -> %1$L ->> 'confidence')::numeric < 0.6 then 'unsure:' || %1$L
          when private.is_disputed(%1$L, v.field_state -> %1$L) then 'conflict:' || %1$L
          %2$s
        end
      $sql$,
      f,
      case when p_reextract then format(
        $sql$
          when v.field_state -> %1$L ->> 'method' = %2$L
            and private.version_number(v.field_state -> %1$L ->> 'version') < %3$s
            then 'older version:' || %1$L
        $sql$, f, p_scraper, private.version_number(p_version)) end
    ), ','))
  from unnest(p_fields) f
$$;
comment on function private.why_affected(text[], text, text, boolean) is
  'The expression over a vehicle v that gives why it should be read again, as {"missing:vin", …}; empty when it should not.';

create function private.scan_portion(
  p_scraper text, p_version text, p_fields text[], p_reextract boolean,
  p_host text, p_after uuid, p_limit integer,
  out ids uuid[], out urls text[], out whys text[], out scanned bigint, out next_host text, out next_after uuid,
  out finished boolean
)
language plpgsql stable
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_urls text[];
  v_whys text[];
  v_scanned bigint;
  v_last uuid;
begin
  ids := '{}';
  urls := '{}';
  whys := '{}';
  scanned := 0;
  finished := false;
  next_after := p_after;
  next_host := case when p_after is null then private.next_host_of_scraper(p_scraper, p_host) else p_host end;
  while next_host is not null and scanned < p_limit loop
    execute format(
      $sql$
        with portion as materialized (
          select v.id, v.discovery_url, %s as why
          from (
            select *
            from public.vehicles
            where source_host = $1 and ($2 is null or id > $2)
            order by id
            limit $3
          ) v
        )
        select
          coalesce(array_agg(id order by id) filter (where why <> '{}'), '{}'),
          coalesce(array_agg(discovery_url order by id) filter (where why <> '{}'), '{}'),
          coalesce(array_agg(array_to_string(why, ',') order by id) filter (where why <> '{}'), '{}'),
          count(*),
          (select id from portion order by id desc limit 1)
        from portion
      $sql$, private.why_affected(p_fields, p_scraper, p_version, p_reextract))
    into v_ids, v_urls, v_whys, v_scanned, v_last
    using next_host, next_after, p_limit - scanned;
    ids := ids || v_ids;
    urls := urls || v_urls;
    whys := whys || v_whys;
    if scanned + v_scanned < p_limit then -- that host is done
      next_host := private.next_host_of_scraper(p_scraper, next_host);
      next_after := null;
    else
      next_after := v_last;
    end if;
    scanned := scanned + v_scanned;
  end loop;
  if next_host is null then
    finished := true;
    next_after := null;
  end if;
end
$$;
comment on function private.scan_portion(text, text, text[], boolean, text, uuid, integer) is
  'Looks at the next p_limit vehicles of a scraper''s sources, by host and id, and gives those that should be read again, with why.';

-- Queueing ---------------------------------------------------------------------------------------

create function private.queue_for_version(p_version_id uuid, p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  s public.scraper_versions;
  p record;
  v_taken_over integer;
  v_queued integer;
begin
  select * into s from public.scraper_versions
  where id = p_version_id and scan_finished_at is null and backfill_required
  for update skip locked; -- somebody else is at it
  if not found then
    return null;
  end if;

  select * into p from private.scan_portion(
    s.scraper_name, s.version, s.fields_affected, s.reextract, s.scan_host, s.scan_after, p_limit);

  -- What waits already for an older version waits for this one too, and is read once.
  with older as (
    select b.id
    from public.backfill_queue b
    where b.vehicle_id = any (p.ids)
      and b.reason = 'scraper_improved'
      and b.status = 'pending'
      and b.scraper_version_id is distinct from s.id
    order by b.id
    for update skip locked
  )
  update public.backfill_queue b
  set scraper_version_id = s.id,
      fields_wanted = array(select distinct f from unnest(b.fields_wanted || s.fields_affected) f order by f),
      reextract = b.reextract or s.reextract,
      priority = least(b.priority, s.backfill_priority),
      next_attempt_at = null,
      triggered_by = 'scraper_versions'
  from older
  where b.id = older.id;
  get diagnostics v_taken_over = row_count;

  v_queued := 0;
  if cardinality(p.ids) > 0 then
    with alive as ( -- who deletes a vehicle meanwhile is not waited for
      select id from public.vehicles where id = any (p.ids) order by id for key share skip locked
    )
    insert into public.backfill_queue
      (vehicle_id, reason, priority, source_url, triggered_by, scraper_version_id, fields_wanted, reextract)
    select
      alive.id, 'scraper_improved', s.backfill_priority, a.url, 'scraper_versions', s.id, s.fields_affected, s.reextract
    from alive
    join unnest(p.ids, p.urls) as a(id, url) on a.id = alive.id
    on conflict do nothing;
    get diagnostics v_queued = row_count;
  end if;

  update public.scraper_versions
  set queued_count = queued_count + v_taken_over + v_queued,
      scanned_count = scanned_count + p.scanned,
      scan_host = coalesce(p.next_host, ''),
      scan_after = p.next_after,
      scan_finished_at = case when p.finished then clock_timestamp() end
  where id = s.id;
  return v_taken_over + v_queued;
end
$$;
comment on function private.queue_for_version(uuid, integer) is
  'Looks at the next portion of a version''s vehicles and queues those that it affects. Gives how many, or null when there is nothing to do or somebody else is at it.';

create function private.queue_for_new_versions(p_for interval default '4 seconds') returns void
language plpgsql
set search_path = ''
as $$
declare
  v_until timestamptz := clock_timestamp() + p_for;
  v_id uuid;
begin
  for v_id in
    select id from public.scraper_versions
    where scan_finished_at is null
    order by backfill_priority, created_at
  loop
    while clock_timestamp() < v_until loop
      exit when private.queue_for_version(v_id) is null;
    end loop;
  end loop;
end
$$;
comment on function private.queue_for_new_versions(interval) is
  'Goes on, portion by portion, with the versions whose vehicles are not all queued yet. Called every 20 seconds.';

-- Who may call what ------------------------------------------------------------------------------

grant execute on function private.scraper_of_host(text) to service_role;
grant execute on function private.next_host_of_scraper(text, text) to service_role;
grant execute on function private.is_disputed(text, jsonb) to service_role;
grant execute on function private.why_affected(text[], text, text, boolean) to service_role;
grant execute on function private.scan_portion(text, text, text[], boolean, text, uuid, integer) to service_role;
grant execute on function private.queue_for_version(uuid, integer) to service_role;
revoke execute on function private.queue_for_new_versions(interval) from public;

select cron.schedule('queue-for-new-versions', '20 seconds', 'select private.queue_for_new_versions()');
