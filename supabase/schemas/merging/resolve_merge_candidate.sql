create function public.resolve_merge_candidate(
  p_id uuid, p_decision text, p_note text default null, p_keep uuid default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.vehicle_merge_candidates;
  v_keep uuid;
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

  v_keep := coalesce(p_keep, (
    select id from public.vehicles where id in (c.vehicle_id, c.other_vehicle_id) order by created_at, id limit 1));
  return jsonb_build_object('decision', p_decision) || public.merge_vehicles(
    v_keep, case when v_keep = c.vehicle_id then c.other_vehicle_id else c.vehicle_id end, p_note);
end
$$;
comment on function public.resolve_merge_candidate(uuid, text, text, uuid) is
  'A person''s word on a pair of vehicle_merge_candidates: different_vehicles ends the question; same_vehicle makes one of them (p_keep, else the older), with the facts, provenance, auctions, images and listings of both. vehicle_merges keeps the row that went.';
grant execute on function public.resolve_merge_candidate(uuid, text, text, uuid) to service_role;
