create function private.take_back_joins(p_keys text[], p_limit integer) returns integer
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  m record;
  v_done integer := 0;
begin
  for m in
    select g.kept_vehicle_id, g.merged_vehicle_id
    from public.suspect_vins s
    join public.vehicle_merges g
      on g.merged_vehicle ->> 'vin' = s.vin and g.by_itself and g.unmerged_at is null
    where s.vin_key = any (p_keys) and s.status = 'suspect'
    order by g.number desc
    limit p_limit
  loop
    begin
      perform public.unmerge_vehicle(m.merged_vehicle_id);
      -- That they are two, nobody has said.
      delete from public.vehicle_merge_candidates
      where vehicle_id = least(m.kept_vehicle_id, m.merged_vehicle_id)
        and other_vehicle_id = greatest(m.kept_vehicle_id, m.merged_vehicle_id);
      v_done := v_done + 1;
    exception
    when lock_not_available or deadlock_detected or object_in_use then
      v_done := v_done + 1; -- somebody is at one of them: the next run comes back to it
    when object_not_in_prerequisite_state then
      null; -- a person has made it part of another since, and knows better
    end;
  end loop;
  return v_done;
end
$$;
comment on function private.take_back_joins(text[], integer) is
  'A join is worth what its VIN is: where that became suspect, the vehicles that it joined by itself are as they were. Gives how many there were.';
grant execute on function private.take_back_joins(text[], integer) to service_role;
