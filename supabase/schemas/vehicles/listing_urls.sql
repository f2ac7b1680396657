create function private.is_blank(p_text text) returns boolean
language sql immutable parallel safe
return coalesce(btrim(p_text, e' \t\r\n\u00a0') = '', true);
comment on function private.is_blank(text) is 'Whether a person left a field empty.';

create function private.address_of_a_listing(p_field text, p_text text) returns text
language plpgsql immutable parallel safe
set search_path = ''
as $$
begin
  if private.is_blank(p_text) then
    return null;
  end if;
  if private.web_address(p_text) is null then
    raise exception '% "%" is no address of a page (allowed: https://host/path, host/path, or null)', p_field, left(p_text, 200)
      using errcode = '23514', schema = 'public', table = 'vehicles', column = p_field;
  end if;
  return private.web_address(p_text);
end
$$;
comment on function private.address_of_a_listing(text, text) is
  'What a URL column of vehicles holds: the whole address, or null for a blank. Throws for what can be no address, naming the column.';
grant execute on function private.is_blank(text), private.address_of_a_listing(text, text) to authenticated, service_role;

create function private.sync_listing_urls() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_field text;
  v_url text;
  v_host text;
begin
  if tg_op = 'INSERT' and current_setting('vehicles.addresses', true) = 'of its listings' then
    return new; -- one that comes back with all of them
  elsif tg_op = 'UPDATE' and (
    current_setting('vehicles.addresses', true) = 'of its listings'
    or new.discovery_url is not null and old.discovery_url is distinct from old.listing_url
  ) then
    -- Its listings say them, or a person changes one of several.
    new.discovery_url := private.address_of_a_listing('discovery_url', new.discovery_url);
    new.listing_url := coalesce(private.address_of_a_listing('listing_url', new.listing_url), new.discovery_url);
    new.bat_auction_url := private.address_of_a_listing('bat_auction_url', new.bat_auction_url);
    if public.canonical_listing_url(new.listing_url) is distinct from public.canonical_listing_url(old.listing_url) then
      new.listing_ended_at := null; -- that was the other listing
    end if;
    return new;
  end if;
  if tg_op = 'INSERT' then
    v_field := case
      when private.is_blank(new.discovery_url) and private.is_blank(new.listing_url) then 'bat_auction_url'
      when private.is_blank(new.discovery_url) then 'listing_url'
      else 'discovery_url'
    end;
  elsif new.discovery_url is distinct from old.discovery_url then
    v_field := 'discovery_url';
  elsif new.listing_url is distinct from old.listing_url then
    v_field := 'listing_url';
  elsif new.discovery_url is null or (
    new.bat_auction_url is distinct from old.bat_auction_url
    and old.bat_auction_url = old.discovery_url
    and new.bat_auction_url <> ''
  ) then
    v_field := 'bat_auction_url';
  else
    v_field := 'discovery_url';
  end if;

  v_url := to_jsonb(new) ->> v_field;
  -- What was stored before addresses were looked at stays until somebody changes it.
  if tg_op = 'INSERT' or v_url is distinct from old.discovery_url then
    v_url := private.address_of_a_listing(v_field, v_url);
  end if;
  if tg_op = 'INSERT' or new.bat_auction_url is distinct from old.bat_auction_url then
    new.bat_auction_url := private.address_of_a_listing('bat_auction_url', new.bat_auction_url);
  end if;
  new.discovery_url := v_url;
  new.listing_url := v_url;
  v_host := private.url_host(new.discovery_url);
  if v_host = 'bringatrailer.com' then
    new.bat_auction_url := new.discovery_url;
  elsif tg_op = 'UPDATE' and new.bat_auction_url is not distinct from old.discovery_url then
    new.bat_auction_url := null;
  end if;
  if v_host <> '' and not new.origin_metadata ? 'source' then
    new.origin_metadata := new.origin_metadata || jsonb_build_object('source', v_host);
  end if;
  if tg_op = 'UPDATE'
    and public.canonical_listing_url(new.discovery_url) is distinct from old.canonical_url
  then
    new.listing_ended_at := null; -- that was the other listing
  end if;
  return new;
end
$$;
revoke execute on function private.sync_listing_urls() from public;

create trigger sync_listing_urls
  before insert or update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row execute function private.sync_listing_urls();
