create function private.queue_for_version(p_version_id uuid, p_limit integer default 10000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  s public.scraper_versions;
  p record;
  v_taken_over integer;
  v_queued integer;
  v_waits text;
begin
  select * into s from public.scraper_versions
  where id = p_version_id and scan_finished_at is null and backfill_required
  for update skip locked; -- somebody else is at it
  if not found then
    return null;
  end if;

  select * into p from private.scan_portion(
    s.scraper_name, s.version, s.fields_affected, s.reextract, s.scan_host, s.scan_after, p_limit);

  v_waits := private.waits_for_deployment(
    s.scraper_name, s.version, private.deployed_version(s.scraper_name));

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
      next_attempt_at = case when v_waits is not null then 'infinity'::timestamptz end,
      error_message = v_waits,
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
      (vehicle_id, reason, priority, source_url, triggered_by, scraper_version_id, fields_wanted, reextract,
       next_attempt_at, error_message)
    select
      alive.id, 'scraper_improved', s.backfill_priority, a.url, 'scraper_versions', s.id, s.fields_affected, s.reextract,
      case when v_waits is not null then 'infinity'::timestamptz end, v_waits
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
grant execute on function private.queue_for_version(uuid, integer) to service_role;
