create function private.web_address(p_text text) returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
declare
  v_text text := btrim(p_text, e' \t\r\n\u00a0');
begin
  if v_text ~ '^https?://' then
    null; -- as nearly all
  elsif v_text ~* '^(?:[^\s/?#@:.]+\.)+[a-z][a-z0-9-]+(?::\d+)?(?:[/?#]|$)' then
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

create function private.complete_address() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_field text := tg_argv[0];
  v_text text := to_jsonb(new) ->> v_field;
begin
  if private.web_address(v_text) is null then
    raise exception '% of % "%" is no address of a page (allowed: https://host/path or host/path)',
      v_field, tg_table_name, left(v_text, 200)
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, column = v_field;
  end if;
  return jsonb_populate_record(new, jsonb_build_object(v_field, private.web_address(v_text)));
end
$$;
comment on function private.complete_address() is
  'Makes the whole address of what stands in a column, as vehicles do; refuses what can be none.';
revoke execute on function private.complete_address() from public;
