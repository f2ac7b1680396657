create function private.sync_addresses(p_vehicle_id uuid, p_without bigint[] default '{}') returns void
language plpgsql
set search_path = ''
as $$
begin
  perform set_config('vehicles.addresses', 'of its listings', true);
  update public.vehicles v
  set discovery_url = a.first_found,
      listing_url = a.newest,
      bat_auction_url = a.newest_bat
  from (
    select
      (array_agg(l.listing_url order by l.first_seen_at, l.id))[1] as first_found,
      -- One that stands before one that is gone; of those the last that went, whose end is on the vehicle.
      (array_agg(l.listing_url order by
        l.status = 'removed', case l.status when 'removed' then l.ended_at end desc, l.listed_at desc, l.id desc))[1] as newest,
      (array_agg(l.listing_url order by l.listed_at desc, l.id desc)
        filter (where l.source_host = 'bringatrailer.com'))[1] as newest_bat
    from public.vehicle_listings l
    where l.vehicle_id = p_vehicle_id and l.id <> all (p_without)
  ) a
  where v.id = p_vehicle_id
    and a.first_found is not null
    and (v.discovery_url, v.listing_url, v.bat_auction_url)
      is distinct from (a.first_found, a.newest, a.newest_bat);
  perform set_config('vehicles.addresses', '', true);
end
$$;
comment on function private.sync_addresses(uuid, bigint[]) is
  'Writes on a vehicle what follows from its listings, but for p_without which are about to leave it: discovery_url is where it was found first, listing_url its newest listing, bat_auction_url its newest on Bring a Trailer.';
grant execute on function private.sync_addresses(uuid, bigint[]) to service_role;
