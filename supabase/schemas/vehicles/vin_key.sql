create function private.is_vin(p_vin text) returns boolean
language sql immutable parallel safe
return p_vin ~ '^[A-HJ-NPR-Z0-9]{17}$';
comment on function private.is_vin(text) is
  'Seventeen characters of the VIN alphabet (ISO 3779: no I, O, Q).';
grant execute on function private.is_vin(text) to authenticated, service_role;

create function private.vin_key(p_vin text, p_make text) returns text
language sql immutable parallel safe
return case when private.is_vin(p_vin) then p_vin else p_vin || ' ' || lower(p_make) end;
comment on function private.vin_key(text, text) is
  'What vehicles of one VIN have in common. Chassis numbers from before the 17 characters were counted by each maker for itself: they come with the make, and without one there is no key.';
grant execute on function private.vin_key(text, text) to authenticated, service_role;
