-- What becomes due, after pages that are new.

create function private.hosts_with_new_pages() returns text[]
language sql stable
set search_path = ''
as $$
  select coalesce(array_agg(distinct private.url_host(h.for_example)), '{}')
  from (
    select max(i.listing_url) as for_example -- what stands between the slashes is cut out once a host
    from (
      select q.listing_url
      from public.import_queue q
      where q.status = 'pending' and q.next_attempt_at is null
      order by q.priority desc, q.created_at, q.id
      limit 500
    ) i
    group by split_part(i.listing_url, '/', 3)
  ) h
$$;
comment on function private.hosts_with_new_pages() is
  'The hosts of the next 500 listings that are due to be imported.';
grant execute on function private.hosts_with_new_pages() to service_role;

create function private.due_or_after_new_pages(
  p_host text, p_busy text[], p_due_since timestamptz, p_now timestamptz default now()
) returns timestamptz
language sql stable
return case
  -- Twice as late each time, so that what waits for long is rarely moved.
  when p_host = any (p_busy) and p_due_since > p_now - interval '2 days'
    then least(p_due_since + interval '2 days', p_now + greatest(interval '30 minutes', p_now - p_due_since))
end;
comment on function private.due_or_after_new_pages(text, text[], timestamptz, timestamptz) is
  'When a look may be claimed that has been due since p_due_since: now (null), or later while its host has pages that are new; two days late at most.';
grant execute on function private.due_or_after_new_pages(text, text[], timestamptz, timestamptz) to service_role;

create function private.promote_due_listing_checks(p_limit integer) returns integer
language plpgsql
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = off
as $$
declare
  v_ids uuid[] := array(
    select id
    from public.listing_checks
    where status in ('complete', 'failed') and requeue_at <= now()
    order by requeue_at
    limit p_limit
    for update skip locked
  ) || array(
    select id
    from public.listing_checks
    where status = 'pending' and next_attempt_at <= now()
    order by next_attempt_at
    limit p_limit
    for update skip locked
  );
  v_busy text[];
  v_promoted integer;
begin
  if cardinality(v_ids) = 0 then
    return 0;
  end if;
  v_busy := private.hosts_with_new_pages();
  perform set_config('queues.promoting', 'on', true);
  with promoted as (
    update public.listing_checks c
    set next_attempt_at = private.due_or_after_new_pages(c.source_host, v_busy, c.requeue_at),
        attempts = case when c.status = 'pending' then c.attempts else 0 end,
        blocked_days = case when c.status = 'pending' then c.blocked_days else 0 end,
        status = 'pending'
    where c.id = any (v_ids)
    returning c.next_attempt_at
  )
  select count(*) filter (where next_attempt_at is null) into v_promoted from promoted;
  perform set_config('queues.promoting', '', true);
  return v_promoted;
end
$$;
comment on function private.promote_due_listing_checks(integer) is
  'Makes due the looks whose time has come, and those that waited; not those of a host that has new listings to import. Gives how many are due.';
grant execute on function private.promote_due_listing_checks(integer) to service_role;
