-- The facts of one reading, merged into the vehicle that is held.

create function private.kept_rejections(p_state jsonb) returns jsonb
language sql immutable parallel safe
return case when p_state ? 'rejected' then jsonb_build_object('rejected', p_state -> 'rejected') else '{}' end;
comment on function private.kept_rejections(jsonb) is
  'What of a field''s state outlives its value: the values that a person took away.';
grant execute on function private.kept_rejections(jsonb) to service_role;

create function private.sale_columns() returns text[]
language sql immutable parallel safe
return array['sale_price', 'high_bid', 'asking_price', 'sale_status', 'sale_date', 'currency'];
comment on function private.sale_columns() is 'The facts that belong to one offer of a vehicle, not to the vehicle.';
grant execute on function private.sale_columns() to service_role;

create function private.vehicle_mismatch(v public.vehicles, p_facts jsonb) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if private.is_vin(v.vin)
    and private.is_vin(p_facts -> 'vin' ->> 'value')
    and p_facts -> 'vin' ->> 'value' <> upper(v.vin)
    and (
      (p_facts ? 'year' and v.year <> (p_facts -> 'year' ->> 'value')::integer)
      or (p_facts ? 'make' and lower(v.make) <> lower(p_facts -> 'make' ->> 'value'))
    )
  then
    return format(
      'another vehicle stands at this URL: VIN %s is held, the page says %s %s %s, VIN %s',
      v.vin, p_facts -> 'year' ->> 'value', p_facts -> 'make' ->> 'value',
      p_facts -> 'model' ->> 'value', p_facts -> 'vin' ->> 'value');
  end if;
  return null;
end
$$;
comment on function private.vehicle_mismatch(public.vehicles, jsonb) is
  'Says so when these facts are not this vehicle''s: its listing now offers another car. Else null.';
grant execute on function private.vehicle_mismatch(public.vehicles, jsonb) to service_role;
