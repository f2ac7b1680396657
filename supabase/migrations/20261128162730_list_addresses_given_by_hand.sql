-- List addresses given by hand.

-- A function may name what comes below it.
set check_function_bodies = off;

create function private.add_address_given_by_hand() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  l public.vehicle_listings;
begin
  -- Nothing is known of it: what the vehicle holds is what its other listings said.
  insert into public.vehicle_listings (vehicle_id, listing_url, kind, listed_at)
  select distinct on (public.canonical_listing_url(u.url))
    new.id, u.url, private.listing_kind(private.url_host(u.url), false), u.listed_at
  from (
    values
      (old.listing_url, new.listing_url, now()),
      (old.discovery_url, new.discovery_url, now()),
      (old.bat_auction_url, new.bat_auction_url, new.created_at)
  ) u(was, url, listed_at)
  where public.canonical_listing_url(u.url) is distinct from public.canonical_listing_url(u.was)
    and public.canonical_listing_url(u.url) is not null
  order by public.canonical_listing_url(u.url), u.listed_at desc
  on conflict (canonical_url) do nothing;
  select a.* into l
  from (values (new.listing_url), (new.discovery_url), (new.bat_auction_url)) u(url)
  join public.vehicle_listings a on a.canonical_url = public.canonical_listing_url(u.url)
  where a.vehicle_id <> new.id
  limit 1;
  if found then
    raise exception 'the listing % is vehicle %', l.canonical_url, l.vehicle_id using
      errcode = '23505',
      hint = format('Look at that vehicle: select * from vehicle_listings where vehicle_id = %L;', l.vehicle_id);
  end if;
  return null;
end
$$;
comment on function private.add_address_given_by_hand() is
  'An address that a person gives a vehicle is a listing of it, of which nothing is known before it is read; one that is another vehicle''s is refused.';
revoke execute on function private.add_address_given_by_hand() from public;

create trigger add_address_given_by_hand
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when (
    coalesce(current_setting('vehicles.addresses', true), '') <> 'of its listings'
    and (
      old.discovery_url is distinct from new.discovery_url
      or old.listing_url is distinct from new.listing_url
      or old.bat_auction_url is distinct from new.bat_auction_url
    )
  )
  execute function private.add_address_given_by_hand();
