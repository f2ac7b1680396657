-- A vehicle: what is held about it now, where it was found, and for each fact how sure that is.

create function private.is_vin(p_vin text) returns boolean
language sql immutable parallel safe
return p_vin ~ '^[A-HJ-NPR-Z0-9]{17}$';
comment on function private.is_vin(text) is
  'Seventeen characters of the VIN alphabet (ISO 3779: no I, O, Q).';
grant execute on function private.is_vin(text) to service_role;

create function private.sync_vins() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_vin text := upper(regexp_replace(new.vin, '[\s-]', '', 'g'));
begin
  if private.is_vin(v_vin) then -- a chassis number stays as it is written
    new.vin := v_vin;
  end if;
  return new;
end
$$;
revoke execute on function private.sync_vins() from public;

create trigger sync_vins
  before insert or update of vin on public.vehicles
  for each row when (new.vin is not null)
  execute function private.sync_vins();

create function private.find_shared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- Chassis numbers from before the 17 characters were counted by each maker for itself.
  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
  select distinct least(n.id, o.id), greatest(n.id, o.id), n.vin
  from changed n
  cross join lateral (
    select o.id, o.make
    from public.vehicles o
    where o.vin = n.vin and o.id <> n.id
    offset 0 -- by the index, also when the plan was made for a large import
  ) o
  where private.is_vin(n.vin) or lower(o.make) = lower(n.make)
  order by 1, 2
  on conflict (vehicle_id, other_vehicle_id) do nothing;
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
  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin)
  select least(new.id, o.id), greatest(new.id, o.id), new.vin
  from public.vehicles o
  where o.vin = new.vin
    and o.id <> new.id
    and (private.is_vin(new.vin) or lower(o.make) = lower(new.make))
  order by 1, 2
  on conflict (vehicle_id, other_vehicle_id) do nothing;
  return null;
end
$$;
revoke execute on function private.find_shared_vin() from public;

create trigger find_shared_vin_of_changed
  after update of vin, make on public.vehicles
  for each row
  when (new.vin is not null and (old.vin is distinct from new.vin or old.make is distinct from new.make))
  execute function private.find_shared_vin();
