-- Time is cut into slots of two hours, and a slot has one cycle. What counts as added, queued, active and found in a time.

create function private.fill_slot(p_at timestamptz) returns timestamptz
language sql immutable parallel safe
return to_timestamp(floor(extract(epoch from p_at) / 7200) * 7200);
comment on function private.fill_slot(timestamptz) is 'When the slot of two hours begins that this time belongs to: at even hours, UTC.';

create function private.fill_cycle_id(p_slot timestamptz) returns text
language sql stable parallel safe
set search_path = ''
return 'fill-' || to_char(p_slot at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"');
comment on function private.fill_cycle_id(timestamptz) is
  'The cycle_id of a slot, as fill-2026-11-28T18:00Z: whoever begins a cycle of it gives it the same name, and a person reads from it which it was. (fill_cycles.id is the uuid.)';

create function private.slot_so_far(p_slot timestamptz) returns timestamptz
language sql stable
return greatest(least(p_slot + interval '2 hours', now()), p_slot);
comment on function private.slot_so_far(timestamptz) is 'Until when a slot of two hours has come: now, or its end; its beginning before that.';

create function private.has_landed(v public.vehicles) returns boolean
language sql immutable parallel safe -- without a search_path, so that it is a part of the query that asks
return v.year is not null
  and v.make is not null
  and v.model is not null
  and coalesce(v.field_state -> 'year' ->> 'method', 'manual') not like 'manual%'
  and coalesce(v.field_state -> 'make' ->> 'method', 'manual') not like 'manual%'
  and coalesce(v.field_state -> 'model' ->> 'method', 'manual') not like 'manual%';
comment on function private.has_landed(public.vehicles) is 'Whether a vehicle holds year, make and model from a page: such count towards a target.';

create function private.count_vehicles_added(p_from timestamptz, p_to timestamptz) returns integer
language sql stable
set search_path = ''
as $$
  select count(*)::integer
  from public.vehicles v
  where v.created_at >= p_from
    and v.created_at < p_to
    and private.has_landed(v)
$$;
comment on function private.count_vehicles_added(timestamptz, timestamptz) is
  'Vehicles that came into being in a time and hold year, make and model from a page. Cars, not listings: one that was merged into another is gone, and counts no more.';

create function private.count_fill(p_from timestamptz, p_to timestamptz)
returns table (vehicles_added integer, vehicles_queued integer, sources_active integer, sources_discovered integer)
language sql stable
set search_path = ''
as $$
  select
    private.count_vehicles_added(p_from, p_to),
    (select count(*)::integer from public.import_queue q where q.created_at >= p_from and q.created_at < p_to),
    (select count(*)::integer from public.scrape_sources s where s.is_active and private.is_in_service(s.lifecycle)),
    (
      select count(distinct e.source_id)::integer
      from public.source_lifecycle_events e
      where e.at >= p_from
        and e.at < p_to
        and private.is_in_service(e.to_lifecycle)
        and e.from_lifecycle in ('candidate', 'probing')
    )
$$;
comment on function private.count_fill(timestamptz, timestamptz) is
  'What a time came to: vehicles_added, listings queued, sources that are switched on and in service now, and sources that were found and taken into service in it.';

grant execute on function
  private.fill_slot(timestamptz),
  private.fill_cycle_id(timestamptz),
  private.slot_so_far(timestamptz),
  private.has_landed(public.vehicles),
  private.count_vehicles_added(timestamptz, timestamptz),
  private.count_fill(timestamptz, timestamptz)
to authenticated, service_role;
