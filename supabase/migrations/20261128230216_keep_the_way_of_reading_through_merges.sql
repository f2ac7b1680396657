-- Keep the way of reading through merges.

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

create or replace function private.give_back_provenance(p_keep uuid, p_before jsonb, p_later public.vehicle_merges[], p_fields text[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- What was read since from a listing that leaves is read anew for the vehicle that it goes to.
  delete from public.extraction_metadata m
  using public.vehicle_listings l
  where m.vehicle_id = p_keep
    and not p_before -> 'kept_metadata' ? m.id::text
    and l.vehicle_id = p_keep
    and p_before -> 'listings' @> to_jsonb(l.id)
    and public.canonical_listing_url(m.source_url) = l.canonical_url
    and m.extracted_at > l.first_seen_at
    and not exists (
      select from private.provenance_brought(p_keep, p_before) b where b.id = m.id);
  -- A row that a later merge brought, too, is that one's from now on.
  with brought as materialized (
    select b.* from private.provenance_brought(p_keep, p_before) b
  ),
  shared as materialized (
    select distinct on (b.id) b.id as held_id, t.*
    from unnest(p_later) l
    cross join lateral jsonb_populate_recordset(null::public.extraction_metadata, l.before -> 'metadata') t
    join brought b
      on b.field_name = t.field_name
      and b.value_hash = t.value_hash
      and b.extraction_method = t.extraction_method
      and b.scraper_version is not distinct from t.scraper_version
    order by b.id, l.number
  ),
  passed_on as (
    update public.extraction_metadata m
    set field_value = s.field_value, previous_value = s.previous_value, confidence_score = s.confidence_score,
        evidence = s.evidence, source_url = s.source_url, snapshot_id = s.snapshot_id,
        extracted_at = s.extracted_at, last_confirmed_at = s.last_confirmed_at, reading_way = s.reading_way,
        declared_confidence = s.declared_confidence, calibration_version = s.calibration_version
    from shared s
    where m.id = s.held_id
  )
  delete from public.extraction_metadata m
  using brought b
  where m.id = b.id and not exists (select from shared s where s.held_id = b.id);

  update public.extraction_metadata m
  set validation_status = h.value
  from jsonb_each_text(p_before -> 'kept_metadata') h
  where m.id = h.key::bigint
    and m.vehicle_id = p_keep
    and m.field_name = any (p_fields)
    and m.validation_status in ('superseded', 'accepted', 'retracted')
    and m.validation_status <> h.value;
end
$$;

create or replace function private.note_provenance(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb, p_values jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.url_host(p_item ->> 'source_url');
  v_version text := p_item ->> 'scraper_version';
  v_is_offer boolean := coalesce((p_item ->> 'is_offer')::boolean, false);
begin
  -- What is no longer held or no longer disputed, what is confirmed, then what was read.
  if p_values <> '{}' then
    update public.extraction_metadata m
    set validation_status = case when p_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    where m.vehicle_id = p_vehicle_id
      and m.validation_status = 'accepted'
      and p_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from jsonb_to_recordset(p_decisions) as d(field text, new text, decision text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = v_source
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end),
      reading_way = coalesce(m.reading_way, case when private.url_host(m.source_url) = v_source then d.way end)
  from jsonb_to_recordset(p_decisions)
    as d(field text, confidence numeric, decision text, is_stronger boolean, way text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id,
    reading_way, declared_confidence, calibration_version
  )
  select
    p_vehicle_id, d.field, d.new, d.held, d.method, v_version, d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, p_item ->> 'source_url', (p_item ->> 'snapshot_id')::uuid, d.way, d.declared, d.calibration
  from jsonb_to_recordset(p_decisions) as d(
    field text, new text, held text, method text, confidence numeric, evidence text, decision text,
    way text, declared numeric, calibration integer)
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = p_vehicle_id and m.field_name = d.field and m.validation_status = 'accepted'))
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set last_confirmed_at = now(),
      -- What a person found wrong stays so, however often it is read.
      validation_status = case
        when held.validation_status = 'rejected' and excluded.validation_status = 'conflict' then 'rejected'
        else excluded.validation_status
      end,
      -- The offer of a listing that is followed is no reading: the one that the value was read by stays named.
      confidence_score = case when v_is_offer then held.confidence_score else excluded.confidence_score end,
      reading_way = coalesce(excluded.reading_way, held.reading_way),
      declared_confidence = case when v_is_offer then held.declared_confidence else excluded.declared_confidence end,
      calibration_version = case when v_is_offer then held.calibration_version else excluded.calibration_version end,
      evidence = case when v_is_offer then held.evidence else excluded.evidence end,
      source_url = case when v_is_offer then held.source_url else excluded.source_url end,
      snapshot_id = case when v_is_offer then held.snapshot_id else excluded.snapshot_id end,
      -- What was read before and comes to stand now has come now.
      extracted_at = case
        when v_is_offer or held.validation_status = excluded.validation_status then held.extracted_at
        else excluded.extracted_at
      end,
      previous_value = case
        when v_is_offer or held.validation_status = excluded.validation_status then held.previous_value
        else excluded.previous_value
      end;
  perform private.compare_sources(p_vehicle_id, v_source, p_decisions);
end
$$;

create or replace function private.take_provenance(
  k public.vehicles, p_before jsonb, p_taken text[], p_fields text[]
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(k);
begin
  -- Where the fact was taken its history stands; where it was not, it is a reading that disagrees or agrees.
  update public.extraction_metadata m
  set validation_status = 'superseded'
  where m.vehicle_id = k.id
    and m.field_name = any (p_taken)
    and m.validation_status in ('accepted', 'conflict');
  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at, reading_way,
    declared_confidence, calibration_version
  )
  select
    k.id, o.field_name, o.field_value,
    case
      when o.validation_status = 'accepted' and o.field_name = any (p_taken)
        then coalesce(v_held ->> o.field_name, o.previous_value)
      else o.previous_value
    end,
    o.extraction_method, o.scraper_version, o.confidence_score,
    case
      when o.validation_status <> 'accepted' or o.field_name = any (p_taken) then o.validation_status
      when private.normal_value(o.field_name, o.field_value)
        = private.normal_value(o.field_name, v_held ->> o.field_name)
        then 'superseded'
      when o.field_name = any (private.sale_columns()) then 'superseded'
      else 'conflict'
    end,
    o.evidence, o.source_url, o.snapshot_id, o.extracted_at, o.last_confirmed_at, o.reading_way,
    o.declared_confidence, o.calibration_version
  from jsonb_populate_recordset(null::public.extraction_metadata, p_before -> 'metadata') o
  where o.field_name = any (p_fields)
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set validation_status = excluded.validation_status
  where excluded.validation_status = 'accepted'
    or (held.reviewed_at is null and not p_before -> 'kept_metadata' ? held.id::text);
end
$$;
