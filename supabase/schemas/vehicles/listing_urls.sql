create function private.sync_listing_urls() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_url text;
  v_host text;
begin
  if tg_op = 'INSERT' then
    v_url := coalesce(
      nullif(btrim(new.discovery_url), ''), nullif(btrim(new.listing_url), ''), new.bat_auction_url);
  elsif new.discovery_url is distinct from old.discovery_url then
    v_url := new.discovery_url;
  elsif new.listing_url is distinct from old.listing_url then
    v_url := new.listing_url;
  elsif new.discovery_url is null or (
    new.bat_auction_url is distinct from old.bat_auction_url
    and old.bat_auction_url = old.discovery_url
    and new.bat_auction_url <> ''
  ) then
    v_url := new.bat_auction_url;
  else
    v_url := new.discovery_url;
  end if;

  new.discovery_url := nullif(btrim(v_url), '');
  new.listing_url := new.discovery_url;
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
