-- What process-backfill-queue asks of the database besides the kernel of the queues.

create function public.preview_queue(
  p_queue text, p_limit integer, p_vehicle_ids uuid[] default null, p_max_attempts integer default null,
  p_with_vehicles boolean default false
) returns jsonb
language plpgsql stable
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_rows jsonb;
begin
  execute format(
    $sql$
      select coalesce(jsonb_agg(to_jsonb(t) order by %5$s created_at, id), '[]'::jsonb)
      from (
        select *
        from (
          -- By the indexes of the claim, a few more than are asked for: a condition on a million due rows
          -- takes longer than the API allows.
          (
            select *
            from public.%1$I
            where status = 'pending' and %2$I is null and %7$s
            order by %5$s created_at, id
            limit $1 + 2000
          )
          union all
          (
            select *
            from public.%1$I
            where status = 'pending' and %2$I <= now() and %7$s
            order by %2$I
            limit 2000
          )
          union all
          (
            select *
            from public.%1$I
            where lease_token is not null and lease_expires_at <= now() and %7$s
            order by lease_expires_at
            limit 2000
          )
        ) ready
        where %6$s
        order by %5$s created_at, id
        limit $1
      ) t
    $sql$,
    p_queue, q.due_column, q.attempts_column, q.max_attempts_column,
    private.queue_order(q),
    format('($2 is not null or %s)', private.claimable_condition(q, 'ready', '$3')),
    format('%I < coalesce($3, %I) and ($2 is null or vehicle_id = any ($2))', q.attempts_column, q.max_attempts_column)
  )
  into v_rows
  using p_limit, p_vehicle_ids, p_max_attempts;
  return case when p_with_vehicles then private.with_vehicles(v_rows) else v_rows end;
end
$$;
comment on function public.preview_queue(text, integer, uuid[], integer, boolean) is
  'The rows that claim_queue() would lease now. Changes nothing.';
grant execute on function public.preview_queue(text, integer, uuid[], integer, boolean) to service_role;

create function public.invoke_queue_if_due(p_queue text) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  q private.queues := private.queue(p_queue);
  v_is_claimable boolean := private.queue_is_claimable(p_queue);
begin
  perform private.note_end(q.function_name);
  if v_is_claimable then
    -- Every run that ends invokes the next, so the quiet time is what limits how many run at once.
    perform private.invoke_worker(q.function_name, p_quiet => '0.5 seconds', p_is_claimable => true);
  end if;
  return v_is_claimable;
end
$$;
comment on function public.invoke_queue_if_due(text) is
  'For a run that ends: invokes the next one when there are rows to claim, at most two a second. Gives whether there are any.';
grant execute on function public.invoke_queue_if_due(text) to service_role;

create function public.queue_vehicles_for_backfill(
  p_vehicle_ids uuid[], p_reason text default 'manual', p_priority integer default 1,
  p_triggered_by text default 'manual'
) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
  v_more integer;
begin
  -- What waits for its time is due now: somebody asked for it.
  with waiting as (
    select id from public.backfill_queue
    where vehicle_id = any (p_vehicle_ids) and status = 'pending'
    order by id
    for update
  )
  update public.backfill_queue b
  set next_attempt_at = null,
      priority = least(b.priority, p_priority)
  from waiting
  where b.id = waiting.id;
  get diagnostics v_count = row_count;

  insert into public.backfill_queue (vehicle_id, reason, priority, source_url, triggered_by)
  select v.id, p_reason, p_priority, v.listing_url, p_triggered_by
  from public.vehicles v
  where v.id = any (p_vehicle_ids)
    and v.listing_url is not null
    and not exists (
      select from public.backfill_queue b
      where b.vehicle_id = v.id and b.status in ('pending', 'processing'))
  order by v.id
  on conflict do nothing;
  get diagnostics v_more = row_count;
  return v_count + v_more;
end
$$;
comment on function public.queue_vehicles_for_backfill(uuid[], text, integer, text) is
  'Queues these vehicles to be read again now; those that wait already are only made due. Gives how many.';
grant execute on function public.queue_vehicles_for_backfill(uuid[], text, integer, text) to service_role;

create function public.page_snapshots_before(p_url text, p_before uuid, p_limit integer default 3) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(
    to_jsonb(s) - 'is_good' - 'last_seen_at'
      || jsonb_build_object('last_seen_ms_ago', greatest(0, extract(epoch from now() - s.last_seen_at) * 1000)::bigint)
    order by s.last_seen_at desc, s.id), '[]')
  from (
    select s.*
    from public.page_snapshots s
    join public.page_snapshots newest on newest.id = p_before
    where s.canonical_url = public.canonical_listing_url(p_url)
      and s.is_good
      and (s.last_seen_at, s.id) < (newest.last_seen_at, newest.id)
    order by s.last_seen_at desc, s.id desc
    limit p_limit
  ) s
$$;
comment on function public.page_snapshots_before(text, uuid, integer) is
  'Older good snapshots of a listing, the newest first: for when the newest turns out to be no listing.';
grant execute on function public.page_snapshots_before(text, uuid, integer) to service_role;
