-- Compare nothing of two cars.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.bring_back_vehicle(m public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
declare
  o public.vehicles := jsonb_populate_record(null::public.vehicles, m.merged_vehicle);
begin
  perform set_config('vehicles.addresses', 'of its listings', true); -- which come to it below
  insert into public.vehicles (
    id, year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description,
    description_source, discovery_url, listing_url, bat_auction_url, origin_metadata, field_state, listing_ended_at,
    created_at)
  values (
    o.id, o.year, o.make, o.model, o.trim, o.vin, o.mileage, o.color, o.interior_color, o.engine, o.transmission,
    o.drivetrain, o.body_style, o.sale_price, o.high_bid, o.asking_price, o.currency, o.sale_status, o.sale_date,
    o.seller_name, o.location, o.description, o.description_source, o.discovery_url, o.listing_url,
    o.bat_auction_url, o.origin_metadata, o.field_state, o.listing_ended_at, o.created_at);
  update public.vehicle_listings set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and id = any (private.listings_brought(m));
  perform set_config('vehicles.addresses', '', true);
  perform private.add_listings(array[o.id]);

  -- Under their ids, by which a merge into this vehicle knows them.
  insert into public.extraction_metadata (
    id, vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at, reviewed_at, reviewed_by,
    review_note)
  overriding system value
  select t.id, t.vehicle_id, t.field_name, t.field_value, t.previous_value, t.extraction_method, t.scraper_version,
    t.confidence_score, t.validation_status, t.evidence, t.source_url, t.snapshot_id, t.extracted_at,
    t.last_confirmed_at, t.reviewed_at, t.reviewed_by, t.review_note
  from jsonb_populate_recordset(null::public.extraction_metadata, m.before -> 'metadata') t
  on conflict do nothing;

  update public.auction_events set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and (m.before -> 'auctions' ? id::text or source_url = o.canonical_url);
  update public.scrape_steps set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and m.before -> 'steps' ? id::text;
  update public.import_queue set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and (m.before -> 'imports' ? id::text or canonical_url = o.canonical_url);
  insert into public.remembered_addresses as held
  select r.* from jsonb_populate_recordset(null::public.remembered_addresses, m.before -> 'addresses') r
  on conflict (canonical_url) do update
  set vehicle_id = excluded.vehicle_id, former_vehicle_id = excluded.former_vehicle_id;
  insert into public.vehicle_merge_candidates as held
  select c.*
  from jsonb_populate_recordset(null::public.vehicle_merge_candidates, m.before -> 'pairs') c
  where exists (
    select from public.vehicles v where v.id in (c.vehicle_id, c.other_vehicle_id) and v.id <> o.id)
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
  -- What was compared may have been two cars.
  delete from public.source_comparisons where vehicle_id = m.kept_vehicle_id;
end
$$;
