-- A listing that was read becomes a vehicle, or another listing of one that is here.

create function private.vehicle_of_listing(p_url text) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
set enable_bitmapscan = off
as $$
declare
  v_url text := public.canonical_listing_url(p_url);
begin
  return coalesce(
    (select vehicle_id from public.vehicle_listings where canonical_url = v_url),
    (select id from public.vehicles where canonical_url = v_url),
    (select vehicle_id from public.auction_events where source_url = v_url),
    (select vehicle_id from public.import_queue where canonical_url = v_url),
    (select vehicle_id from public.remembered_addresses where canonical_url = v_url));
end
$$;
comment on function private.vehicle_of_listing(text) is 'The vehicle that stands, or once stood, on this listing.';
grant execute on function private.vehicle_of_listing(text) to authenticated, service_role;

create function public.import_listings(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'import_listings takes a JSON array of items' using errcode = '22023';
  end if;
  p_items := private.with_capped_confidence(private.with_calibrated_confidence(p_items));
  -- One importer at a time of a listing and of a VIN. Waited for in one order, before any row is locked.
  perform pg_advisory_xact_lock(k.key)
  from (
    select distinct hashtextextended(w.what, 5) as key
    from jsonb_array_elements(p_items) i
    cross join lateral (
      values
        ('listing ' || public.canonical_listing_url(i ->> 'source_url')),
        ('vin ' || (
          select vin
          from (select i -> 'facts' -> 'vin' ->> 'value' as vin) v
          where private.is_vin(vin) and not private.is_suspect_vin(vin, null) -- which joins no listings
        ))
    ) w(what)
    where w.what is not null
    order by 1
  ) k;
  p_items := (
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.vehicle_with_vin_of(i))) order by n), '[]')
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  );
  return private.write_each(p_items, true, private.lock_with_retry(p_items));
end
$$;
comment on function public.import_listings(jsonb) is
  'Makes vehicles of readings: as apply_extractions(), with source_url instead of vehicle_id. A listing that is here already, under any spelling, is applied to its vehicle; one of a car that is here by another listing, as its VIN proves, joins it. Gives one result an item, with vehicle_id, created, joined and relisting (joined, by an auction).';
grant execute on function public.import_listings(jsonb) to service_role;

create function public.preview_imports(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_results jsonb;
begin
  v_results := public.import_listings(p_items);
  raise exception using errcode = 'PT000', message = 'preview'; -- takes back all that was written
exception when sqlstate 'PT000' then
  return v_results;
end
$$;
comment on function public.preview_imports(jsonb) is 'What import_listings() would answer. Changes nothing.';
grant execute on function public.preview_imports(jsonb) to service_role;
