create function public.resolve_merge_candidate(
  p_id uuid, p_decision text, p_note text default null, p_keep uuid default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.vehicle_merge_candidates;
  k public.vehicles;
  o public.vehicles;
  v_later boolean;
  v_taken text[];
  v_by text := coalesce(auth.jwt() ->> 'email', auth.jwt() ->> 'sub', auth.jwt() ->> 'role', current_user);
begin
  if p_decision is null or p_decision not in ('same_vehicle', 'different_vehicles') then
    raise exception 'a decision is same_vehicle or different_vehicles, not "%"', p_decision using errcode = '22023';
  end if;
  select * into c from public.vehicle_merge_candidates where id = p_id;
  if not found then
    raise exception 'no pair of vehicles has the id %: it may have been resolved', p_id using errcode = '22023';
  end if;
  if p_keep is not null and p_keep not in (c.vehicle_id, c.other_vehicle_id) then
    raise exception 'vehicle % is not one of the pair: keep % or %', p_keep, c.vehicle_id, c.other_vehicle_id
      using errcode = '22023';
  end if;
  if p_decision = 'different_vehicles' then
    update public.vehicle_merge_candidates
    set status = p_decision, note = p_note, resolved_at = now()
    where id = p_id;
    return jsonb_build_object('decision', p_decision, 'kept', null, 'merged', null);
  end if;

  perform from public.vehicles where id in (c.vehicle_id, c.other_vehicle_id) order by id for update;
  select * into k
  from public.vehicles
  where id in (c.vehicle_id, c.other_vehicle_id)
  order by (id = p_keep) desc nulls last, created_at, id
  limit 1;
  select * into o from public.vehicles where id in (c.vehicle_id, c.other_vehicle_id) and id <> k.id;
  if not found then
    raise exception 'one of the two vehicles is gone: somebody may have merged them just now' using errcode = '55006';
  end if;
  if private.is_leased(k.id) or private.is_leased(o.id) then
    raise exception 'a worker holds one of the two under lease: try again in a minute' using errcode = '55006';
  end if;

  v_later := coalesce((
    select max(ends_at) filter (where vehicle_id = o.id)
        > coalesce(max(ends_at) filter (where vehicle_id = k.id), '-infinity')
    from public.auction_events
    where vehicle_id in (k.id, o.id)), false);
  perform set_config('vehicles.rescore', 'by the writer', true);
  v_taken := private.take_facts(k, o, v_later);
  perform private.take_history(k.id, o.id, v_taken);
  perform private.take_images(k.id, o.id);
  insert into public.vehicle_merges (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note)
  values (k.id, o.id, to_jsonb(o), v_taken, v_by, p_note);
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  delete from public.vehicles where id = o.id;
  if v_later then
    update public.vehicles set discovery_url = o.discovery_url where id = k.id;
  end if;
  -- Both listings lead to it from now on.
  insert into public.import_queue as held (listing_url, status, vehicle_id, outcome_code, processed_at)
  select u.url, 'complete', k.id, 'ok', now()
  from unnest(array[k.discovery_url, o.discovery_url]) u(url)
  where public.canonical_listing_url(u.url) is not null
  on conflict (canonical_url) do update
  set vehicle_id = excluded.vehicle_id;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('decision', p_decision, 'kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;
comment on function public.resolve_merge_candidate(uuid, text, text, uuid) is
  'A person''s word on a pair of vehicle_merge_candidates: different_vehicles ends the question; same_vehicle makes one of them (p_keep, else the older), with the facts, provenance, auctions, images and listings of both. vehicle_merges keeps the row that went.';
grant execute on function public.resolve_merge_candidate(uuid, text, text, uuid) to service_role;
