-- What was leased: which vehicles can be, more time for them, and handing back what was not begun.

create function public.find_unknown_vehicles(p_vehicle_ids uuid[]) returns jsonb
language sql stable
set search_path = ''
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'vehicle_id', asked.id,
    'exists', v.id is not null,
    'reason', case when v.id is null then 'no such vehicle' else 'the vehicle has no source URL' end
  ) order by asked.place), '[]'::jsonb)
  from unnest(p_vehicle_ids) with ordinality asked(id, place)
  left join public.vehicles v on v.id = asked.id
  where v.id is null or v.discovery_url is null
$$;
comment on function public.find_unknown_vehicles(uuid[]) is
  'Which of these ids cannot be worked on, and why, as [{vehicle_id, exists, reason}].';
grant execute on function public.find_unknown_vehicles(uuid[]) to service_role;

create function public.heartbeat_micro_scrape(p_tokens uuid[]) returns integer
language sql
set search_path = ''
as $$
  select private.extend_leases('micro_scrape_state', p_tokens)
$$;
comment on function public.heartbeat_micro_scrape(uuid[]) is
  'Extends the leases that are still held; gives how many.';
grant execute on function public.heartbeat_micro_scrape(uuid[]) to service_role;

create function public.release_micro_scrape(p_items jsonb) returns integer
language sql
set search_path = ''
as $$
  with given as (
    select s.vehicle_id, private.bounded(i.retry_at) as retry_at, i.error
    from jsonb_to_recordset(p_items) as i(vehicle_id uuid, lease_token uuid, retry_at timestamptz, error text)
    join public.micro_scrape_state s on s.vehicle_id = i.vehicle_id and s.lease_token = i.lease_token
    order by s.vehicle_id
    for update of s
  ),
  released as (
    update public.micro_scrape_state s
    set state = case
          when private.is_complete(v, s.score) then 'complete'
          when g.retry_at > now() then 'waiting'
          else 'due'
        end,
        due_at = coalesce(g.retry_at, now()),
        last_error = coalesce(g.error, s.last_error),
        lease_token = null,
        lease_expires_at = null
    from given g
    join public.vehicles v on v.id = g.vehicle_id
    where s.vehicle_id = g.vehicle_id
    returning 1
  )
  select count(*)::integer from released
$$;
comment on function public.release_micro_scrape(jsonb) is
  'Hands back vehicles that were not started, as [{vehicle_id, lease_token, retry_at, error}]: nothing is counted against them. error: why, where that is worth a word.';
grant execute on function public.release_micro_scrape(jsonb) to service_role;
