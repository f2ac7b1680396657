create function private.image_wave(p_position integer) returns smallint
language sql immutable parallel safe
return case -- a body that is parsed when it is created needs no search_path, and is inlined
  when p_position = 0 then 0
  when p_position < 4 then 1
  when p_position < 16 then 2
  else 3
end::smallint;
comment on function private.image_wave(integer) is
  'Which wave of downloads a place in a gallery belongs to: every vehicle gets its first 4 pictures before any gets its 16th.';

grant execute on function private.image_wave(integer) to service_role;
