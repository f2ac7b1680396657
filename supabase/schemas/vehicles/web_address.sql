create function private.web_address(p_text text) returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_text text := btrim(p_text, e' \t\r\n\u00a0');
begin
  if v_text ~* '^(?:[^\s/?#@:.]+\.)+[a-z][a-z0-9-]+(?::\d+)?(?:[/?#]|$)' then
    v_text := 'https://' || v_text;
  elsif v_text ~ '^//' then
    v_text := 'https:' || v_text;
  end if;
  return case when public.canonical_listing_url(v_text) is not null then v_text end;
end
$$;
comment on function private.web_address(text) is
  'The address that a person means: without the blanks around it, and with https:// where it begins with the host. Null for what can be none.';
grant execute on function private.web_address(text) to authenticated, service_role;
