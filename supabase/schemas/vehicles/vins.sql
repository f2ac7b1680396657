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
