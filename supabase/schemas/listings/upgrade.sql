create function private.add_missing_listings(p_limit integer default 5000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_after uuid;
  v_ids uuid[];
begin
  select after into v_after
  from private.upgrade_progress
  where what = 'vehicle_listings' and finished_at is null
  for update skip locked;
  if not found then
    return 0;
  end if;
  v_ids := array(select id from public.vehicles where id > v_after order by id limit p_limit);
  perform private.add_listings(v_ids);
  update private.upgrade_progress
  set after = coalesce(v_ids[cardinality(v_ids)], after),
      finished_at = case when cardinality(v_ids) < p_limit then now() end
  where what = 'vehicle_listings';
  return cardinality(v_ids);
end
$$;
comment on function private.add_missing_listings(integer) is
  'Gives the next vehicles of a release that knew no listings their rows. Gives how many were looked at; called twice in five minutes until there are none.';
grant execute on function private.add_missing_listings(integer) to service_role;
