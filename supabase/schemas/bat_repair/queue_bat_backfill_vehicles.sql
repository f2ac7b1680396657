create function public.queue_bat_backfill_vehicles(p_limit integer default 100, p_priority integer default 75)
returns table (vehicle_id uuid, reason text, bat_url text)
language sql stable
set search_path = ''
as $$
  select n.id, private.bat_backfill_reason(min(n.rank)), n.bat_auction_url
  from (
    (
      select v.id, v.rank, v.bat_auction_url, v.created_at
      from (
        select created_at, id
        from public.vehicles
        where id >= md5(floor(extract(epoch from now()) / 600)::text)::uuid
        order by id
        limit 1
      ) any_vehicle
      right join unnest(array[1, 2, 4, 5, 6]::smallint[]) r(rank) on true
      -- Of each rank the oldest, and those behind some vehicle that is another one every ten minutes: a million that
      -- are left alone take no longer than a few thousand, and hide no other for ever.
      cross join lateral (
        (
          select *
          from private.bat_vehicles_to_repair v
          where v.rank = r.rank
          order by v.created_at, v.id
          limit private.bat_repairs_looked_at() + p_limit
        )
        union
        (
          select *
          from private.bat_vehicles_to_repair v
          where v.rank = r.rank and (v.created_at, v.id) > (any_vehicle.created_at, any_vehicle.id)
          order by v.created_at, v.id
          limit private.bat_repairs_looked_at()
        )
      ) v
      -- What an auction that runs does not state yet, it may state at its end.
      where not (
          v.sale_status = 'live'
          and v.rank >= 5
          and exists (select from public.auction_events e where e.vehicle_id = v.id and e.ends_at > now())
        )
        and not exists (
          select
          from public.bat_extraction_queue q
          where q.vehicle_id = v.id
            and (
              q.status = 'processing'
              or (q.status = 'pending' and q.priority >= p_priority)
              or (q.status in ('complete', 'failed') and q.requeue_at > now())
            )
        )
      order by v.rank, v.created_at, v.id
      limit p_limit
    )
    union all
    (
      select v.id, 3, v.bat_auction_url, v.created_at
      from public.vehicles v
      cross join lateral (
        select max(e.ends_at) as at from public.auction_events e where e.vehicle_id = v.id
      ) ended
      where v.listing_url = v.bat_auction_url
        and v.sale_status = 'live'
        and v.sale_price is null
        and v.listing_ended_at is null
        and ended.at < now() - interval '10 minutes'
        and not exists (
          select
          from public.bat_extraction_queue q
          where q.vehicle_id = v.id
            and (
              q.status = 'processing'
              or (q.status = 'pending' and q.priority >= p_priority)
              or (q.status in ('complete', 'failed') and q.requeue_at > now() and q.processed_at > ended.at)
            )
        )
      order by ended.at, v.id
      limit p_limit
    )
  ) n
  group by n.id, n.bat_auction_url, n.created_at -- one that has ended and lacks data stands in both
  order by min(n.rank), n.created_at, n.id
  limit p_limit
$$;
comment on function public.queue_bat_backfill_vehicles(integer, integer) is
  'Bring a Trailer vehicles that should be read again, the worst and oldest first, and why. Left out: what is being read, waits with this priority or a higher one, or was read lately without gain. Changes nothing: auto_queue_bat_backfills() queues them.';
grant execute on function public.queue_bat_backfill_vehicles(integer, integer) to service_role;
