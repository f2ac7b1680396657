-- Import new listings at once.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.add_listings_of_new() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if current_setting('vehicles.addresses', true) = 'of its listings'
    or current_setting('vehicles.listings', true) = 'by the writer'
  then
    return null;
  elsif current_setting('vehicles.importing', true) = 'on' then
    -- Of one that an import makes nothing is known before its page is applied; its address was looked up.
    insert into public.vehicle_listings (vehicle_id, listing_url, kind, title)
    select c.id, c.listing_url, private.listing_kind(c.source_host, false), q.listing_title
    from changed c
    left join public.import_queue q on q.canonical_url = c.canonical_url
    where c.listing_url is not null;
    return null;
  end if;
  perform private.refuse_listing_of_another(array(select id from changed));
  perform private.add_listings(array(select id from changed));
  return null;
end
$$;

create or replace function private.add_readings(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_is_offer boolean := coalesce((p_item ->> 'is_offer')::boolean, false);
begin
  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id,
    reading_way, declared_confidence, calibration_version
  )
  select
    p_vehicle_id, d.field, d.new, d.held, d.method, p_item ->> 'scraper_version', d.confidence,
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
end
$$;

create or replace function private.apply_facts(v public.vehicles, p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_method text := coalesce(p_item ->> 'method', 'unknown');
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_decisions jsonb;
  v_values jsonb;
  v_states jsonb;
  v_changes jsonb;
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  -- A vehicle that was listed again stands on its newer listing: what becomes of the older one does not end it.
  v_own_listing boolean := coalesce(v_url = public.canonical_listing_url(v.listing_url), true);
begin
  select d.decisions, d.new_values, d.states, d.changes
  into v_decisions, v_values, v_states, v_changes
  from private.decide_facts(v, p_item) d;
  perform private.note_provenance(v.id, p_item, v_decisions, v_values);
  if v_values <> '{}' or v_states <> '{}'
    or (v_own_listing and v_outcome = 'gone' and v.listing_ended_at is null)
    or (v_own_listing and v_outcome = 'ok' and v.listing_ended_at is not null)
  then
    v := jsonb_populate_record(v, v_values);
    perform set_config('vehicles.writer', 'apply_extractions', true);
    perform set_config('vehicles.rescore', 'by the writer', true);
    update public.vehicles
    set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
        color = v.color, interior_color = v.interior_color, engine = v.engine,
        transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
        sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
        currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
        seller_name = v.seller_name, location = v.location, description = v.description,
        description_source = case
          when v.description is null then null
          when v_values ? 'description' then coalesce(p_item -> 'facts' -> 'description' ->> 'method', v_method)
          else description_source
        end,
        field_state = field_state || v_states,
        listing_ended_at = case
          when v_own_listing and v_outcome = 'gone' then coalesce(listing_ended_at, now())
          when v_own_listing and v_outcome = 'ok' then null
          else listing_ended_at
        end
    where id = v.id;
    perform set_config('vehicles.writer', '', true);
  end if;

  return jsonb_build_object('changes', v_changes, 'rescore', v_values <> '{}' or v_states <> '{}')
    || private.decided_fields(v_decisions);
end
$$;

create or replace function private.check_new_listings() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if current_setting('vehicles.listings', true) = 'by the writer' then
    return null; -- who read their pages says when the next look is
  end if;
  -- Spread over the time until it is looked at again: an upgrade brings a million at once.
  insert into public.listing_checks (listing_id, vehicle_id, listing_url, requeue_at)
  select
    a.id, a.vehicle_id, a.listing_url,
    now() + random() * private.look_every(a.source_host, a.kind, now() - a.listed_at)
  from added a
  where a.status in ('for_sale', 'live')
  order by a.id
  on conflict (listing_id) do nothing;
  return null;
end
$$;

create or replace function private.decide_facts(
  v public.vehicles, p_item jsonb, out decisions jsonb, out new_values jsonb, out states jsonb, out changes jsonb
)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(v);
  v_after jsonb;
  v_source text := private.url_host(p_item ->> 'source_url');
  v_page_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_method text := coalesce(p_item ->> 'method', 'unknown');
  v_version text := p_item ->> 'scraper_version';
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_retractions jsonb := coalesce(p_item -> 'retractions', '{}');
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_listing jsonb := case when p_item ? 'listing_id' then jsonb_build_object('listing', p_item -> 'listing_id') else '{}' end;
  -- Of several listings one gives the sale fields; where it is another one than before, its fields take over.
  v_followed boolean := coalesce((p_item ->> 'is_followed')::boolean, true);
  v_takes_over boolean := coalesce((p_item ->> 'takes_over')::boolean, false) and v_facts ?| private.sale_columns();
  -- A vehicle that was listed again stands on its newer listing: what becomes of the older one does not end it.
  v_own_listing boolean := coalesce(v_url = public.canonical_listing_url(v.listing_url), true);
begin
  -- What was offered at a listing that was removed is not offered for ever; how it ended nobody says.
  if v_outcome in ('gone', 'invalid')
    and v_followed
    and (v_own_listing or v_listing <> '{}')
    and v.sale_status in ('live', 'for_sale')
  then
    v_retractions := v_retractions || jsonb_build_object('sale_status', jsonb_build_object(
      'confidence', 0.9,
      'evidence', case v_outcome when 'gone' then 'the listing was removed: ' else 'another vehicle stands there now: ' end
        || coalesce(p_item ->> 'error', v_outcome)));
  end if;

  -- A better version no longer reads what an older one took from this very page.
  v_retractions := v_retractions || (
    select coalesce(jsonb_object_agg(f, jsonb_build_object(
      'confidence', 0.9,
      'evidence', format('%s %s does not read what %s read from this page',
        v_method, v_version, v.field_state -> f ->> 'version'))), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'read_again', '[]')) f
    where v_outcome in ('ok', 'not_modified')
      and f = any (private.fact_columns())
      and not v_facts ? f
      and v_held ->> f is not null
      and v.field_state -> f ->> 'method' = v_method
      and private.version_number(v.field_state -> f ->> 'version') < private.version_number(v_version)
      and (v.field_state -> f ->> 'page_at')::timestamptz >= v_page_at
  );

  if not v_followed then
    v_facts := v_facts - private.sale_columns();
    v_retractions := v_retractions - private.sale_columns();
  elsif v_takes_over then
    v_retractions := (
      select coalesce(jsonb_object_agg(f, jsonb_build_object('confidence', 0.9, 'evidence', 'offered anew at ' || v_url)), '{}')
      from unnest(private.sale_columns()) f
      where v_held ->> f is not null
        and not v_facts ? f
        and coalesce(v.field_state -> f ->> 'method', '') not like 'manual%'
    ) || v_retractions;
  end if;

  -- Every field that the page speaks of meets the value held.
  with incoming as (
    select
      f.key as field,
      f.value ->> 'value' as new,
      (f.value ->> 'confidence')::numeric as confidence,
      f.value ->> 'evidence' as evidence,
      coalesce(f.value ->> 'method', v_method) as method,
      f.value ->> 'way' as way,
      (f.value ->> 'declared')::numeric as declared,
      (f.value ->> 'calibration')::integer as calibration
    from jsonb_each(v_facts) f
    where f.key = any (private.fact_columns())
      and f.value ->> 'value' is not null
    union all
    select r.key, null, (r.value ->> 'confidence')::numeric, r.value ->> 'evidence', v_method, null, null, null
    from jsonb_each(v_retractions) r
    where r.key = any (private.fact_columns())
      and not v_facts ? r.key
  ),
  decided as materialized ( -- decided once, not once a mention below
    select
      i.*,
      v_held ->> i.field as held,
      v.field_state -> i.field as state,
      private.merge_decision(
        i.field, v_held ->> i.field,
        case
          when v_takes_over
            and i.field = any (private.sale_columns())
            and coalesce(v.field_state -> i.field ->> 'method', '') not like 'manual%'
            then (v.field_state -> i.field)
              || jsonb_build_object('source', v_source, 'confidence', 0, 'page_at', '-infinity')
          else v.field_state -> i.field
        end,
        i.new, i.confidence, i.method, v_version, v_source, v_page_at
      ) as decision,
      -- Another source, or a better reading, says the same: that is worth more than one saying it twice.
      coalesce(v.field_state -> i.field ->> 'method', '') not like 'manual%'
        and i.confidence > (v.field_state -> i.field ->> 'confidence')::numeric
        and (
          v.field_state -> i.field ->> 'source' is distinct from v_source
          or coalesce(
            private.version_number(v_version)
              > private.version_number(v.field_state -> i.field ->> 'version'), false)
        ) as is_stronger,
      v.field_state -> i.field -> 'conflict' ->> 'source' = v_source as ends_a_conflict,
      -- The same sum or status, of another offer.
      v_takes_over
        and i.field = any (private.sale_columns())
        and coalesce(v.field_state -> i.field ->> 'method', '') not like 'manual%'
        and v.field_state -> i.field is not null as moves
    from incoming i
  )
  select
    coalesce(jsonb_agg(to_jsonb(d)), '[]'),
    coalesce(jsonb_object_agg(d.field, d.new) filter (where d.decision in ('filled', 'replaced', 'cleared')), '{}'),
    coalesce(jsonb_object_agg(d.field, case
      when d.decision in ('filled', 'replaced') then private.kept_rejections(d.state) || jsonb_build_object(
        'confidence', d.confidence, 'method', d.method, 'version', v_version,
        'source', v_source, 'at', now(), 'page_at', v_page_at)
        || jsonb_strip_nulls(jsonb_build_object('way', d.way, 'declared', d.declared)) || v_listing
      when d.decision = 'cleared' then
        private.kept_rejections(d.state) || jsonb_build_object('why', 'retracted', 'at', now()) || v_listing
      when d.decision = 'conflict' then coalesce(d.state, '{}') || jsonb_build_object('conflict', jsonb_build_object(
        'value', d.new, 'confidence', d.confidence, 'method', d.method, 'source', v_source, 'at', now()))
      else case when d.ends_a_conflict then d.state - 'conflict' else d.state end
        || case
          when d.is_stronger then jsonb_build_object(
            'confidence', d.confidence, 'version', coalesce(v_version, d.state ->> 'version'))
          else '{}'
        end
        || case
          when d.moves then v_listing || jsonb_build_object('source', v_source, 'page_at', v_page_at)
          else '{}'
        end
    end) filter (
      where d.decision in ('filled', 'replaced', 'cleared')
        or (d.decision = 'conflict' and (
          d.state -> 'conflict' ->> 'value' is distinct from d.new
          or (d.state -> 'conflict' ->> 'confidence')::numeric is distinct from d.confidence))
        or (d.decision = 'confirmed' and (d.is_stronger or d.ends_a_conflict or d.moves))
    ), '{}')
  into decisions, new_values, states
  from decided d;
  v_after := to_jsonb(jsonb_populate_record(v, new_values));
  changes := (
    select coalesce(jsonb_object_agg(f, jsonb_build_object('old', v_held -> f, 'new', v_after -> f)), '{}')
    from jsonb_object_keys(new_values) f
  );

  -- A value held without state gets one from the page that says the same.
  states := (
    select coalesce(jsonb_object_agg(d ->> 'field', private.kept_rejections(d -> 'state') || jsonb_build_object(
      'confidence', greatest((d ->> 'confidence')::numeric, 0.5), 'method', d ->> 'method',
      'version', v_version, 'source', v_source, 'at', now(), 'page_at', v_page_at) || v_listing), '{}')
    from jsonb_array_elements(decisions) d
    where d ->> 'decision' = 'confirmed' and d -> 'state' -> 'confidence' is null
  ) || (
    -- Why there is nothing: the page has the place, and it is empty.
    select coalesce(jsonb_object_agg(f, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'absent', '[]')) f
    where f = any (private.fact_columns())
      and v_held ->> f is null
      and not v_facts ? f
      and v.field_state -> f is null
  ) || states;
end
$$;

create or replace function private.decided_fields(p_decisions jsonb) returns jsonb
language sql immutable parallel safe
set search_path = ''
as $$
  select jsonb_build_object(
    'filled', coalesce(jsonb_agg(d.field) filter (where d.decision = 'filled'), '[]'),
    'corrected', coalesce(jsonb_agg(d.field) filter (where d.decision = 'replaced'), '[]'),
    'cleared', coalesce(jsonb_agg(d.field) filter (where d.decision = 'cleared'), '[]'),
    'confirmed', coalesce(jsonb_agg(d.field) filter (where d.decision = 'confirmed'), '[]'),
    'conflicts', coalesce(jsonb_agg(d.field) filter (where d.decision = 'conflict'), '[]'))
  from jsonb_to_recordset(p_decisions) as d(field text, decision text)
$$;

create or replace function private.import_new_listings(p_items jsonb, p_locked_elsewhere bigint[]) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_places bigint[];
  v_items jsonb[];
  v_ids uuid[];
  v_listings bigint[];
  v_decisions jsonb[];
  v_values jsonb[];
  v_states jsonb[];
  v_changes jsonb[];
  v_stored integer[];
  v_images jsonb[];
  v_steps jsonb[];
  d record;
  v_live_until timestamptz;
  v_refused text;
  v_result jsonb;
begin
  select
    array_agg(n.place), array_agg(n.item), array_agg(gen_random_uuid()),
    array_agg(nextval('public.vehicle_listings_id_seq'))
  into v_places, v_items, v_ids, v_listings
  from private.plainly_new(p_items, p_locked_elsewhere) n;
  if v_places is null then
    return '[]';
  end if;

  for i in 1 .. cardinality(v_items) loop
    select * into d
    from private.decide_facts(
      jsonb_populate_record(null::public.vehicles, jsonb_build_object(
        'id', v_ids[i], 'listing_url', v_items[i] -> 'source_url', 'field_state', '{}'::jsonb)),
      v_items[i] || jsonb_build_object('listing_id', v_listings[i]));
    v_decisions[i] := d.decisions;
    v_values[i] := d.new_values;
    v_states[i] := d.states;
    v_changes[i] := d.changes;
  end loop;

  perform set_config('vehicles.importing', 'on', true);
  perform set_config('vehicles.listings', 'by the writer', true);
  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.insert_read_vehicles(v_ids, v_items, v_values, v_states);
  perform private.insert_read_listings(v_listings, v_ids, v_items);
  for i in 1 .. cardinality(v_items) loop
    perform private.add_readings(v_ids[i], v_items[i], v_decisions[i]);
    if jsonb_typeof(v_items[i] -> 'auction') = 'object' then
      v_refused := private.apply_auction(
        v_ids[i], v_items[i] ->> 'source_url', coalesce((v_items[i] ->> 'page_at')::timestamptz, now()),
        v_items[i] -> 'auction', coalesce(v_items[i] -> 'bids', '[]'), coalesce(v_items[i] -> 'comments', '[]'));
      if v_refused is not null then
        raise exception '%', v_refused;
      end if;
    end if;
    -- Its URLs came with the row.
    v_images[i] := case
      when jsonb_array_length(coalesce(v_items[i] -> 'image_results', '[]')) > 0 then private.store_image_results(
        v_ids[i], array(select jsonb_array_elements_text(coalesce(v_items[i] -> 'images', '[]'))),
        v_items[i] -> 'image_results')
      when v_items[i] ? 'images' or v_items[i] ? 'image_results'
        then '{"new_urls": false, "recorded": 0, "stored": 0, "images": 0}'
      else '{}'
    end;
  end loop;
  perform private.vehicles_changed(v_ids);
  perform private.settle_new_imports(v_ids, v_items);

  for i in 1 .. cardinality(v_items) loop
    v_live_until := case
      when v_items[i] -> 'auction' ->> 'outcome' = 'live' then (v_items[i] -> 'auction' ->> 'ends_at')::timestamptz end;
    perform private.settle_related_work(
      jsonb_populate_record(null::public.vehicles, jsonb_build_object(
        'id', v_ids[i], 'listing_url', v_items[i] -> 'source_url')),
      v_items[i] - 'request', 'ok', true, v_live_until);
    perform private.queue_imported_auction(v_ids[i], v_items[i], 'ok', true);
    v_steps[i] := private.note_steps(v_ids[i], v_items[i] - 'request', 'ok', v_items[i] ->> 'error', '{}', null);
  end loop;
  perform set_config('vehicles.importing', '', true);
  perform set_config('vehicles.listings', '', true);
  perform set_config('vehicles.rescore', '', true);

  return (
    select jsonb_agg(
      private.decided_fields(n.decisions) || jsonb_build_object(
        'index', n.place - 1,
        'outcome', 'ok',
        'error', n.item -> 'error',
        'steps', n.steps,
        'step_errors', '{}'::jsonb,
        'changes', n.changes,
        'fields_updated', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(n.changes) k),
        'images', n.images,
        'score_before', 0,
        'score_after', q.overall_score,
        'gained', n.changes <> '{}' or coalesce((n.images ->> 'stored')::integer, 0) > 0,
        'state', case when jsonb_typeof(n.item -> 'request') = 'object' then 'complete' else m.state end,
        'marked_complete', private.is_marked_complete(v.origin_metadata),
        'can_heal', private.can_heal('ok'),
        'created', true,
        'joined', false,
        'relisting', false,
        'vehicle_id', v.id))
    from unnest(v_places, v_items, v_ids, v_decisions, v_changes, v_images, v_steps)
      n(place, item, id, decisions, changes, images, steps)
    join public.vehicles v on v.id = n.id
    left join public.vehicle_quality_scores q on q.vehicle_id = v.id
    left join public.micro_scrape_state m on m.vehicle_id = v.id
  );
exception when others then
  return '[]'; -- one of them cannot be written, or is held by somebody: each is tried by itself, and says so
end
$$;

create or replace function private.import_one(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_url text := p_item ->> 'source_url';
  v_request jsonb := p_item -> 'request';
  v_queued boolean := jsonb_typeof(v_request) = 'object';
  v_id uuid := private.vehicle_of_listing(v_url);
  v_same record;
  v_joined boolean := false; -- the car was here, by another listing
  v_created boolean := false;
  v_result jsonb;
  v_state text;
  v_steps jsonb;
  v_why text;
begin
  if public.canonical_listing_url(v_url) is null then
    raise exception 'no listing stands at "%"', v_url using errcode = '22023';
  end if;

  -- A person who forgets a vehicle is not overruled by a worker that had its page already.
  v_why := case when v_id is null then private.why_forgotten(p_item) end;
  if v_why is not null then
    p_item := p_item || jsonb_build_object('outcome', 'invalid', 'error', v_why);
  end if;

  -- What is no reading, or reads no vehicle, makes none.
  if v_id is null and (coalesce(p_item ->> 'outcome', 'ok') not in ('ok', 'not_modified') or not p_item ? 'facts') then
    v_steps := private.note_steps(null, p_item, p_item ->> 'outcome', p_item ->> 'error', '{}', null);
    if v_queued then
      v_state := private.settle_request(p_item, p_item ->> 'outcome', p_item ->> 'error', '{}');
    else
      insert into public.import_queue as held (listing_url, status, outcome_code, error_message, processed_at)
      select btrim(v_url), 'failed', p_item ->> 'outcome', p_item ->> 'error', now()
      where p_item ->> 'outcome' in ('not_a_listing', 'gone')
      on conflict (canonical_url) do update
      set status = 'failed', outcome_code = excluded.outcome_code, error_message = excluded.error_message,
          next_attempt_at = null, processed_at = now()
      where held.status = 'pending';
    end if;
    return jsonb_build_object(
      'outcome', p_item ->> 'outcome', 'error', p_item ->> 'error', 'steps', v_steps, 'vehicle_id', null,
      'created', false, 'joined', false, 'relisting', false, 'state', v_state);
  end if;

  perform set_config('vehicles.importing', 'on', true);
  if v_id is not null then
    perform from public.vehicles where id = v_id for no key update nowait;
    if not found then -- found without its lock, and deleted since: the item is handed back
      raise exception 'the vehicle of % was deleted just now', v_url using errcode = '55P03';
    end if;
  else
    v_id := private.insert_imported(p_item);
    v_created := true;
  end if;

  v_result := private.apply_one((p_item - 'request') || jsonb_build_object('vehicle_id', v_id));
  if v_created and v_result -> 'step_errors' ? 'extract_data' then
    -- A vehicle of which nothing could be written is none: the attempt is made again.
    raise exception '%', v_result -> 'step_errors' ->> 'extract_data'; -- its caller says what that means
  end if;
  if v_created then
    v_same := private.same_car(v_id);
    if v_same.vehicle_id is not null and private.join_vehicles(v_same.vehicle_id, v_id, v_same.why) then
      v_id := v_same.vehicle_id;
      v_created := false;
      v_joined := true;
      -- Its newest page is this one, and was read just now.
      perform private.settle_related_work(
        v, p_item - 'request', v_result ->> 'outcome', true,
        case when p_item -> 'auction' ->> 'outcome' = 'live' then (p_item -> 'auction' ->> 'ends_at')::timestamptz end)
      from public.vehicles v
      where v.id = v_id;
    end if;
  end if;
  if v_queued then
    v_state := private.settle_request(p_item, v_result ->> 'outcome', v_result ->> 'error', '{}');
    update public.import_queue
    set vehicle_id = v_id
    where id = (v_request ->> 'id')::uuid;
  else
    update public.import_queue
    set status = 'complete', vehicle_id = v_id, outcome_code = v_result ->> 'outcome', error_message = null,
        next_attempt_at = null, processed_at = now()
    where canonical_url = public.canonical_listing_url(v_url)
      and status <> 'processing'
      and v_result ->> 'outcome' <> 'invalid' -- another car
      and not v_result -> 'step_errors' ? 'extract_data';
  end if;
  perform private.queue_imported_auction(v_id, p_item, v_result ->> 'outcome', v_created or v_joined);
  perform set_config('vehicles.importing', '', true);

  return v_result || jsonb_build_object(
      'created', v_created, 'joined', v_joined, 'vehicle_id', v_id,
      'relisting', v_joined and coalesce(jsonb_typeof(p_item -> 'auction') = 'object', false))
    || case when v_queued then jsonb_build_object('state', v_state) else '{}' end;
end
$$;

create or replace function private.insert_read_listings(p_ids bigint[], p_vehicle_ids uuid[], p_items jsonb[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  b public.vehicle_listings;
  l public.vehicle_listings;
  v_before public.vehicle_listings[];
  v_after public.vehicle_listings[];
begin
  for b in
    select r.*
    from unnest(p_ids, p_vehicle_ids) with ordinality n(listing_id, vehicle_id, place)
    join public.vehicles v on v.id = n.vehicle_id
    left join public.import_queue q on q.canonical_url = v.canonical_url
    cross join lateral jsonb_populate_record(null::public.vehicle_listings, jsonb_build_object(
      'id', n.listing_id,
      'vehicle_id', v.id,
      'listing_url', v.listing_url,
      'canonical_url', v.canonical_url,
      'source_host', v.source_host,
      'kind', private.listing_kind(v.source_host, false),
      'title', q.listing_title,
      'status', 'unknown',
      'listed_at', now(),
      'first_seen_at', now(),
      'last_seen_at', now(),
      'offer', '{}'::jsonb)) r
    order by n.place
  loop
    l := private.listing_as_read(b, p_items[coalesce(cardinality(v_after), 0) + 1], 'ok');
    v_before := v_before || b;
    v_after := v_after || l;
  end loop;

  insert into public.vehicle_listings (
    id, vehicle_id, listing_url, kind, status, price, currency, seller, title, mileage, likeness,
    listed_at, first_seen_at, last_seen_at, page_at, ended_at, ended_because, offer)
  overriding system value
  select
    a.id, a.vehicle_id, a.listing_url, a.kind, a.status, a.price, a.currency, a.seller, a.title, a.mileage, a.likeness,
    a.listed_at, a.first_seen_at, a.last_seen_at, a.page_at, a.ended_at, a.ended_because, a.offer
  from unnest(v_after) a;

  for i in 1 .. cardinality(v_after) loop
    l := v_after[i];
    if l.likeness is not null then
      perform private.pair_alike_listings(l);
    end if;
    perform private.note_listing_events(v_before[i], l, l.page_at, private.as_uuid(p_items[i] ->> 'snapshot_id'));
    perform private.note_look(v_before[i], l, p_items[i], 'ok');
  end loop;
end
$$;

create or replace function private.insert_read_vehicles(p_ids uuid[], p_items jsonb[], p_values jsonb[], p_states jsonb[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.vehicles (
    id, discovery_url, origin_metadata, field_state, description_source,
    year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description
  )
  select
    n.id, btrim(n.item ->> 'source_url'), private.image_urls_added(null, private.image_urls_of(n.item)), n.states,
    case when n.new_values ->> 'description' is not null
      then coalesce(n.item -> 'facts' -> 'description' ->> 'method', n.item ->> 'method', 'unknown') end,
    v.year, v.make, v.model, v.trim, v.vin, v.mileage, v.color, v.interior_color, v.engine, v.transmission,
    v.drivetrain, v.body_style, v.sale_price, v.high_bid, v.asking_price, v.currency, v.sale_status, v.sale_date,
    v.seller_name, v.location, v.description
  from unnest(p_ids, p_items, p_values, p_states) n(id, item, new_values, states)
  cross join lateral jsonb_populate_record(null::public.vehicles, n.new_values) v;
end
$$;

create or replace function private.listing_as_read(b public.vehicle_listings, p_item jsonb, p_outcome text)
returns public.vehicle_listings
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_auction jsonb := case when jsonb_typeof(p_item -> 'auction') = 'object' then p_item -> 'auction' else '{}' end;
  l public.vehicle_listings := b;
begin
  l.page_at := v_at;
  if b.page_at is null then -- a page that was kept is read later than it was seen
    l.first_seen_at := least(b.first_seen_at, v_at);
    l.listed_at := least(b.listed_at, v_at);
  end if;
  if p_outcome in ('ok', 'not_modified') then
    l.last_seen_at := greatest(b.last_seen_at, v_at);
    l.offer := private.offer_of(p_item, b.offer);
    l.kind := case when v_auction <> '{}' then 'auction' else b.kind end;
    l.seller := coalesce(v_auction ->> 'seller', private.sure_value(v_facts, 'seller_name'), b.seller);
    l.mileage := coalesce(private.sure_value(v_facts, 'mileage')::integer, b.mileage);
    l.title := coalesce(b.title, nullif(concat_ws(' ',
      private.sure_value(v_facts, 'year'), private.sure_value(v_facts, 'make'),
      private.sure_value(v_facts, 'model'), private.sure_value(v_facts, 'trim')), ''));
    l.listed_at := coalesce(
      (v_auction ->> 'starts_at')::timestamptz, (v_auction ->> 'ends_at')::timestamptz - interval '7 days', l.listed_at);
    l.likeness := private.listing_likeness(l.seller, l.title, l.mileage);
  end if;
  l.status := private.read_listing_status(b, p_item, p_outcome);
  if p_outcome <> 'invalid' and (v_auction <> '{}' or v_facts ?| private.sale_columns()) then
    l.price := private.listing_price(
      l.status,
      coalesce((v_auction ->> 'sale_price')::numeric, private.sure_value(v_facts, 'sale_price')::numeric),
      coalesce((v_auction ->> 'high_bid')::numeric, private.sure_value(v_facts, 'high_bid')::numeric),
      private.sure_value(v_facts, 'asking_price')::numeric);
    l.currency := coalesce(v_auction ->> 'currency', private.sure_value(v_facts, 'currency'), b.currency);
  end if;
  if not private.has_ended(l.status) then
    l.ended_at := null;
    l.ended_because := null;
  elsif l.status <> b.status then
    l.ended_at := coalesce((v_auction ->> 'ends_at')::timestamptz, v_at);
    l.ended_because := case
      when p_outcome = 'invalid' then coalesce(p_item ->> 'error', 'another vehicle stands there now')
      when p_outcome = 'gone' then 'the listing was removed: ' || coalesce(p_item ->> 'error', 'gone')
      else l.status
    end;
  end if;
  return l;
end
$$;

create or replace function private.note_listing(v public.vehicles, p_item jsonb, p_outcome text) returns bigint
language plpgsql
set search_path = ''
as $$
declare
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  b public.vehicle_listings;
  l public.vehicle_listings;
begin
  select * into b from public.vehicle_listings where canonical_url = v_url for no key update;
  if not found and v_url is not null then
    perform private.add_listings(array[v.id]); -- a vehicle of before there were listings
    select * into b from public.vehicle_listings where canonical_url = v_url for no key update;
  end if;
  if b.id is null or b.vehicle_id <> v.id then
    return null;
  elsif p_outcome not in ('ok', 'not_modified', 'gone', 'invalid') or v_at < b.page_at then
    if p_outcome = 'not_modified' then
      perform private.note_look(b, b, p_item, p_outcome);
    end if;
    return b.id; -- nothing was seen, or only what was there before
  end if;

  l := private.listing_as_read(b, p_item, p_outcome);
  update public.vehicle_listings
  set page_at = l.page_at, first_seen_at = l.first_seen_at, last_seen_at = l.last_seen_at, offer = l.offer, kind = l.kind, seller = l.seller,
      mileage = l.mileage, title = l.title, listed_at = l.listed_at, likeness = l.likeness, status = l.status,
      price = l.price, currency = l.currency, ended_at = l.ended_at, ended_because = l.ended_because
  where id = l.id;
  if l.likeness is distinct from b.likeness and l.likeness is not null then
    perform private.pair_alike_listings(l);
  end if;
  perform private.note_listing_events(b, l, v_at, private.as_uuid(p_item ->> 'snapshot_id'));
  perform private.note_look(b, l, p_item, p_outcome);
  return l.id;
end
$$;

create or replace function private.note_provenance(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb, p_values jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.url_host(p_item ->> 'source_url');
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

  perform private.add_readings(p_vehicle_id, p_item, p_decisions);
  perform private.compare_sources(p_vehicle_id, v_source, p_decisions);
end
$$;

create or replace function private.plainly_new(p_items jsonb, p_locked_elsewhere bigint[])
returns table (place bigint, item jsonb, address text)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return query
  with items as materialized (
    select
      e.n,
      e.i,
      public.canonical_listing_url(e.i ->> 'source_url') as canonical,
      upper(e.i -> 'facts' -> 'vin' ->> 'value') as vin
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  ),
  counted as (
    select
      i.*,
      count(*) over (partition by i.canonical) as of_listing,
      case when i.vin is not null then count(*) over (partition by i.vin) end as of_vin
    from items i
  )
  select c.n, c.i, c.canonical
  from counted c
  where c.i ->> 'vehicle_id' is null -- neither its listing nor its VIN is here
    and c.canonical is not null
    and c.of_listing = 1
    and coalesce(c.of_vin, 1) = 1
    and coalesce(c.i ->> 'outcome', 'ok') = 'ok'
    and c.i ? 'facts'
    and not c.n = any (p_locked_elsewhere)
    and private.why_forgotten(c.i) is null
    and (
      coalesce(jsonb_typeof(c.i -> 'request'), 'null') = 'null'
      or (
        c.i -> 'request' ->> 'queue' = 'import_queue'
        and exists (
          select from public.import_queue q
          where q.id = private.as_uuid(c.i -> 'request' ->> 'id')
            and q.lease_token = private.as_uuid(c.i -> 'request' ->> 'lease_token'))
      )
    )
  order by c.canonical, c.n;
end
$$;

create or replace function private.queue_imported_auction(p_vehicle_id uuid, p_item jsonb, p_outcome text, p_is_new boolean)
returns void
language plpgsql
set search_path = ''
as $$
begin
  if p_item ? 'bids' then -- read whole, by an import: the worker of the repair queue knows
    insert into public.bat_extraction_queue
      (vehicle_id, bat_url, status, reason, outcome_code, processed_at)
    select v.id, v.bat_auction_url, 'complete', 'new', p_outcome, now()
    from public.vehicles v
    where v.id = p_vehicle_id and v.listing_url = v.bat_auction_url
    on conflict (vehicle_id) do nothing;
  elsif p_is_new then -- without bids and comments: they are still to be read
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, reason)
    select v.id, v.bat_auction_url, 100, 'new'
    from public.vehicles v
    where v.id = p_vehicle_id and v.listing_url = v.bat_auction_url
    on conflict (vehicle_id) do update
    set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new'
    where held.status <> 'processing';
  end if;
end
$$;

create or replace function private.settle_new_imports(p_ids uuid[], p_items jsonb[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform public.settle_queue('import_queue', (
    select coalesce(jsonb_agg(
      (n.item -> 'request') || jsonb_build_object('outcome', 'ok', 'error', null, 'retry_at', n.item -> 'retry_at')), '[]')
    from unnest(p_items) n(item)
    where jsonb_typeof(n.item -> 'request') = 'object'));
  update public.import_queue q
  set vehicle_id = n.id
  from unnest(p_ids, p_items) n(id, item)
  where q.id = private.as_uuid(n.item -> 'request' ->> 'id');
  -- What was read though nobody had it from the queue is done there, too.
  update public.import_queue q
  set status = 'complete', vehicle_id = n.id, outcome_code = 'ok', error_message = null, next_attempt_at = null,
      processed_at = now()
  from unnest(p_ids, p_items) n(id, item)
  where jsonb_typeof(n.item -> 'request') is distinct from 'object'
    and q.canonical_url = public.canonical_listing_url(n.item ->> 'source_url')
    and q.status <> 'processing';
end
$$;

create or replace function private.write_each(p_items jsonb, p_imports boolean, p_locked_elsewhere bigint[]) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_ordered_by text := case when p_imports then 'source_url' else 'vehicle_id' end;
  v_item jsonb;
  v_place bigint;
  v_vehicle_id text;
  v_results jsonb := '[]';
  v_written bigint[];
  v_result jsonb;
  v_message text;
  v_detail text;
  v_lock_timeout text := current_setting('lock_timeout');
  v_patience text := '500ms'; -- for rows beside the vehicle's own, which somebody else may have
begin
  if p_imports then -- most are new, and written together
    perform set_config('lock_timeout', v_patience, true);
    v_results := private.import_new_listings(p_items, p_locked_elsewhere);
  end if;
  v_written := array(select (r -> 'index')::bigint + 1 from jsonb_array_elements(v_results) r);
  for v_item, v_place in
    select i, n
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
    where n <> all (v_written)
    order by i ->> v_ordered_by, n
  loop
    v_message := null;
    v_vehicle_id := case when not p_imports then v_item ->> 'vehicle_id' end; -- an import finds it
    perform set_config('lock_timeout', v_patience, true);
    begin -- a subtransaction each: one bad item spoils no other
      if v_place = any (p_locked_elsewhere) then
        v_result := private.hand_back_locked_item(v_item);
      elsif not private.holds_lease(v_item -> 'request', v_vehicle_id::uuid) then
        v_result := jsonb_build_object(
          'outcome', 'stale_lease', 'error', coalesce(
            case when p_imports then private.why_forgotten(v_item) end,
            'another worker has taken this over: nothing was written'));
      elsif p_imports then
        v_result := private.import_one(v_item);
      else
        v_result := private.apply_one(v_item);
      end if;
    exception
    when lock_not_available or deadlock_detected then
      v_patience := '20ms'; -- the batch has waited once
      v_result := private.hand_back_locked_item(v_item);
    when others then
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
      v_message := concat_ws(': ', v_message, nullif(v_detail, ''));
      v_result := jsonb_build_object(
        'outcome', 'server_error',
        'error', v_message,
        'state', private.settle_failed_item(
          v_item, format('could not be %s: %s', case when p_imports then 'imported' else 'written' end, v_message)));
    end;
    if p_imports and v_message is not null then -- there is no vehicle that would have it on record
      v_result := v_result || jsonb_build_object('steps', private.note_steps(
        null, jsonb_build_object('source_url', v_item ->> 'source_url'), 'server_error', v_message,
        jsonb_build_object('extract_data', v_message), v_item -> 'request' ->> 'queue'));
    end if;
    v_results := v_results || jsonb_build_array(
      jsonb_build_object('vehicle_id', v_vehicle_id)
        || case when p_imports then '{"created": false, "joined": false, "relisting": false}'::jsonb else '{}' end
        || v_result
        || jsonb_build_object('index', v_place - 1, 'can_heal', private.can_heal(v_result ->> 'outcome')));
  end loop;
  perform set_config('lock_timeout', v_lock_timeout, true);

  return (
    select coalesce(jsonb_agg(r order by (r ->> 'index')::integer), '[]') from jsonb_array_elements(v_results) r
  );
end
$$;

create or replace function public.import_listings(p_items jsonb) returns jsonb
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

comment on function private.add_readings(uuid, jsonb, jsonb) is 'Adds the values of a reading to the provenance of a vehicle, or says of those that are there that they were read again.';

comment on function private.decide_facts(public.vehicles, jsonb) is 'What becomes of each field that a reading speaks of, when it meets what is held. Gives the decisions, [{field, new, held, decision, confidence, evidence, method, way …}]; new_values, what is held from now on; states, for field_state; changes, {field: {old, new}}. Changes nothing.';

comment on function private.decided_fields(jsonb) is 'The fields of decisions, by what was decided, as a result names them.';

comment on function private.import_new_listings(jsonb, bigint[]) is 'Makes vehicles of those items of a batch that are plainly new, all at once, or of none. Gives a result for each that it made, as import_one() does.';

comment on function private.insert_read_listings(bigint[], uuid[], jsonb[]) is 'Inserts the listings of vehicles that were just made, as their pages were read: with what happened there, and when the next look is.';

comment on function private.insert_read_vehicles(uuid[], jsonb[], jsonb[], jsonb[]) is
  'Inserts vehicles with what was read of them, in one statement: their ids, readings, values and the states of these.';

comment on function private.listing_as_read(public.vehicle_listings, jsonb, text) is
  'A listing as it stood before, as a reading of its page says that it stands now. Changes nothing.';

comment on function private.plainly_new(jsonb, bigint[]) is 'The items of a batch that make a vehicle of their own: readings of listings that are not here, of a car that is not here, whose lease is held. place: from 1.';

comment on function private.queue_imported_auction(uuid, jsonb, text, boolean) is
  'Tells the repair queue of a Bring a Trailer listing that was imported: that its bids and comments are here, or are still to be read.';

comment on function private.settle_new_imports(uuid[], jsonb[]) is 'Ends the rows of import_queue whose listings became these vehicles.';

revoke all on function private.add_readings(uuid, jsonb, jsonb) from public;

grant execute on function private.add_readings(uuid, jsonb, jsonb) to postgres, service_role;

revoke all on function private.decide_facts(public.vehicles, jsonb) from public;

grant execute on function private.decide_facts(public.vehicles, jsonb) to postgres, service_role;

revoke all on function private.decided_fields(jsonb) from public;

grant execute on function private.decided_fields(jsonb) to postgres, service_role;

revoke all on function private.import_new_listings(jsonb, bigint[]) from public;

grant execute on function private.import_new_listings(jsonb, bigint[]) to postgres, service_role;

revoke all on function private.insert_read_listings(bigint[], uuid[], jsonb[]) from public;

grant execute
  on function private.insert_read_listings(bigint[], uuid[], jsonb[])
  to postgres, service_role;

revoke all on function private.insert_read_vehicles(uuid[], jsonb[], jsonb[], jsonb[]) from public;

grant execute
  on function private.insert_read_vehicles(uuid[], jsonb[], jsonb[], jsonb[])
  to postgres, service_role;

revoke all on function private.listing_as_read(public.vehicle_listings, jsonb, text) from public;

grant execute
  on function private.listing_as_read(public.vehicle_listings, jsonb, text)
  to postgres, service_role;

revoke all on function private.plainly_new(jsonb, bigint[]) from public;

grant execute on function private.plainly_new(jsonb, bigint[]) to postgres, service_role;

revoke all on function private.queue_imported_auction(uuid, jsonb, text, boolean) from public;

grant execute
  on function private.queue_imported_auction(uuid, jsonb, text, boolean)
  to postgres, service_role;

revoke all on function private.settle_new_imports(uuid[], jsonb[]) from public;

grant execute on function private.settle_new_imports(uuid[], jsonb[]) to postgres, service_role;
