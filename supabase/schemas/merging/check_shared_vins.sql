create function private.check_suspect_vin() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.vins_to_check (vin_key) values (new.vin_key);
  return null;
end
$$;
comment on function private.check_suspect_vin() is 'What a person says of a VIN counts for all its vehicles.';
revoke execute on function private.check_suspect_vin() from public;

create trigger check_suspect_vin
  after update of status on public.suspect_vins
  for each row when (new.status <> old.status)
  execute function private.check_suspect_vin();

create function private.drop_pairs_of_suspect_vins(p_keys text[], p_limit integer) returns integer
language sql
set search_path = ''
as $$
  with dropped as (
    delete from public.vehicle_merge_candidates
    where id in (
      select c.id
      from public.suspect_vins s
      join public.vehicle_merge_candidates c on c.vin = s.vin and c.status = 'open'
      join public.vehicles v on v.id = c.vehicle_id
      where s.vin_key = any (p_keys) and private.vin_key(v.vin, v.make) = s.vin_key
      limit p_limit
    )
    returning 1
  )
  select count(*)::integer from dropped
$$;
comment on function private.drop_pairs_of_suspect_vins(text[], integer) is
  'A VIN of many vehicles is one question, not one a pair: takes back those that nobody has answered. Gives how many.';
grant execute on function private.drop_pairs_of_suspect_vins(text[], integer) to service_role;

create function private.rescore_vins(p_keys text[], p_limit integer) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  -- Those in use are rescored by who uses them, or the next time.
  v_ids := array(
    select v.id
    from public.vehicles v
    join public.vehicle_quality_scores q on q.vehicle_id = v.id
    left join public.suspect_vins s on s.vin_key = private.vin_key(v.vin, v.make) and s.status = 'suspect'
    where private.vin_key(v.vin, v.make) = any (p_keys)
      and v.vin is not null
      and ('suspect_vin' = any (q.issues)) <> (s.vin_key is not null)
    order by v.id
    limit p_limit
    for no key update of v skip locked
  );
  perform private.vehicles_changed(v_ids);
  return cardinality(v_ids);
end
$$;
comment on function private.rescore_vins(text[], integer) is
  'Scores the vehicles anew whose VIN became suspect, or is no longer. Gives how many.';
grant execute on function private.rescore_vins(text[], integer) to service_role;

create function private.check_shared_vins(p_limit integer default 2000) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_ids bigint[];
  v_keys text[];
  v_done integer := 0;
begin
  v_ids := array(select id from private.vins_to_check order by id limit p_limit for update skip locked);
  if v_ids = '{}' then
    return 0;
  end if;
  v_keys := array(select distinct vin_key from private.vins_to_check where id = any (v_ids));

  -- A VIN of which only a few vehicles are left is an ordinary one.
  delete from public.suspect_vins s
  where s.vin_key = any (v_keys)
    and s.status = 'suspect'
    and (select count(*) from private.vehicles_of_vins(array[s.vin_key])) <= private.most_of_a_vin();
  perform private.note_shared_vins(v_keys);

  v_done := private.take_back_joins(v_keys, p_limit / 20)
    + private.drop_pairs_of_suspect_vins(v_keys, p_limit * 5)
    + private.rescore_vins(v_keys, p_limit);
  if v_done = 0 then -- else there may be more
    delete from private.vins_to_check where id = any (v_ids);
  end if;
  return v_done;
end
$$;
comment on function private.check_shared_vins(integer) is
  'Does for the next VINs of vins_to_check what their vehicles'' writers did not wait for: pairs, suspect VINs and the joins that they made, scores. Gives how much it did; called every minute.';
grant execute on function private.check_shared_vins(integer) to service_role;
