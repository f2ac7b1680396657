create function private.vin_check_digit(p_vin text) returns text
language sql immutable parallel safe
return (
  select case w.rest when 10 then 'X' else w.rest::text end
  from (
    -- What each letter counts; I, O and Q are no letters of a VIN.
    select sum(
      translate(c.sign, 'ABCDEFGHJKLMNPRSTUVWXYZ', '12345678123457923456789')::integer
        * (array[8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])[c.place]) % 11 as rest
    from string_to_table(p_vin, null) with ordinality c(sign, place)
  ) w
);
comment on function private.vin_check_digit(text) is
  'The ninth character that a VIN must have by its others (49 CFR 565.15).';
grant execute on function private.vin_check_digit(text) to authenticated, service_role;

create function private.has_check_digit(p_vin text) returns boolean
language sql immutable parallel safe
return case when private.is_vin(p_vin) then substr(p_vin, 9, 1) = private.vin_check_digit(p_vin) else false end;
comment on function private.has_check_digit(text) is
  'Whether a VIN passes its check digit, so that one typed wrong is found out. Makers outside North America need not write one.';
grant execute on function private.has_check_digit(text) to authenticated, service_role;
