-- What a vehicle gets from one that goes into it: nothing that is known of either is lost. Each of these can be
-- called again when an earlier merge was taken back, and then gives what that one had stood in the way of.

create function private.facts_to_take(k public.vehicles, o public.vehicles, p_order text, p_fields text[])
returns text[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(k);
  v_given jsonb := to_jsonb(o);
begin
  -- Two prices in two currencies are two offers, of which nobody knows the later: they are not mixed.
  if p_order is null and k.currency <> o.currency then
    p_order := 'unknown';
  end if;
  return array(
    select f
    from unnest(p_fields) f
    where case
      when coalesce(k.field_state -> f ->> 'method', '') like 'manual%' then false
      when p_order = 'later' and f = any (private.sale_columns()) then
        v_given -> f is distinct from v_held -> f
          -- The same sum, of another offer.
          or (v_given ->> f is not null and o.field_state -> f is distinct from k.field_state -> f)
      when v_given ->> f is null or private.is_rejected(f, k.field_state -> f, v_given ->> f) then false
      when o.field_state -> f ->> 'method' like 'manual%' then true -- a person's word against a page's
      when p_order is not null and f = any (private.sale_columns()) then false
      else private.merge_decision(
        f, v_held ->> f, k.field_state -> f, v_given ->> f,
        coalesce((o.field_state -> f ->> 'confidence')::numeric, 0.5), coalesce(o.field_state -> f ->> 'method', 'unknown'),
        o.field_state -> f ->> 'version', o.field_state -> f ->> 'source', (o.field_state -> f ->> 'page_at')::timestamptz
      ) in ('filled', 'replaced')
    end
  );
end
$$;
comment on function private.facts_to_take(public.vehicles, public.vehicles, text, text[]) is
  'Which facts of the second vehicle the first takes: those of the later offer, those that a person set there, and else what the merge table says of a reading.';
grant execute on function private.facts_to_take(public.vehicles, public.vehicles, text, text[]) to service_role;

create function private.with_facts(p_vehicle jsonb, p_from jsonb, p_fields text[]) returns jsonb
language sql immutable parallel safe
return p_vehicle
  || coalesce((select jsonb_object_agg(f, p_from -> f) from unnest(p_fields) f), '{}')
  || case
    when 'description' = any (p_fields) then jsonb_build_object('description_source', p_from -> 'description_source')
    else '{}'
  end
  || jsonb_build_object('field_state', ((p_vehicle -> 'field_state') - p_fields) || coalesce((
    select jsonb_object_agg(f, p_from -> 'field_state' -> f) from unnest(p_fields) f where p_from -> 'field_state' ? f
  ), '{}'));
comment on function private.with_facts(jsonb, jsonb, text[]) is
  'A vehicle''s row with these facts of another row, and what is known of each.';
grant execute on function private.with_facts(jsonb, jsonb, text[]) to service_role;

create function private.write_facts(p_id uuid, p_vehicle jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles := jsonb_populate_record(null::public.vehicles, p_vehicle);
begin
  perform set_config('vehicles.writer', 'apply_extractions', true); -- not a person's edit: each keeps its provenance
  update public.vehicles
  set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
      color = v.color, interior_color = v.interior_color, engine = v.engine,
      transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
      sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
      currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
      seller_name = v.seller_name, location = v.location, description = v.description,
      description_source = v.description_source, field_state = v.field_state
  where id = p_id;
  perform set_config('vehicles.writer', '', true);
end
$$;
comment on function private.write_facts(uuid, jsonb) is
  'Writes the facts of a row and their states, as the system and not as a person.';
grant execute on function private.write_facts(uuid, jsonb) to service_role;

create function private.take_provenance(
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
comment on function private.take_provenance(public.vehicles, jsonb, text[], text[]) is
  'Gives a vehicle, as it was before, the provenance of another in these fields, of which it has taken some.';
grant execute on function private.take_provenance(public.vehicles, jsonb, text[], text[]) to service_role;

create function private.take_images(p_keep uuid, p_before jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_changed jsonb;
begin
  if p_before -> 'downloads' = '[]' and p_before -> 'images' = '[]' then
    return '[]';
  end if;
  perform private.remember_image_urls(p_keep, array(
    select d.url from jsonb_to_recordset(p_before -> 'downloads') d(url text, position integer) order by d.position, d.url));

  update public.vehicle_images i
  set vehicle_id = p_keep,
      is_primary = i.is_primary
        and not exists (select from public.vehicle_images k where k.vehicle_id = p_keep and k.is_primary)
  from jsonb_to_recordset(p_before -> 'images') t(id uuid, vehicle_id uuid)
  where i.id = t.id
    and i.vehicle_id = t.vehicle_id
    and not exists (
      select from public.vehicle_images k where k.vehicle_id = p_keep and k.content_hash = i.content_hash);
  -- One that the vehicle had from another, which came back and took it along.
  insert into public.vehicle_images (
    id, vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position, is_primary,
    created_at)
  select
    t.id, p_keep, t.content_hash, t.image_url, t.storage_path, t.mime_type, t.bytes, t.width, t.height, t.position,
    t.is_primary and not exists (select from public.vehicle_images k where k.vehicle_id = p_keep and k.is_primary),
    t.created_at
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where not exists (select from public.vehicles v where v.id = t.vehicle_id)
    and not exists (
      select from public.vehicle_images k where k.vehicle_id = p_keep and k.content_hash = t.content_hash)
    and exists (
      select from public.vehicle_images i
      where i.content_hash = t.content_hash and i.storage_path = t.storage_path)
  on conflict do nothing;

  -- What is here is not downloaded again.
  with waiting as materialized (
    select d.*, t.content_hash as stored_hash, t.last_attempt_at as stored_at
    from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'downloads') t
    join public.image_downloads d on d.vehicle_id = p_keep and d.url = t.url
    where t.status = 'stored'
      and d.status = 'pending'
      and not exists (
        select from public.image_downloads s
        where s.vehicle_id = p_keep and s.status = 'stored' and s.content_hash = t.content_hash)
  ),
  done as (
    update public.image_downloads d
    set status = 'stored', content_hash = w.stored_hash, outcome = 'ok', next_attempt_at = null,
        last_attempt_at = w.stored_at, lease_token = null, lease_expires_at = null
    from waiting w
    where d.vehicle_id = p_keep and d.url = w.url
  )
  select coalesce(jsonb_agg(to_jsonb(w) - array['stored_hash', 'stored_at']), '[]')
  into v_changed
  from waiting w
  where p_before -> 'kept_urls' ? w.url;
  return v_changed;
end
$$;
comment on function private.take_images(uuid, jsonb) is
  'Gives a vehicle the images and image URLs of another. Gives the downloads of its own that this settled, as they were.';
grant execute on function private.take_images(uuid, jsonb) to service_role;
