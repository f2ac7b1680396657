-- Bring a Trailer listings that are to be read: new ones, and those of which something is wrong or missing.

-- Cool-down --------------------------------------------------------------------------------------

create function private.cool_down_bat_row() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_needs boolean := exists (
    select
    from public.vehicles v
    where v.id = new.vehicle_id
      and private.bat_backfill_rank(
        v.vin, v.mileage, v.color, v.transmission, v.drivetrain, v.sale_status, v.sale_price, v.high_bid,
        v.field_state, v.origin_metadata) is not null
  );
  -- The auction has ended, and its page does not say so yet.
  v_lags boolean := exists (
    select
    from public.vehicles v
    join public.auction_events e on e.vehicle_id = v.id
    where v.id = new.vehicle_id and v.sale_status = 'live'
    having max(e.ends_at) < now()
  );
begin
  if new.status = 'complete' then
    new.no_gain_passes := case when v_needs or v_lags then new.no_gain_passes + 1 else 0 end;
    new.requeue_at := case
      when v_lags then coalesce(
        now() + (array['1 hour', '6 hours', '1 day', '7 days', '30 days']::interval[])[new.no_gain_passes], 'infinity')
      when not v_needs then now()
      else coalesce(
        now() + (array['1 day', '7 days', '30 days', '90 days']::interval[])[new.no_gain_passes], 'infinity')
    end;
  else
    new.no_gain_passes := new.no_gain_passes + 1;
    new.requeue_at := case
      when private.can_heal(new.outcome_code)
        then now() + (array['6 hours', '1 day', '7 days', '30 days']::interval[])[least(new.no_gain_passes, 4)]
      else 'infinity'
    end;
  end if;
  return new;
end
$$;
comment on function private.cool_down_bat_row() is
  'A vehicle that was read and still lacks something is left alone for a day, a week, a month, three, then for good; one that could not be read for six hours, a day, a week, a month; one whose page lags behind the end of its auction for an hour first. A person''s insert does not wait.';
grant execute on function private.cool_down_bat_row() to service_role;

create trigger cool_down
  before insert or update of status on public.bat_extraction_queue
  for each row when (new.status in ('complete', 'failed'))
  execute function private.cool_down_bat_row();

-- New listings -----------------------------------------------------------------------------------

create function private.queue_new_bat_listings() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  -- An import has read the page already: import_listings() writes the row that says so.
  if coalesce(current_setting('vehicles.importing', true), '') <> 'on' then
    insert into public.bat_extraction_queue (vehicle_id, bat_url, priority, reason)
    select id, bat_auction_url, 100, 'new'
    from added
    where listing_url = bat_auction_url
    order by id
    on conflict (vehicle_id) do nothing;
  end if;
  return null;
end
$$;
comment on function private.queue_new_bat_listings() is
  'A vehicle that comes with a Bring a Trailer listing is read as soon as a worker is free.';
grant execute on function private.queue_new_bat_listings() to service_role;

create trigger queue_new_bat_listings
  after insert on public.vehicles
  referencing new table as added
  for each statement execute function private.queue_new_bat_listings();

create function private.queue_moved_bat_listing() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if coalesce(current_setting('vehicles.importing', true), '') = 'on' then
    return null;
  elsif new.listing_url is distinct from new.bat_auction_url then
    delete from public.bat_extraction_queue where vehicle_id = new.id and new.bat_auction_url is null;
    return null;
  end if;
  -- Also the row of a worker: it loses its lease, since what it reads is the listing that the vehicle has left.
  insert into public.bat_extraction_queue (vehicle_id, bat_url, priority, reason)
  values (new.id, new.bat_auction_url, 100, 'new')
  on conflict (vehicle_id) do update
  set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new';
  return null;
end
$$;
comment on function private.queue_moved_bat_listing() is
  'A vehicle that comes to stand on another Bring a Trailer listing is read anew; one that leaves the site is not read there any more.';
grant execute on function private.queue_moved_bat_listing() to service_role;

create trigger queue_moved_bat_listing
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when (
    public.canonical_listing_url(old.listing_url) is distinct from public.canonical_listing_url(new.listing_url)
    and (old.listing_url = old.bat_auction_url or new.listing_url = new.bat_auction_url)
  )
  execute function private.queue_moved_bat_listing();
