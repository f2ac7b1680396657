-- Which items of a batch can be written together.

create function private.leases_held(p_items jsonb) returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
  v_held bigint[];
  v_ids uuid[] := array(select private.as_uuid(i ->> 'vehicle_id') from jsonb_array_elements(p_items) i);
  v_queue text;
  v_places bigint[];
begin
  v_held := array(
    select e.n
    from jsonb_array_elements(p_items) with ordinality e(i, n)
    left join public.micro_scrape_state s
      on s.vehicle_id = any (v_ids) -- by the index, whatever the order of the join
      and s.vehicle_id = private.as_uuid(e.i ->> 'vehicle_id')
      and s.lease_token = private.as_uuid(e.i -> 'request' ->> 'lease_token')
    where coalesce(jsonb_typeof(e.i -> 'request'), 'null') = 'null'
      or (e.i -> 'request' ->> 'queue' = 'micro_scrape_state' and s.vehicle_id is not null));
  for v_queue in
    select q.table_name
    from private.queues q
    where q.table_name in (select i -> 'request' ->> 'queue' from jsonb_array_elements(p_items) i)
  loop
    execute format(
      $sql$
        select array(
          select e.n
          from jsonb_array_elements($1) with ordinality e(i, n)
          join public.%I q on q.id = private.as_uuid(e.i -> 'request' ->> 'id')
          where e.i -> 'request' ->> 'queue' = $2
            and q.lease_token = private.as_uuid(e.i -> 'request' ->> 'lease_token'))
      $sql$, v_queue)
    into v_places
    using p_items, v_queue;
    v_held := v_held || v_places;
  end loop;
  return v_held;
end
$$;
comment on function private.leases_held(jsonb) is
  'The places, from 1, of the items that nobody queued, or whose token is still the one on its queue row: holds_lease() of a batch.';
grant execute on function private.leases_held(jsonb) to service_role;

create function private.plainly_held(p_items jsonb, p_locked_elsewhere bigint[])
returns table (place bigint, item jsonb, vehicle public.vehicles, listing public.vehicle_listings)
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_places bigint[] := private.leases_held(p_items);
  v_ids uuid[] := array(select private.as_uuid(i ->> 'vehicle_id') from jsonb_array_elements(p_items) i);
begin
  return query
  with items as materialized (
    select
      e.n,
      e.i,
      private.as_uuid(e.i ->> 'vehicle_id') as vehicle_id,
      public.canonical_listing_url(e.i ->> 'source_url') as canonical,
      upper(e.i -> 'facts' -> 'vin' ->> 'value') as vin,
      (e.i -> 'request' ->> 'queue') || ' ' || (e.i -> 'request' ->> 'id') as request
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  ),
  counted as (
    select
      i.*,
      count(*) over (partition by i.vehicle_id) as of_vehicle,
      case when i.vin is not null then count(*) over (partition by i.vin) end as of_vin,
      case when i.request is not null then count(*) over (partition by i.request) end as of_request
    from items i
  )
  select c.n, c.i, v, l
  from counted c
  join public.vehicles v on v.id = c.vehicle_id
  join public.vehicle_listings l on l.canonical_url = c.canonical and l.vehicle_id = v.id
  where v.id = any (v_ids) -- by the index, whatever the order of the join
    and l.vehicle_id = any (v_ids)
    and c.of_vehicle = 1
    and coalesce(c.of_vin, 1) = 1
    and coalesce(c.of_request, 1) = 1
    and coalesce(c.i ->> 'outcome', 'ok') in ('ok', 'not_modified')
    and c.n = any (v_places)
    and not c.n = any (p_locked_elsewhere)
    -- Of one car: where the page names another VIN, it is looked at whose page it is.
    and coalesce(c.vin = upper(v.vin), true)
    -- Of several listings one gives the sale fields.
    and not exists (select from public.vehicle_listings o where o.vehicle_id = any (v_ids) and o.vehicle_id = v.id and o.id <> l.id)
  order by v.id;
end
$$;
comment on function private.plainly_held(jsonb, bigint[]) is
  'The items of a batch that read the only listing of a vehicle, and of that car, whose lease is held: in the order in which vehicles are written. place: from 1.';
grant execute on function private.plainly_held(jsonb, bigint[]) to service_role;
