-- A merge is taken back with what vehicle_merges kept of it: "before" holds both vehicles as they were.

create function private.before_merge(p_keep uuid, p_other uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'kept', (select to_jsonb(v) from public.vehicles v where v.id = p_keep),
    'kept_urls', (select coalesce(jsonb_agg(d.url), '[]') from public.image_downloads d where d.vehicle_id = p_keep),
    'kept_metadata', (
      select coalesce(jsonb_object_agg(m.id, m.validation_status), '{}')
      from public.extraction_metadata m where m.vehicle_id = p_keep),
    'metadata', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.extraction_metadata m where m.vehicle_id = p_other),
    'auctions', (select coalesce(jsonb_agg(e.id), '[]') from public.auction_events e where e.vehicle_id = p_other),
    'steps', (select coalesce(jsonb_agg(s.id), '[]') from public.scrape_steps s where s.vehicle_id = p_other),
    'imports', (select coalesce(jsonb_agg(q.id), '[]') from public.import_queue q where q.vehicle_id = p_other),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = p_other),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = p_other)
  )
$$;
comment on function private.before_merge(uuid, uuid) is 'What a merge changes, as it is before.';
grant execute on function private.before_merge(uuid, uuid) to service_role;

create function private.give_back_facts(k public.vehicles, o public.vehicles, p_merge public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles := jsonb_populate_record(null::public.vehicles, p_merge.before -> 'kept');
  v_fields text[];
  v_other_urls text[] := array(
    select d ->> 'url' from jsonb_array_elements(p_merge.before -> 'downloads') d
    where not p_merge.before -> 'kept_urls' ? (d ->> 'url'));
begin
  -- What was changed since stays.
  v_fields := array(
    select f from unnest(p_merge.fields_taken) f where to_jsonb(k) -> f is not distinct from to_jsonb(o) -> f);
  v := jsonb_populate_record(k, (select coalesce(jsonb_object_agg(f, to_jsonb(v) -> f), '{}') from unnest(v_fields) f));
  update public.vehicles
  set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
      color = v.color, interior_color = v.interior_color, engine = v.engine,
      transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
      sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
      currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
      seller_name = v.seller_name, location = v.location, description = v.description,
      description_source = case
        when 'description' = any (v_fields) then p_merge.before -> 'kept' ->> 'description_source' else description_source
      end,
      field_state = (field_state - v_fields) || (
        select coalesce(jsonb_object_agg(f, p_merge.before -> 'kept' -> 'field_state' -> f), '{}')
        from unnest(v_fields) f
        where p_merge.before -> 'kept' -> 'field_state' ? f),
      origin_metadata = origin_metadata || case
        when origin_metadata ? 'image_urls' and v_other_urls <> '{}' then (
          select jsonb_build_object('image_urls', coalesce(jsonb_agg(u), '[]'), 'image_count', count(*))
          from jsonb_array_elements(private.image_url_list(origin_metadata -> 'image_urls')) u
          where u #>> '{}' <> all (v_other_urls))
        else '{}'
      end,
      discovery_url = case
        when canonical_url = o.canonical_url then p_merge.before -> 'kept' ->> 'discovery_url' else discovery_url
      end
  where id = k.id;

  delete from public.extraction_metadata m
  using jsonb_populate_recordset(null::public.extraction_metadata, p_merge.before -> 'metadata') t
  where m.vehicle_id = k.id
    and not p_merge.before -> 'kept_metadata' ? m.id::text
    and (m.field_name, m.value_hash, m.extraction_method) = (t.field_name, t.value_hash, t.extraction_method)
    and m.scraper_version is not distinct from t.scraper_version;
  update public.extraction_metadata m
  set validation_status = h.value
  from jsonb_each_text(p_merge.before -> 'kept_metadata') h
  where m.id = h.key::bigint
    and m.vehicle_id = k.id
    and m.field_name = any (v_fields)
    and m.validation_status = 'superseded';
end
$$;
comment on function private.give_back_facts(public.vehicles, public.vehicles, public.vehicle_merges) is
  'Gives the vehicle that was kept what it held before the merge, but for what was changed since.';
grant execute on function private.give_back_facts(public.vehicles, public.vehicles, public.vehicle_merges) to service_role;

create function private.give_back_images(k public.vehicles, o public.vehicles, p_before jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.vehicle_images i
  set vehicle_id = o.id, is_primary = t.is_primary
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where i.id = t.id and i.vehicle_id = k.id;
  -- Pictures that both had went with the row; their files are the kept vehicle's still.
  insert into public.vehicle_images
  select t.*
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where exists (
    select from public.vehicle_images i
    where i.content_hash = t.content_hash and i.storage_path = t.storage_path)
  on conflict do nothing;

  delete from public.image_downloads where vehicle_id = o.id; -- as an insert makes them: none was tried
  insert into public.image_downloads (
    vehicle_id, url, position, wave, status, attempts, next_attempt_at, outcome, http_status, last_error,
    last_attempt_at, blocked_days, last_blocked_on, content_hash, duplicate_of, created_at)
  select t.vehicle_id, t.url, t.position, t.wave, t.status, t.attempts, t.next_attempt_at, t.outcome, t.http_status,
    t.last_error, t.last_attempt_at, t.blocked_days, t.last_blocked_on, t.content_hash, t.duplicate_of, t.created_at
  from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'downloads') t;
  delete from public.image_downloads d
  where d.vehicle_id = k.id
    and d.url in (select t ->> 'url' from jsonb_array_elements(p_before -> 'downloads') t)
    and not p_before -> 'kept_urls' ? d.url
    and not exists (
      select from public.image_downloads c where c.vehicle_id = k.id and c.duplicate_of = d.url);
end
$$;
comment on function private.give_back_images(public.vehicles, public.vehicles, jsonb) is
  'Gives the vehicle that comes back its pictures, and the state of each of its image URLs.';
grant execute on function private.give_back_images(public.vehicles, public.vehicles, jsonb) to service_role;

create function public.unmerge_vehicle(p_vehicle_id uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  m public.vehicle_merges;
  k public.vehicles;
  o public.vehicles;
begin
  select * into m
  from public.vehicle_merges
  where merged_vehicle_id = p_vehicle_id and unmerged_at is null
  order by created_at desc
  limit 1
  for update;
  if not found then
    raise exception 'no merge of the vehicle % is on record', p_vehicle_id
      using errcode = 'P0002', hint = 'vehicle_merges names them: merged_vehicle_id is the one that went';
  elsif m.before is null then
    raise exception 'the merge of % was made by 0.1.0, which kept too little of it', p_vehicle_id
      using errcode = '55000', hint = 'vehicle_merges.merged_vehicle holds the row: insert it again by hand';
  end if;
  select * into k from public.vehicles where id = m.kept_vehicle_id for update;
  if not found then
    raise exception 'the vehicle that % went into is gone', p_vehicle_id using errcode = '55000';
  elsif private.is_leased(k.id) then
    raise exception 'a worker holds vehicle % under lease: try again in a minute', k.id using errcode = '55006';
  end if;
  o := jsonb_populate_record(null::public.vehicles, m.merged_vehicle);

  perform set_config('vehicles.writer', 'apply_extractions', true); -- each keeps its provenance
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.rescore', 'by the writer', true);
  delete from public.remembered_addresses where former_vehicle_id = o.id and vehicle_id = k.id;
  perform private.give_back_facts(k, o, m);
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
  insert into public.extraction_metadata (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at, reviewed_at, reviewed_by,
    review_note)
  select t.vehicle_id, t.field_name, t.field_value, t.previous_value, t.extraction_method, t.scraper_version,
    t.confidence_score, t.validation_status, t.evidence, t.source_url, t.snapshot_id, t.extracted_at,
    t.last_confirmed_at, t.reviewed_at, t.reviewed_by, t.review_note
  from jsonb_populate_recordset(null::public.extraction_metadata, m.before -> 'metadata') t
  on conflict do nothing;
  update public.auction_events set vehicle_id = o.id
  where vehicle_id = k.id and m.before -> 'auctions' ? id::text;
  update public.scrape_steps set vehicle_id = o.id
  where vehicle_id = k.id and m.before -> 'steps' ? id::text;
  update public.import_queue set vehicle_id = o.id
  where vehicle_id = k.id and (m.before -> 'imports' ? id::text or canonical_url = o.canonical_url);
  perform private.give_back_images(k, o, m.before);
  perform set_config('vehicles.writer', '', true);
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id, o.id]);
  perform set_config('vehicles.rescore', '', true);

  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin, status, note, resolved_at)
  values (least(k.id, o.id), greatest(k.id, o.id), coalesce(o.vin, k.vin, ''), 'different_vehicles', p_note, now())
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
  update public.vehicle_merges set unmerged_at = now() where id = m.id;
  return jsonb_build_object('kept', k.id, 'unmerged', o.id);
end
$$;
comment on function public.unmerge_vehicle(uuid, text) is
  'Takes a merge back: the vehicle that went comes back as it was, under its id, with its auctions, images and provenance; the kept one loses what it took, but for what was changed since. The pair counts as different_vehicles. Gives {kept, unmerged}.';
grant execute on function public.unmerge_vehicle(uuid, text) to service_role;
