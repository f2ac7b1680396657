-- The same VIN on several vehicles: a few are pairs for a person to look at, many make the VIN suspect. Whoever
-- writes a vehicle reads at most six others and waits for none: what cannot be done at once is left to
-- check_shared_vins().

create function private.most_of_a_vin() returns integer
language sql immutable parallel safe
return 5;
comment on function private.most_of_a_vin() is
  'How many vehicles may have one VIN: one car is offered at a few places, a placeholder at hundreds.';
grant execute on function private.most_of_a_vin() to service_role;

create function private.is_suspect_vin(p_vin text, p_make text) returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return exists (
    select from public.suspect_vins s
    where s.vin_key = private.vin_key(p_vin, p_make) and s.status = 'suspect');
end
$$;
comment on function private.is_suspect_vin(text, text) is 'Whether a VIN says nothing of the car that has it.';
grant execute on function private.is_suspect_vin(text, text) to service_role;

create function private.vehicles_of_vins(p_keys text[])
returns table (vin_key text, id uuid, vin text, make text, vehicles bigint)
language plpgsql stable rows 6 -- its plan is kept
set search_path = ''
as $$
begin
  return query
  select k.vin_key, m.id, m.vin, m.make, count(*) over (partition by k.vin_key)
  from (select distinct k as vin_key from unnest(p_keys) k) k
  cross join lateral (
    select v.id, v.vin, v.make
    from public.vehicles v
    where private.vin_key(v.vin, v.make) = k.vin_key and v.vin is not null
    limit private.most_of_a_vin() + 1 -- by the index, and whether there are more is all that matters
  ) m;
end
$$;
comment on function private.vehicles_of_vins(text[]) is
  'The vehicles of each VIN, at most one more than may have it, and how many these are.';
grant execute on function private.vehicles_of_vins(text[]) to service_role;

create function private.add_suspect_vins(p_keys text[]) returns void
language sql
set search_path = ''
as $$
  -- Two that find the same VIN at once do not wait for each other: the lock says who writes it.
  insert into public.suspect_vins (vin_key, vin, make)
  select distinct on (m.vin_key) m.vin_key, m.vin, case when not private.is_vin(m.vin) then m.make end
  from private.vehicles_of_vins(p_keys) m
  where pg_try_advisory_xact_lock(hashtextextended('suspect ' || m.vin_key, 5))
  order by m.vin_key, m.id
  on conflict (vin_key) do nothing
$$;
comment on function private.add_suspect_vins(text[]) is 'Makes these VINs suspect, but for those that another session is at.';
grant execute on function private.add_suspect_vins(text[]) to service_role;

create function private.pair_vehicles(p_ids uuid[], p_changed uuid[] default null) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_locked integer;
begin
  -- A row that is being deleted or moved is not waited for, and nobody else writes a pair of a changed vehicle.
  with locked as materialized (
    select v.id, v.vin, private.vin_key(v.vin, v.make) as vin_key
    from public.vehicles v
    where v.id = any (p_ids)
    order by v.id
    for key share skip locked
  ),
  paired as (
    insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
    select a.id, b.id, a.vin
    from locked a
    join locked b on b.vin_key = a.vin_key and b.id > a.id
    where (p_changed is null or exists (select from unnest(p_changed) c where c in (a.id, b.id)))
      and not exists (
        select from public.vehicle_merge_candidates c where c.vehicle_id = a.id and c.other_vehicle_id = b.id)
    order by 1, 2
    on conflict (vehicle_id, other_vehicle_id) do nothing
  )
  select count(*) into v_locked from locked;
  return v_locked;
end
$$;
comment on function private.pair_vehicles(uuid[], uuid[]) is
  'Makes a candidate of each pair of these vehicles that has one VIN, or of those with a changed vehicle. Gives how many could be looked at.';
grant execute on function private.pair_vehicles(uuid[], uuid[]) to service_role;

create function private.note_shared_vins(p_keys text[], p_changed uuid[] default null) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_few uuid[];
  v_many text[];
begin
  select
    array_agg(m.id) filter (where m.vehicles <= private.most_of_a_vin()),
    array_agg(distinct m.vin_key) filter (where m.vehicles > private.most_of_a_vin())
  into v_few, v_many
  from private.vehicles_of_vins(array(
    select k from unnest(p_keys) k where not exists (select from public.suspect_vins s where s.vin_key = k)
  )) m
  where m.vehicles > 1;

  if v_few is not null and private.pair_vehicles(v_few, p_changed) < cardinality(v_few) then
    insert into private.vins_to_check (vin_key) select distinct k from unnest(p_keys) k;
  end if;
  if v_many is not null then
    perform private.add_suspect_vins(v_many[1:100]); -- a lock each, of which a server has some thousands
    insert into private.vins_to_check (vin_key) select k from unnest(v_many) k; -- the others earned points for it
  end if;
end
$$;
comment on function private.note_shared_vins(text[], uuid[]) is
  'Looks at the VINs of vehicles that were written: pairs those of a few, and makes suspect those of many.';
grant execute on function private.note_shared_vins(text[], uuid[]) to service_role;

create function private.find_shared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_keys text[];
  v_ids uuid[];
begin
  if current_setting('vehicles.listings', true) = 'by the writer' then
    return null; -- who looks at them after their listings
  end if;
  select array_agg(distinct private.vin_key(vin, make)), array_agg(id)
  into v_keys, v_ids
  from changed
  where private.vin_key(vin, make) is not null;
  if v_keys is not null then
    perform private.note_shared_vins(v_keys, v_ids);
  end if;
  return null;
end
$$;
comment on function private.find_shared_vins() is
  'The same VIN on two vehicles, however it came there, is for a person to look at.';
revoke execute on function private.find_shared_vins() from public;

create trigger find_shared_vins_of_new
  after insert on public.vehicles
  referencing new table as changed
  for each statement execute function private.find_shared_vins();

create function private.find_shared_vin() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.vins_to_check (vin_key)
  select s.vin_key from public.suspect_vins s where s.vin_key = private.vin_key(old.vin, old.make);
  if private.vin_key(new.vin, new.make) is not null then
    perform private.note_shared_vins(array[private.vin_key(new.vin, new.make)], array[new.id]);
  end if;
  return null;
end
$$;
comment on function private.find_shared_vin() is
  'As find_shared_vins(), of a vehicle whose VIN came or changed; the one that it had may be suspect no longer.';
revoke execute on function private.find_shared_vin() from public;

create trigger find_shared_vin_of_changed
  after update of vin, make on public.vehicles
  for each row
  when (private.vin_key(new.vin, new.make) is distinct from private.vin_key(old.vin, old.make))
  execute function private.find_shared_vin();

create function private.find_unshared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  insert into private.vins_to_check (vin_key)
  select distinct s.vin_key
  from deleted d
  join public.suspect_vins s on s.vin_key = private.vin_key(d.vin, d.make);
  return null;
end
$$;
comment on function private.find_unshared_vins() is 'A VIN whose vehicles were deleted may be suspect no longer.';
revoke execute on function private.find_unshared_vins() from public;

create trigger find_unshared_vins
  after delete on public.vehicles
  referencing old table as deleted
  for each statement execute function private.find_unshared_vins();

create view public.shared_vins with (security_invoker = true) as
select
  s.vin,
  s.make,
  case s.status when 'suspect' then 'suspect_vin' else 'genuine' end as what,
  m.vehicles,
  m.sources,
  s.created_at as since,
  s.note
from public.suspect_vins s
cross join lateral (
  select count(*) as vehicles, count(distinct v.source_host) as sources
  from public.vehicles v
  where private.vin_key(v.vin, v.make) = s.vin_key and v.vin is not null
) m
union all
select c.vin, null, 'merge_candidates', m.vehicles, m.sources, c.since, null
from (
  select vin, min(created_at) as since from public.vehicle_merge_candidates where status = 'open' group by vin
) c
cross join lateral (
  select count(*) as vehicles, count(distinct v.source_host) as sources
  from public.vehicles v
  where v.vin = c.vin
) m
order by vehicles desc, vin;
comment on view public.shared_vins is
  'One row a VIN that several vehicles have: merge_candidates wait for a person (vehicle_merge_candidates), a suspect_vin is a placeholder and earns nothing, genuine is what a person called one of those.';
grant select on public.shared_vins to authenticated, service_role;
