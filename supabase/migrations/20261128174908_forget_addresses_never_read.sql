-- Forget addresses never read.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.add_address_given_by_hand() returns trigger
language plpgsql
set search_path = ''
as $$
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
  perform private.refuse_listing_of_another(array[new.id]);
  delete from public.vehicle_listings l
  where l.vehicle_id = new.id
    and l.canonical_url in (
      public.canonical_listing_url(old.listing_url), public.canonical_listing_url(old.discovery_url),
      public.canonical_listing_url(old.bat_auction_url))
    and l.canonical_url not in (
      select public.canonical_listing_url(u.url)
      from (values (new.listing_url), (new.discovery_url), (new.bat_auction_url)) u(url)
      where public.canonical_listing_url(u.url) is not null)
    and l.page_at is null
    and l.status = 'unknown'
    and not exists (select from public.auction_events e where e.source_url = l.canonical_url);
  return null;
end
$$;

create or replace function private.listing_that_is_followed(v public.vehicles) returns bigint
language sql immutable parallel safe
return coalesce(
  v.field_state -> 'sale_status' ->> 'listing',
  v.field_state -> 'asking_price' ->> 'listing',
  v.field_state -> 'high_bid' ->> 'listing',
  v.field_state -> 'sale_price' ->> 'listing',
  v.field_state -> 'currency' ->> 'listing',
  v.field_state -> 'sale_date' ->> 'listing')::bigint;

comment on function private.add_address_given_by_hand() is 'An address that a person gives a vehicle is a listing of it, of which nothing is known before it is read; one that is another vehicle''s is refused. What it replaces was a slip of the hand if nothing was ever read there: that listing goes.';
