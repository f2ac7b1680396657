create function private.refresh_micro_scrape_state(p_vehicle_ids uuid[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_without_listing uuid[];
  v_completed uuid[];
  v_reopened uuid[];
begin
  -- A score that moved, a vehicle that is new, a vehicle that became complete or is no longer.
  insert into public.micro_scrape_state as held (vehicle_id, score, state, vehicle_created_at)
  select
    v.id, q.overall_score,
    case when private.is_complete(v, q.overall_score) then 'complete' else 'due' end,
    v.created_at
  from public.vehicles v
  cross join lateral (
    select q.overall_score
    from public.vehicle_quality_scores q
    where q.vehicle_id = v.id
    offset 0 -- one look by key a vehicle, also by a plan that was made for a single one
  ) q
  where v.id = any (p_vehicle_ids)
    and v.discovery_url is not null
  order by v.id
  on conflict (vehicle_id) do update
  set score = excluded.score,
      state = case
        when excluded.state = 'complete' and held.state <> 'leased' then 'complete'
        when excluded.state = 'due' and held.state = 'complete' then 'due'
        else held.state
      end,
      due_at = case
        when excluded.state = 'due' and held.state = 'complete' then now()
        else held.due_at
      end,
      no_gain_passes = case
        when excluded.state = 'due' and held.state = 'complete' then 0
        else held.no_gain_passes
      end
  where held.score <> excluded.score
    or (excluded.state = 'complete' and held.state not in ('complete', 'leased'))
    or (excluded.state = 'due' and held.state = 'complete');

  select
    array_agg(v.id) filter (where v.discovery_url is null),
    array_agg(v.id) filter (where c.complete and not private.is_marked_complete(v.origin_metadata)),
    array_agg(v.id) filter (where not c.complete and private.is_marked_complete(v.origin_metadata))
  into v_without_listing, v_completed, v_reopened
  from public.vehicles v
  cross join lateral (
    select private.is_complete(v, q.overall_score) as complete
    from public.vehicle_quality_scores q
    where q.vehicle_id = v.id
    offset 0
  ) c
  where v.id = any (p_vehicle_ids);

  if v_without_listing is not null then
    delete from public.micro_scrape_state where vehicle_id = any (v_without_listing);
  end if;

  -- The mark that the operators read, on the vehicle itself.
  if v_completed is not null then
    update public.vehicles
    set origin_metadata = origin_metadata
      || jsonb_build_object('micro_scrape_complete', true, 'micro_scrape_completed_at', now())
    where id = any (v_completed);
  end if;
  if v_reopened is not null then
    update public.vehicles
    set origin_metadata = origin_metadata
      || jsonb_build_object('micro_scrape_complete', false, 'micro_scrape_completed_at', null)
    where id = any (v_reopened);
  end if;
end
$$;
comment on function private.refresh_micro_scrape_state(uuid[]) is
  'Syncs micro_scrape_state and the completion mark with the scores of these vehicles, set-wise.';

grant execute on function private.refresh_micro_scrape_state(uuid[]) to service_role;
