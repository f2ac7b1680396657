create function private.listings_brought(m public.vehicle_merges) returns bigint[]
language sql stable
set search_path = ''
as $$
  select array(
    select l.id
    from public.vehicle_listings l
    where l.vehicle_id = m.kept_vehicle_id
      and (m.before -> 'listings' @> to_jsonb(l.id) or l.canonical_url = m.merged_vehicle ->> 'canonical_url'))
$$;
comment on function private.listings_brought(public.vehicle_merges) is 'The listings that a vehicle has from a merge.';
grant execute on function private.listings_brought(public.vehicle_merges) to service_role;

create function private.bring_back_vehicle(m public.vehicle_merges) returns void
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
    review_note, reading_way, declared_confidence, calibration_version)
  overriding system value
  select t.id, t.vehicle_id, t.field_name, t.field_value, t.previous_value, t.extraction_method, t.scraper_version,
    t.confidence_score, t.validation_status, t.evidence, t.source_url, t.snapshot_id, t.extracted_at,
    t.last_confirmed_at, t.reviewed_at, t.reviewed_by, t.review_note, t.reading_way, t.declared_confidence,
    t.calibration_version
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
comment on function private.bring_back_vehicle(public.vehicle_merges) is
  'Inserts a merged vehicle again under its id, with its provenance, auctions, steps, imports, addresses and answered pairs.';
grant execute on function private.bring_back_vehicle(public.vehicle_merges) to service_role;

create function private.give_back_addresses(k public.vehicles, m public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
begin
  delete from public.remembered_addresses where former_vehicle_id = m.merged_vehicle_id and vehicle_id = k.id;
  delete from public.remembered_addresses where canonical_url = m.merged_vehicle ->> 'canonical_url' and vehicle_id = k.id;
  perform private.sync_addresses(k.id, private.listings_brought(m));
  update public.vehicles
  set listing_ended_at = (m.before -> 'kept' ->> 'listing_ended_at')::timestamptz
  where id = k.id
    and listing_url = m.before -> 'kept' ->> 'listing_url'
    and k.listing_url is distinct from listing_url;
end
$$;
comment on function private.give_back_addresses(public.vehicles, public.vehicle_merges) is
  'Frees the listings of the vehicle that comes back; the kept one has the addresses of those that are left to it.';
grant execute on function private.give_back_addresses(public.vehicles, public.vehicle_merges) to service_role;

create function private.merge_to_take_back(p_vehicle_id uuid) returns public.vehicle_merges
language plpgsql
set search_path = ''
as $$
declare
  m public.vehicle_merges;
  v_first uuid;
begin
  select * into m
  from public.vehicle_merges
  where merged_vehicle_id = p_vehicle_id and unmerged_at is null
  order by number desc
  limit 1;
  if not found then
    raise exception 'no merge of the vehicle % is on record', p_vehicle_id
      using errcode = 'P0002', hint = 'vehicle_merges names them: merged_vehicle_id is the one that went';
  elsif m.before is null then
    raise exception 'the merge of % was made by 0.1.0, which kept too little of it', p_vehicle_id
      using errcode = '55000', hint = 'vehicle_merges.merged_vehicle holds the row: insert it again by hand';
  end if;

  -- The vehicle before its merges, as everybody does who writes.
  perform from public.vehicles where id = m.kept_vehicle_id for update;
  if found then
    select * into m from public.vehicle_merges where id = m.id and unmerged_at is null for update;
    if not found then
      raise exception 'somebody has just taken back the merge of %', p_vehicle_id using errcode = '55006';
    end if;
    return m;
  end if;
  with recursive went as (
    select m.kept_vehicle_id as id, 1 as depth
    union all
    select n.kept_vehicle_id, w.depth + 1
    from went w
    join public.vehicle_merges n on n.merged_vehicle_id = w.id and n.unmerged_at is null
  )
  select n.merged_vehicle_id into v_first
  from went w
  join public.vehicle_merges n on n.merged_vehicle_id = w.id and n.unmerged_at is null
  order by w.depth desc
  limit 1;
  if v_first is null then
    raise exception 'the vehicle that % went into is gone', p_vehicle_id using errcode = '55000';
  end if;
  raise exception 'the vehicle that % went into, %, has gone into another since', p_vehicle_id, m.kept_vehicle_id
    using errcode = '55000', hint = format('Take that back first: select unmerge_vehicle(%L);', v_first);
end
$$;
comment on function private.merge_to_take_back(uuid) is
  'The merge in which this vehicle went, its row and that of the kept vehicle locked; else throws what to do first.';
grant execute on function private.merge_to_take_back(uuid) to service_role;

create function public.unmerge_vehicle(p_vehicle_id uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
as $$
declare
  m public.vehicle_merges := private.merge_to_take_back(p_vehicle_id);
  l public.vehicle_merges;
  v_later public.vehicle_merges[];
  k public.vehicles;
  v_fields text[];
  v_urls jsonb := private.urls_brought(m.before); -- all; v_own_urls: that no later merge brought, too
  v_own_urls jsonb := v_urls;
  v_rows text[];
  v_taken text[] := m.fields_taken;
begin
  select * into k from public.vehicles where id = m.kept_vehicle_id;
  if private.is_leased(k.id) then
    raise exception 'a worker holds vehicle % under lease: try again in a minute', k.id using errcode = '55006';
  end if;
  v_later := array(
    select n
    from public.vehicle_merges n
    where n.kept_vehicle_id = k.id and n.number > m.number and n.unmerged_at is null and n.before is not null
    order by n.number);
  foreach l in array v_later loop
    v_own_urls := v_own_urls - array(select d ->> 'url' from jsonb_array_elements(l.before -> 'downloads') d);
  end loop;
  v_rows := array(select id::text from private.provenance_brought(k.id, m.before));

  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.rescore', 'by the writer', true);
  v_fields := private.give_back_facts(k, m, v_later, v_own_urls);
  perform private.give_back_provenance(k.id, m.before, v_later, v_fields);
  perform private.give_back_addresses(k, m);
  perform private.bring_back_vehicle(m);
  perform private.give_back_images(k.id, p_vehicle_id, m.before, v_own_urls);
  foreach l in array v_later loop
    l := private.merge_without(l, m, v_taken, v_urls, v_rows);
    perform private.merge_again(k.id, l, v_fields);
    v_taken := array(select f from unnest(v_taken) f where f <> all (l.fields_taken));
    v_urls := v_urls - array(select d ->> 'url' from jsonb_array_elements(l.before -> 'downloads') d);
    v_rows := array(
      select r from unnest(v_rows) r
      where r not in (select b.id::text from private.provenance_brought(k.id, l.before) b));
  end loop;
  -- What its own page said since.
  perform private.follow_listing(v.id, private.current_listing(array[v.id]), true)
  from public.vehicles v
  where v.id = k.id and private.listing_that_is_followed(v) is not null;
  perform set_config('vehicles.importing', '', true);
  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.vehicles_changed(array[k.id, p_vehicle_id]);
  perform set_config('vehicles.rescore', '', true);

  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin, status, note, resolved_at)
  values (
    least(k.id, p_vehicle_id), greatest(k.id, p_vehicle_id), coalesce(m.merged_vehicle ->> 'vin', k.vin, ''),
    'different_vehicles', p_note, now())
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
  update public.vehicle_merges set unmerged_at = now() where id = m.id;
  return jsonb_build_object('kept', k.id, 'unmerged', p_vehicle_id);
end
$$;
comment on function public.unmerge_vehicle(uuid, text) is
  'Takes a merge back, in any order: the vehicle that went comes back as it was, under its id, with its auctions, images, provenance and what had gone into it; the kept one loses what it took, but for what was changed or taken from another since. The pair counts as different_vehicles. Gives {kept, unmerged}.';
grant execute on function public.unmerge_vehicle(uuid, text) to service_role;
