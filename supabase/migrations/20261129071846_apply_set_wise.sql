-- Apply set wise.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.add_readings(uuid, jsonb, jsonb);

drop function private.as_uuid(text);

drop function private.decided_fields(jsonb);

drop function private.note_look(public.vehicle_listings, public.vehicle_listings, jsonb, text);

drop function private.note_provenance(uuid, jsonb, jsonb, jsonb);

drop function private.note_steps(uuid, jsonb, text, text, jsonb, text);

drop function private.offer_of(jsonb, jsonb);

drop function private.read_by_older(jsonb);

drop function private.reading_steps(jsonb, text, text, jsonb);

drop function private.settle_request(jsonb, text, text, jsonb);

create or replace function private.add_readings(p_vehicle_ids uuid[], p_items jsonb[], p_decisions jsonb[]) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_is_offer boolean := coalesce((p_items[1] ->> 'is_offer')::boolean, false); -- such a one comes alone
begin
  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id,
    reading_way, declared_confidence, calibration_version
  )
  select
    r.vehicle_id, d.field, d.new, d.held, d.method, r.version, d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, r.url, r.snapshot_id, d.way, d.declared, d.calibration
  from (
    select
      u.vehicle_id, u.decisions, u.item ->> 'scraper_version' as version, u.item ->> 'source_url' as url,
      (u.item ->> 'snapshot_id')::uuid as snapshot_id
    from unnest(p_vehicle_ids, p_items, p_decisions) u(vehicle_id, item, decisions)
    offset 0 -- once a reading, not once a field
  ) r
  cross join lateral jsonb_to_recordset(r.decisions) as d(
    field text, new text, held text, method text, confidence numeric, evidence text, decision text,
    way text, declared numeric, calibration integer)
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = any (p_vehicle_ids)
        and m.vehicle_id = r.vehicle_id
        and m.field_name = d.field
        and m.validation_status = 'accepted'))
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
  perform private.note_provenance(array[v.id], array[p_item], array[v_decisions], array[v_values]);
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

create or replace function private.apply_one(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_error text := p_item ->> 'error';
  v_mismatch text;
  v_unwritten jsonb := '{}'; -- the steps that could not be written, and why
  v_message text;
  v_detail text;
  v_facts jsonb;
  v_images jsonb := '{}';
  v_changes jsonb;
  v_score_before numeric;
  v_score_after numeric;
  v_was_complete boolean;
  v_closed_a_gap boolean;
  v_state text;
  v_steps jsonb;
  v_live_until timestamptz;
  v_listing bigint;
  v_followed bigint; -- the listing that its sale fields are to follow
  v_several boolean;
begin
  select * into v from public.vehicles where id = (p_item ->> 'vehicle_id')::uuid;
  if not found then
    return jsonb_build_object('outcome', 'no_such_vehicle', 'error', 'no such vehicle');
  end if;
  select overall_score into v_score_before from public.vehicle_quality_scores where vehicle_id = v.id; -- null: new
  v_was_complete := private.is_marked_complete(v.origin_metadata);

  v_mismatch := private.vehicle_mismatch(v, coalesce(p_item -> 'facts', '{}'));
  if v_mismatch is not null then
    v_outcome := 'invalid';
    v_error := v_mismatch;
    -- What the page says of the VIN is kept for a person to see; nothing else of it is this vehicle's.
    p_item := (p_item - array['images', 'image_results', 'auction', 'absent', 'retractions']) || jsonb_build_object(
      'outcome', v_outcome,
      'facts', jsonb_build_object('vin', (p_item -> 'facts' -> 'vin') - array['way', 'declared', 'calibration'] || '{"confidence": 0}'));
  end if;

  -- Each part in a subtransaction of its own: what is good is kept, whatever else breaks.
  begin
    v_listing := private.note_listing(v, p_item, v_outcome);
    v_several := (select count(*) > 1 from public.vehicle_listings where vehicle_id = v.id);
    if v_listing is not null then
      v_followed := case when v_several then private.current_listing(array[v.id]) else v_listing end;
      p_item := p_item || jsonb_build_object(
        'listing_id', v_listing,
        'is_followed', v_listing = v_followed,
        'takes_over', v_several and private.listing_that_is_followed(v) is distinct from v_listing);
    end if;
    v_facts := private.apply_facts(v, p_item);
    if v_several and v_followed <> v_listing then -- what became of this one may leave the field to another
      v_facts := private.with_offer_of(v_facts, private.follow_listing(v.id, v_followed));
    end if;
  exception
  when lock_not_available or deadlock_detected then
    raise; -- the item is handed back whole
  when others then
    get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
    v_unwritten := v_unwritten || private.unwritten_part(p_item, 'facts', v_message, v_detail);
  end;

  if v_outcome = 'gone' then
    update public.auction_events
    set outcome = 'unknown', updated_at = now()
    where vehicle_id = v.id
      and source_url = public.canonical_listing_url(p_item ->> 'source_url')
      and outcome = 'live';
  end if;

  if jsonb_typeof(p_item -> 'auction') = 'object' then
    begin
      v_message := private.apply_auction(
        v.id, p_item ->> 'source_url', coalesce((p_item ->> 'page_at')::timestamptz, now()),
        p_item -> 'auction', coalesce(p_item -> 'bids', '[]'), coalesce(p_item -> 'comments', '[]'));
      if v_message is not null then
        v_unwritten := v_unwritten || private.unwritten_part(p_item, 'auction', v_message, null);
      end if;
      v_live_until := case
        when p_item -> 'auction' ->> 'outcome' = 'live' then (p_item -> 'auction' ->> 'ends_at')::timestamptz
      end;
    exception
    when lock_not_available or deadlock_detected then
      raise; -- the item is handed back whole
    when others then
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
      v_unwritten := v_unwritten || private.unwritten_part(p_item, 'auction', v_message, v_detail);
    end;
  end if;

  if p_item ? 'images' or p_item ? 'image_results' then
    begin
      perform set_config('vehicles.rescore', 'by the writer', true);
      v_images := private.store_image_results(
        v.id,
        array(select jsonb_array_elements_text(coalesce(p_item -> 'images', '[]'))),
        coalesce(p_item -> 'image_results', '[]'));
    exception
    when lock_not_available or deadlock_detected then
      raise; -- the item is handed back whole
    when others then
      get stacked diagnostics v_message = message_text, v_detail = pg_exception_detail;
      v_unwritten := v_unwritten || private.unwritten_part(p_item, 'images', v_message, v_detail);
    end;
  end if;

  -- Once, for facts and images together.
  if coalesce((v_facts ->> 'rescore')::boolean, false) or coalesce((v_images ->> 'stored')::integer, 0) > 0
    or v_score_before is null
  then
    perform private.vehicles_changed(array[v.id]);
  end if;
  perform set_config('vehicles.rescore', '', true);

  -- What was asked for first and cannot be written makes a failed attempt; the rest is tried again on its own.
  v_message := coalesce(v_unwritten ->> (p_item -> 'steps' ->> 0), v_unwritten ->> 'extract_data');
  if v_message is not null then
    v_outcome := 'server_error';
    v_error := 'could not be written: ' || v_message;
  end if;
  v_changes := coalesce(v_facts -> 'changes', '{}');
  select overall_score into v_score_after from public.vehicle_quality_scores where vehicle_id = v.id;
  v_score_before := coalesce(v_score_before, 0);
  v_closed_a_gap := v_score_after > v_score_before
    or coalesce((v_images ->> 'stored')::integer, 0) > 0
    or coalesce(v_facts -> 'filled' <> '[]', false);

  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' then
    v_state := private.settle_micro_scrape(
      v.id, v_outcome, v_closed_a_gap, p_item ->> 'extraction_hash', v_error,
      (p_item ->> 'retry_at')::timestamptz, v_live_until,
      case when p_item ? 'scraper_version' then coalesce(p_item ->> 'method', 'unknown') end,
      p_item ->> 'scraper_version');
  elsif jsonb_typeof(p_item -> 'request') = 'object' then
    v_state := (private.settle_requests(array[p_item], array[v_outcome], array[v_error], array[v_changes]))[1];
  end if;
  perform private.settle_related_work(v, p_item, v_outcome, v_closed_a_gap, v_live_until);
  if v_several then
    perform private.sync_addresses(v.id);
  end if;

  v_steps := (private.note_steps(
    array[v.id], array[p_item], array[v_outcome], array[v_error], array[v_unwritten],
    array[case when v_state in ('pending', 'waiting', 'due') then p_item -> 'request' ->> 'queue' end]))[1];

  return coalesce(v_facts, '{}') - 'rescore' || jsonb_build_object(
    'outcome', v_outcome,
    'error', v_error,
    'steps', v_steps,
    'step_errors', v_unwritten,
    'changes', v_changes,
    'fields_updated', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(v_changes) k),
    'images', v_images,
    'score_before', v_score_before,
    'score_after', v_score_after,
    'gained', v_changes <> '{}' or coalesce((v_images ->> 'stored')::integer, 0) > 0,
    'state', coalesce(v_state, (select state from public.micro_scrape_state where vehicle_id = v.id)),
    'marked_complete', not v_was_complete and (
      select private.is_marked_complete(origin_metadata) from public.vehicles where id = v.id)
  );
end
$$;

create or replace function private.apply_plainly_held(p_items jsonb, p_locked_elsewhere bigint[]) returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the tables are small, and is kept
as $$
declare
  v_places bigint[];
  v_items jsonb[];
  v_vehicles public.vehicles[];
  v_listings public.vehicle_listings[];
  v_ids uuid[];
  v_outcomes text[];
  v_errors text[];
  v_count integer;
  v_read public.vehicle_listings[]; -- the listings that this page says more of, before and after
  v_as_read public.vehicle_listings[];
  v_read_items jsonb[];
  v_looked public.vehicle_listings[]; -- those that were looked at
  v_looked_after public.vehicle_listings[];
  v_looked_items jsonb[];
  v_looked_outcomes text[];
  l public.vehicle_listings;
  v_newer boolean;
  d record;
  v_decisions jsonb[];
  v_values jsonb[];
  v_states jsonb[];
  v_changes jsonb[];
  v_own boolean[];
  v_url text;
  v_new_urls jsonb[];
  v_images jsonb[];
  v_refused text;
  v_to_score uuid[];
  v_scores numeric[];
  v_closed boolean[];
  v_live_until timestamptz[];
  v_vehicles_now public.vehicles[];
  v_passes public.micro_scrape_state[];
  v_written public.micro_scrape_state[] := '{}';
  s public.micro_scrape_state;
  v_ends text[];
  v_asked integer[];
  v_answers text[];
  v_auctions integer[];
  v_steps jsonb[];
begin
  perform from public.vehicle_listings
  where canonical_url in (
    select public.canonical_listing_url(i ->> 'source_url') from jsonb_array_elements(p_items) i)
  order by vehicle_id
  for no key update;
  select array_agg(h.place), array_agg(h.item), array_agg(h.vehicle), array_agg(h.listing)
  into v_places, v_items, v_vehicles, v_listings
  from private.plainly_held(p_items, p_locked_elsewhere) h;
  if v_places is null then
    return '[]';
  end if;
  v_count := cardinality(v_places);
  v_ends := array_fill(null::text, array[v_count]);

  -- How each listing stands now, and what becomes of each field.
  for i in 1 .. v_count loop
    v_ids[i] := v_vehicles[i].id;
    v_outcomes[i] := coalesce(v_items[i] ->> 'outcome', 'ok');
    v_errors[i] := v_items[i] ->> 'error';
    l := v_listings[i];
    v_newer := l.page_at is null or coalesce((v_items[i] ->> 'page_at')::timestamptz, now()) >= l.page_at;
    if v_newer then
      l := private.listing_as_read(l, v_items[i], v_outcomes[i]);
      v_read := v_read || v_listings[i];
      v_as_read := v_as_read || l;
      v_read_items := v_read_items || v_items[i];
    end if;
    -- An older page says only what was there before, unless the site says that it still stands.
    if v_newer or v_outcomes[i] = 'not_modified' then
      v_looked := v_looked || v_listings[i];
      v_looked_after := v_looked_after || l;
      v_looked_items := v_looked_items || v_items[i];
      v_looked_outcomes := v_looked_outcomes || v_outcomes[i];
    end if;

    v_items[i] := v_items[i] || jsonb_build_object('listing_id', v_listings[i].id);
    select * into d from private.decide_facts(v_vehicles[i], v_items[i]);
    v_decisions[i] := d.decisions;
    v_values[i] := d.new_values;
    v_states[i] := d.states;
    v_changes[i] := d.changes;
    v_url := public.canonical_listing_url(v_vehicles[i].listing_url);
    v_own[i] := coalesce(v_listings[i].canonical_url = v_url, true);
    v_new_urls[i] := case
      when jsonb_array_length(coalesce(v_items[i] -> 'images', '[]')) = 0
        and jsonb_array_length(coalesce(v_items[i] -> 'image_results', '[]')) = 0 then '{}'
      else private.image_urls_added(v_vehicles[i].origin_metadata -> 'image_urls', private.image_urls_of(v_items[i]))
    end;
    v_live_until[i] := case
      when v_items[i] -> 'auction' ->> 'outcome' = 'live' then (v_items[i] -> 'auction' ->> 'ends_at')::timestamptz end;
  end loop;

  if v_read is not null then
    perform private.write_listings_as_read(v_read, v_as_read, v_read_items);
  end if;
  if v_looked is not null then
    perform private.note_looks(v_looked, v_looked_after, v_looked_items, v_looked_outcomes);
  end if;
  perform private.note_provenance(v_ids, v_items, v_decisions, v_values);
  perform set_config('vehicles.writer', 'apply_extractions', true);
  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.write_facts_read(v_ids, v_items, v_values, v_states, v_new_urls, v_own);
  perform set_config('vehicles.writer', '', true);

  v_images := array(
    select case
      when r.item ? 'images' or r.item ? 'image_results' then jsonb_build_object(
        'new_urls', r.new_urls <> '{}', 'recorded', 0, 'stored', 0,
        'images', (select count(*) from public.vehicle_images m where m.vehicle_id = r.id))
      else '{}'
    end
    from unnest(v_ids, v_items, v_new_urls) with ordinality r(id, item, new_urls, place)
    order by r.place);
  for i in 1 .. v_count loop
    if jsonb_typeof(v_items[i] -> 'auction') = 'object' then
      v_refused := private.apply_auction(
        v_ids[i], v_items[i] ->> 'source_url', coalesce((v_items[i] ->> 'page_at')::timestamptz, now()),
        v_items[i] -> 'auction', coalesce(v_items[i] -> 'bids', '[]'), coalesce(v_items[i] -> 'comments', '[]'));
      if v_refused is not null then
        raise exception '%', v_refused;
      end if;
    end if;
    if jsonb_array_length(coalesce(v_items[i] -> 'image_results', '[]')) > 0 then -- its URLs came with its facts
      v_images[i] := private.store_image_results(
        v_ids[i], array(select jsonb_array_elements_text(coalesce(v_items[i] -> 'images', '[]'))),
        v_items[i] -> 'image_results') || jsonb_build_object('new_urls', v_new_urls[i] <> '{}');
    end if;
  end loop;

  -- Once, for facts and images together.
  v_scores := array(
    select q.overall_score
    from unnest(v_ids) with ordinality r(id, place)
    left join public.vehicle_quality_scores q
      on q.vehicle_id = any (v_ids) -- by the index, whatever the order of the join
      and q.vehicle_id = r.id
    order by r.place);
  v_to_score := array(
    select r.id
    from unnest(v_ids, v_values, v_states, v_images, v_scores) r(id, new_values, states, images, score)
    where r.new_values <> '{}'
      or r.states <> '{}'
      or (r.images ->> 'stored')::integer > 0
      or r.score is null);
  perform private.vehicles_changed(v_to_score);
  perform set_config('vehicles.rescore', '', true);

  -- Who asked is answered, and so is who would have asked.
  select
    array_agg(v order by r.place), array_agg(m order by r.place),
    array_agg(
      coalesce(q.overall_score > coalesce(r.score, 0), false)
        or coalesce((r.images ->> 'stored')::integer, 0) > 0
        or r.decisions @? '$[*] ? (@.decision == "filled")'
      order by r.place)
  into v_vehicles_now, v_passes, v_closed
  from unnest(v_ids, v_images, v_scores, v_decisions) with ordinality r(id, images, score, decisions, place)
  join public.vehicles v on v.id = any (v_ids) and v.id = r.id
  left join public.micro_scrape_state m on m.vehicle_id = any (v_ids) and m.vehicle_id = r.id
  left join public.vehicle_quality_scores q on q.vehicle_id = any (v_ids) and q.vehicle_id = r.id;
  for i in 1 .. v_count loop
    s := v_passes[i];
    if v_items[i] -> 'request' ->> 'queue' = 'micro_scrape_state' then
      s := private.state_after_pass(
        s, v_vehicles_now[i], v_outcomes[i], v_closed[i], v_items[i] ->> 'extraction_hash', v_errors[i],
        (v_items[i] ->> 'retry_at')::timestamptz, v_live_until[i],
        case when v_items[i] ? 'scraper_version' then coalesce(v_items[i] ->> 'method', 'unknown') end,
        v_items[i] ->> 'scraper_version');
      v_ends[i] := s.state;
    elsif jsonb_typeof(v_items[i] -> 'request') = 'object' then
      v_asked := v_asked || i;
    end if;
    if v_own[i] then
      s := private.state_after_reading(
        s, v_vehicles_now[i], v_items[i], v_outcomes[i], v_closed[i], v_live_until[i]);
      if v_items[i] ? 'bids' and private.was_read_whole(v_items[i], v_outcomes[i]) then
        v_auctions := v_auctions || i;
      end if;
    end if;
    if s is distinct from v_passes[i] then
      v_written := v_written || s;
      v_passes[i] := s;
    end if;
  end loop;
  if v_asked is not null then
    v_answers := private.settle_requests(
      array(select v_items[i] from unnest(v_asked) i), array(select v_outcomes[i] from unnest(v_asked) i),
      array(select v_errors[i] from unnest(v_asked) i), array(select v_changes[i] from unnest(v_asked) i));
    for i in 1 .. cardinality(v_asked) loop
      v_ends[v_asked[i]] := v_answers[i];
    end loop;
  end if;
  if v_written <> '{}' then
    perform private.write_states(v_written);
  end if;
  if v_auctions is not null then
    perform private.end_auction_requests(
      array(select v_ids[i] from unnest(v_auctions) i), array(select v_items[i] from unnest(v_auctions) i),
      array(select v_outcomes[i] from unnest(v_auctions) i));
  end if;
  v_steps := private.note_steps(
    v_ids, v_items, v_outcomes, v_errors, array_fill('{}'::jsonb, array[v_count]),
    array(
      select case when r.state in ('pending', 'waiting', 'due') then r.item -> 'request' ->> 'queue' end
      from unnest(v_items, v_ends) with ordinality r(item, state, place)
      order by r.place));

  return (
    select jsonb_agg(
      private.decided_fields(n.decisions) || jsonb_build_object(
        'vehicle_id', n.item -> 'vehicle_id',
        'index', n.place - 1,
        'can_heal', private.can_heal(n.outcome),
        'outcome', n.outcome,
        'error', n.error,
        'steps', n.steps,
        'step_errors', '{}'::jsonb,
        'changes', n.changes,
        'fields_updated', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(n.changes) k),
        'images', n.images,
        'score_before', coalesce(n.score, 0),
        'score_after', q.overall_score,
        'gained', n.changes <> '{}' or coalesce((n.images ->> 'stored')::integer, 0) > 0,
        'state', coalesce(n.state, m.state),
        'marked_complete', private.is_marked_complete(v.origin_metadata)
          and not private.is_marked_complete(v_vehicles[n.n].origin_metadata)))
    from unnest(
      v_places, v_items, v_ids, v_decisions, v_changes, v_images, v_steps, v_outcomes, v_errors, v_scores, v_ends)
      with ordinality
      n(place, item, id, decisions, changes, images, steps, outcome, error, score, state, n)
    join public.vehicles v on v.id = any (v_ids) and v.id = n.id
    left join public.vehicle_quality_scores q on q.vehicle_id = any (v_ids) and q.vehicle_id = n.id
    left join public.micro_scrape_state m on m.vehicle_id = any (v_ids) and m.vehicle_id = n.id
  );
exception
when lock_not_available or deadlock_detected then
  return null; -- it has waited once: its caller waits no more
when others then
  -- Each is tried by itself then, and the one that cannot be written says so.
  raise log 'apply_extractions writes % items one by one: % (%)', cardinality(v_places), sqlerrm, sqlstate;
  return '[]';
end
$$;

create or replace function private.as_uuid(p_text text) returns uuid
language plpgsql immutable parallel safe -- its plan is kept, which matters at several calls an item
set search_path = ''
as $$
begin
  return case when pg_input_is_valid(p_text, 'uuid') then p_text::uuid end;
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
  v_state jsonb := v_held -> 'field_state'; -- unpacked once, not at each mention
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
        v_method, v_version, v_state -> f ->> 'version'))), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'read_again', '[]')) f
    where v_outcome in ('ok', 'not_modified')
      and f = any (private.fact_columns())
      and not v_facts ? f
      and v_held ->> f is not null
      and v_state -> f ->> 'method' = v_method
      and private.version_number(v_state -> f ->> 'version') < private.version_number(v_version)
      and (v_state -> f ->> 'page_at')::timestamptz >= v_page_at
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
        and coalesce(v_state -> f ->> 'method', '') not like 'manual%'
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
  met as materialized (
    select i.*, v_held ->> i.field as held, v_state -> i.field as state
    from incoming i
  ),
  decided as materialized ( -- decided once, not once a mention below
    select
      m.*,
      private.merge_decision(
        m.field, m.held,
        case
          when v_takes_over
            and m.field = any (private.sale_columns())
            and coalesce(m.state ->> 'method', '') not like 'manual%'
            then m.state || jsonb_build_object('source', v_source, 'confidence', 0, 'page_at', '-infinity')
          else m.state
        end,
        m.new, m.confidence, m.method, v_version, v_source, v_page_at
      ) as decision,
      -- Another source, or a better reading, says the same: that is worth more than one saying it twice.
      coalesce(m.state ->> 'method', '') not like 'manual%'
        and m.confidence > (m.state ->> 'confidence')::numeric
        and (
          m.state ->> 'source' is distinct from v_source
          or coalesce(
            private.version_number(v_version) > private.version_number(m.state ->> 'version'), false)
        ) as is_stronger,
      m.state -> 'conflict' ->> 'source' = v_source as ends_a_conflict,
      -- The same sum or status, of another offer.
      v_takes_over
        and m.field = any (private.sale_columns())
        and coalesce(m.state ->> 'method', '') not like 'manual%'
        and m.state is not null as moves
    from met m
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
  changes := '{}';
  if new_values <> '{}' then
    v_after := to_jsonb(jsonb_populate_record(v, new_values));
    changes := (
      select jsonb_object_agg(f, jsonb_build_object('old', v_held -> f, 'new', v_after -> f))
      from jsonb_object_keys(new_values) f
    );
  end if;

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
      and v_state -> f is null
  ) || states;
end
$$;

create or replace function private.decided_fields(p_decisions jsonb) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'filled', coalesce(jsonb_agg(d.field) filter (where d.decision = 'filled'), '[]'),
      'corrected', coalesce(jsonb_agg(d.field) filter (where d.decision = 'replaced'), '[]'),
      'cleared', coalesce(jsonb_agg(d.field) filter (where d.decision = 'cleared'), '[]'),
      'confirmed', coalesce(jsonb_agg(d.field) filter (where d.decision = 'confirmed'), '[]'),
      'conflicts', coalesce(jsonb_agg(d.field) filter (where d.decision = 'conflict'), '[]'))
    from jsonb_to_recordset(p_decisions) as d(field text, decision text)
  );
end
$$;

create or replace function private.end_auction_requests(p_vehicle_ids uuid[], p_items jsonb[], p_outcomes text[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  update public.bat_extraction_queue q
  set status = case when r.outcome = 'gone' then 'failed' else 'complete' end,
      outcome_code = r.outcome,
      error_message = r.item ->> 'error',
      next_attempt_at = null,
      processed_at = now()
  from unnest(p_vehicle_ids, p_items, p_outcomes) r(vehicle_id, item, outcome)
  where q.vehicle_id = any (p_vehicle_ids) -- by the index, whatever the order of the join
    and q.vehicle_id = r.vehicle_id
    and q.id in (
      select o.id
      from public.bat_extraction_queue o
      where o.vehicle_id = r.vehicle_id
        and o.status = 'pending'
        -- asked for since: it is read again
        and o.updated_at <= coalesce((r.item ->> 'page_at')::timestamptz, now()) + interval '1 minute'
      for update skip locked
    );
end
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
  perform private.note_vins_of(v_ids);
  perform private.add_readings(v_ids, v_items, v_decisions);
  for i in 1 .. cardinality(v_items) loop
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
  if exists (
    select from unnest(v_ids) n(id) cross join lateral private.same_car(n.id) s where s.vehicle_id is not null
  ) then
    raise exception 'one of these cars is here: it came since this was asked, or its VIN is spelt in another way';
  end if;
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
  end loop;
  v_steps := private.note_steps(
    v_ids, array(select i - 'request' from unnest(v_items) i), array_fill('ok'::text, array[cardinality(v_items)]),
    array(select i ->> 'error' from unnest(v_items) i), array_fill('{}'::jsonb, array[cardinality(v_items)]),
    array_fill(null::text, array[cardinality(v_items)]));
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
exception
when lock_not_available or deadlock_detected then
  return null; -- it has waited once: its caller waits no more
when others then
  -- Each is tried by itself then, and the one that cannot be written says so.
  raise log 'import_listings writes % items one by one: % (%)', cardinality(v_places), sqlerrm, sqlstate;
  return '[]';
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
    v_steps := (private.note_steps(
      array[null::uuid], array[p_item], array[p_item ->> 'outcome'], array[p_item ->> 'error'], array['{}'::jsonb],
      array[null::text]))[1];
    if v_queued then
      v_state := (private.settle_requests(
        array[p_item], array[p_item ->> 'outcome'], array[p_item ->> 'error'], array['{}'::jsonb]))[1];
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
    v_state := (private.settle_requests(
      array[p_item], array[v_result ->> 'outcome'], array[v_result ->> 'error'], array['{}'::jsonb]))[1];
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
  end loop;
  perform private.note_looks(v_before, v_after, p_items, array_fill('ok'::text, array[cardinality(p_items)]));
end
$$;

create or replace function private.leases_held(p_items jsonb) returns bigint[]
language plpgsql
set search_path = ''
as $$
declare
  v_held bigint[];
  v_ids uuid[] := array(select private.as_uuid(i ->> 'vehicle_id') from jsonb_array_elements(p_items) i);
  v_queue text;
  v_places bigint[];
begin
  v_held := array(
    select e.n
    from jsonb_array_elements(p_items) with ordinality e(i, n)
    left join public.micro_scrape_state s
      on s.vehicle_id = any (v_ids) -- by the index, whatever the order of the join
      and s.vehicle_id = private.as_uuid(e.i ->> 'vehicle_id')
      and s.lease_token = private.as_uuid(e.i -> 'request' ->> 'lease_token')
    where coalesce(jsonb_typeof(e.i -> 'request'), 'null') = 'null'
      or (e.i -> 'request' ->> 'queue' = 'micro_scrape_state' and s.vehicle_id is not null));
  for v_queue in
    select q.table_name
    from private.queues q
    where q.table_name in (select i -> 'request' ->> 'queue' from jsonb_array_elements(p_items) i)
  loop
    execute format(
      $sql$
        select array(
          select e.n
          from jsonb_array_elements($1) with ordinality e(i, n)
          join public.%I q on q.id = private.as_uuid(e.i -> 'request' ->> 'id')
          where e.i -> 'request' ->> 'queue' = $2
            and q.lease_token = private.as_uuid(e.i -> 'request' ->> 'lease_token'))
      $sql$, v_queue)
    into v_places
    using p_items, v_queue;
    v_held := v_held || v_places;
  end loop;
  return v_held;
end
$$;

create or replace function private.listing_likeness(p_seller text, p_title text, p_mileage integer) returns text
language sql immutable parallel safe
return md5(lower(nullif(btrim(p_seller), '')) || e'\n' || lower(nullif(btrim(p_title), '')) || e'\n' || p_mileage::text);

create or replace function private.merge_decision(
  p_field text,
  p_held text,
  p_state jsonb,
  p_new text,
  p_new_confidence numeric,
  p_new_method text,
  p_new_version text,
  p_source text,
  p_page_at timestamptz
) returns text
language plpgsql immutable parallel safe -- cheaper than a query, and called for every fact of a page
set search_path = ''
as $$
begin
  return case
    -- A person's word stands; a difference is shown.
    when coalesce(p_state ->> 'method', '') like 'manual%' and p_held is not null then
      case
        when p_new is not null
          and (p_held = p_new or private.normal_value(p_field, p_held) = private.normal_value(p_field, p_new))
          then 'confirmed'
        else 'conflict'
      end
    -- What a person took away does not come back by itself.
    when p_new is not null and p_state -> 'rejected' is not null and private.is_rejected(p_field, p_state, p_new) then 'conflict'
    -- Taken back by the page itself.
    when p_new is null then case when p_held is null then 'nothing' else 'cleared' end
    when p_held is null then 'filled'
    when p_held = p_new then 'confirmed' -- as nearly all of what is read again
    when private.normal_value(p_field, p_held) = private.normal_value(p_field, p_new) then 'confirmed'
    -- Words of our own never stand against the source's, in either direction.
    when p_new_method like 'generated%' and coalesce(p_state ->> 'method', '') not like 'generated%' then 'nothing'
    when coalesce(p_state ->> 'method', '') like 'generated%' then 'replaced'
    when p_new_confidence >= coalesce((p_state ->> 'confidence')::numeric, 0.5) + 0.15 then 'replaced'
    when p_state ->> 'source' = p_source
      and p_new_confidence >= coalesce((p_state ->> 'confidence')::numeric, 0.5)
      and (
        p_page_at > (p_state ->> 'page_at')::timestamptz
        or coalesce(private.version_number(p_new_version) > private.version_number(p_state ->> 'version'), false)
      )
      then 'replaced'
    else 'conflict'
  end;
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
      perform private.note_looks(array[b], array[b], array[p_item], array[p_outcome]);
    end if;
    return b.id; -- nothing was seen, or only what was there before
  end if;

  l := private.listing_as_read(b, p_item, p_outcome);
  perform private.write_listings_as_read(array[b], array[l], array[p_item]);
  perform private.note_looks(array[b], array[l], array[p_item], array[p_outcome]);
  return l.id;
end
$$;

create or replace function private.note_looks(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[], p_outcomes text[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_ids bigint[] := array(select a.id from unnest(p_after) a);
  v_checks public.listing_checks[];
  b public.vehicle_listings;
  l public.vehicle_listings;
  c public.listing_checks;
  v_at timestamptz;
  v_over bigint[] := '{}';
  v_next timestamptz[] := array_fill(null::timestamptz, array[cardinality(p_after)]);
  v_seen timestamptz[] := v_next;
  v_unchanged timestamptz[] := v_next;
begin
  perform from public.listing_checks where listing_id = any (v_ids) order by listing_id for no key update;
  v_checks := array(
    select k
    from unnest(v_ids) with ordinality u(id, place)
    left join public.listing_checks k
      on k.listing_id = any (v_ids) -- by the index, whatever the order of the join
      and k.listing_id = u.id
    order by u.place);
  for i in 1 .. cardinality(p_after) loop
    b := p_before[i];
    l := p_after[i];
    c := v_checks[i];
    v_at := private.seen_at(p_items[i], p_outcomes[i]);
    if c.known_at < v_at and b.status in ('for_sale', 'live') then
      perform private.add_look(
        b, v_at, case when b.status = 'for_sale' then c.known_at end,
        b.status <> l.status or coalesce(b.price <> l.price, false),
        case p_outcomes[i] when 'not_modified' then 'not_modified' else 'page' end);
    end if;
    if p_outcomes[i] = 'not_modified' and v_at > l.last_seen_at then
      v_unchanged[i] := v_at;
    end if;
    if l.status not in ('for_sale', 'live') then
      v_over := v_over || l.id;
    elsif c.known_at is null or v_at > c.known_at then -- else nothing that was not known
      v_seen[i] := v_at;
      v_next[i] := greatest(now(), private.next_look_at(
        l.status, private.look_every(l.source_host, l.kind, v_at - l.listed_at), v_at,
        coalesce(
          (p_items[i] -> 'auction' ->> 'ends_at')::timestamptz,
          (select e.ends_at from public.auction_events e where e.source_url = l.canonical_url))));
    end if;
  end loop;

  if array_remove(v_unchanged, null) <> '{}' then
    update public.vehicle_listings h
    set last_seen_at = u.at
    from unnest(v_ids, v_unchanged) u(id, at)
    where h.id = any (v_ids) and h.id = u.id and u.at is not null;
  end if;
  -- A row that is leased goes when its worker settles it.
  if v_over <> '{}' then
    delete from public.listing_checks where listing_id = any (v_over) and status <> 'processing';
  end if;
  if array_remove(v_seen, null) <> '{}' then
    insert into public.listing_checks as held (listing_id, vehicle_id, listing_url, requeue_at, known_at)
    select h.id, h.vehicle_id, h.listing_url, u.next_at, u.seen_at
    from unnest(v_ids, v_next, v_seen) u(id, next_at, seen_at)
    join public.vehicle_listings h on h.id = u.id
    where h.id = any (v_ids) and u.seen_at is not null
    order by h.id
    on conflict (listing_id) do update
    set requeue_at = excluded.requeue_at,
        known_at = excluded.known_at,
        failed_rounds = 0,
        -- A worker that holds it settles it itself; anybody else's look is its look.
        status = case when held.status = 'processing' then 'processing' else 'complete' end,
        attempts = case when held.status = 'processing' then held.attempts else 0 end,
        next_attempt_at = null,
        processed_at = case when held.status = 'processing' then held.processed_at else now() end;
  end if;
end
$$;

create or replace function private.note_provenance(
  p_vehicle_ids uuid[], p_items jsonb[], p_decisions jsonb[], p_values jsonb[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_sources text[] := array(select private.url_host(i ->> 'source_url') from unnest(p_items) i);
begin
  -- What is no longer held or no longer disputed, what is confirmed, then what was read.
  if exists (select from unnest(p_values) r(new_values) where r.new_values <> '{}') then
    update public.extraction_metadata m
    set validation_status = case when r.new_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    from unnest(p_vehicle_ids, p_values) r(vehicle_id, new_values)
    where m.vehicle_id = any (p_vehicle_ids) -- by the index, whatever the order of the join
      and m.vehicle_id = r.vehicle_id
      and m.validation_status = 'accepted'
      and r.new_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from unnest(p_vehicle_ids, v_sources, p_decisions) r(vehicle_id, source, decisions)
  cross join lateral jsonb_to_recordset(r.decisions) as d(field text, new text, decision text)
  where m.vehicle_id = any (p_vehicle_ids)
    and m.vehicle_id = r.vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = r.source
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end),
      reading_way = coalesce(m.reading_way, case when private.url_host(m.source_url) = r.source then d.way end)
  from unnest(p_vehicle_ids, v_sources, p_decisions) r(vehicle_id, source, decisions)
  cross join lateral jsonb_to_recordset(r.decisions)
    as d(field text, confidence numeric, decision text, is_stronger boolean, way text)
  where m.vehicle_id = any (p_vehicle_ids)
    and m.vehicle_id = r.vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  perform private.add_readings(p_vehicle_ids, p_items, p_decisions);
  for i in 1 .. cardinality(p_vehicle_ids) loop
    -- Most are what the same source said before.
    if jsonb_path_exists(
      p_decisions[i], '$[*].state.source ? (@ != $source)', jsonb_build_object('source', v_sources[i]))
    then
      perform private.compare_sources(p_vehicle_ids[i], v_sources[i], p_decisions[i]);
    end if;
  end loop;
end
$$;

create or replace function private.note_steps(
  p_vehicle_ids uuid[], p_items jsonb[], p_outcomes text[], p_errors text[], p_unwritten jsonb[], p_retried_by text[]
) returns jsonb[]
language plpgsql
set search_path = ''
as $$
declare
  v_steps jsonb[];
begin
  with made as materialized (
    select * from private.reading_steps(p_items, p_outcomes, p_errors, p_unwritten)
  ),
  noted as (
    insert into public.scrape_steps
      (vehicle_id, step_name, status, error_message, metadata, completed_at, source, url, outcome_code, duration_ms)
    select
      r.vehicle_id,
      m.step_name,
      m.status,
      m.error_message,
      m.metadata || case
        -- A step that is tried again alone is not queued a second time, also when it has failed for good.
        when m.place = 1 and r.queue = 'scrape_retry_queue' then '{"retried_by": "scrape_retry_queue"}'
        when m.status = 'failed' and r.retried_by is not null then jsonb_build_object('retried_by', r.retried_by)
        else '{}'
      end,
      now(),
      r.source,
      nullif(r.url, ''),
      m.outcome_code,
      m.duration_ms
    from (
      select
        u.vehicle_id, u.retried_by, u.reading,
        u.item -> 'request' ->> 'queue' as queue, u.item ->> 'source_url' as url,
        private.url_host(u.item ->> 'source_url') as source
      from unnest(p_vehicle_ids, p_items, p_retried_by) with ordinality u(vehicle_id, item, retried_by, reading)
      offset 0 -- once a reading, not once a step
    ) r
    join made m on m.reading = r.reading
    order by r.reading, m.place
  ),
  told as (
    select m.reading, jsonb_agg(
      jsonb_build_object(
        'step_name', m.step_name, 'status', m.status, 'outcome_code', m.outcome_code,
        'error_message', m.error_message, 'duration_ms', m.duration_ms)
      order by m.place) as steps
    from made m
    group by m.reading
  )
  select array_agg(coalesce(t.steps, '[]') order by r.reading)
  into v_steps
  from generate_subscripts(p_items, 1) r(reading)
  left join told t on t.reading = r.reading;
  return v_steps;
end
$$;

create or replace function private.offer_of(p_item jsonb, p_held jsonb) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
begin
  if not coalesce(p_item -> 'facts', '{}') ?| private.sale_columns() then
    return coalesce(p_held, '{}');
  end if;
  return jsonb_build_object(
    'facts', (
      select jsonb_object_agg(f.key, f.value - 'evidence' - 'way')
      from jsonb_each(p_item -> 'facts') f
      where f.key = any (private.sale_columns())),
    'method', p_item -> 'method',
    'scraper_version', p_item -> 'scraper_version');
end
$$;

create or replace function private.plainly_held(p_items jsonb, p_locked_elsewhere bigint[])
returns table (place bigint, item jsonb, vehicle public.vehicles, listing public.vehicle_listings)
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_places bigint[] := private.leases_held(p_items);
  v_ids uuid[] := array(select private.as_uuid(i ->> 'vehicle_id') from jsonb_array_elements(p_items) i);
begin
  return query
  with items as materialized (
    select
      e.n,
      e.i,
      private.as_uuid(e.i ->> 'vehicle_id') as vehicle_id,
      public.canonical_listing_url(e.i ->> 'source_url') as canonical,
      upper(e.i -> 'facts' -> 'vin' ->> 'value') as vin,
      (e.i -> 'request' ->> 'queue') || ' ' || (e.i -> 'request' ->> 'id') as request
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  ),
  counted as (
    select
      i.*,
      count(*) over (partition by i.vehicle_id) as of_vehicle,
      case when i.vin is not null then count(*) over (partition by i.vin) end as of_vin,
      case when i.request is not null then count(*) over (partition by i.request) end as of_request
    from items i
  )
  select c.n, c.i, v, l
  from counted c
  join public.vehicles v on v.id = c.vehicle_id
  join public.vehicle_listings l on l.canonical_url = c.canonical and l.vehicle_id = v.id
  where v.id = any (v_ids) -- by the index, whatever the order of the join
    and l.vehicle_id = any (v_ids)
    and c.of_vehicle = 1
    and coalesce(c.of_vin, 1) = 1
    and coalesce(c.of_request, 1) = 1
    and coalesce(c.i ->> 'outcome', 'ok') in ('ok', 'not_modified')
    and c.n = any (v_places)
    and not c.n = any (p_locked_elsewhere)
    -- Of one car: where the page names another VIN, it is looked at whose page it is.
    and coalesce(c.vin = upper(v.vin), true)
    -- Of several listings one gives the sale fields.
    and not exists (select from public.vehicle_listings o where o.vehicle_id = any (v_ids) and o.vehicle_id = v.id and o.id <> l.id)
  order by v.id;
end
$$;

create or replace function private.read_by_older(p_items jsonb[], p_outcomes text[]) returns text[]
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  return array(
    select o.waits
    from unnest(p_items, p_outcomes) with ordinality r(item, outcome, place)
    left join lateral (
      select case when private.version_number(r.item ->> 'scraper_version') < private.version_number(v.version)
        then private.waits_for_deployment(v.scraper_name, v.version, r.item ->> 'scraper_version') end as waits
      from public.backfill_queue b
      join public.scraper_versions v on v.id = b.scraper_version_id
      where private.was_read(r.outcome)
        and r.item -> 'request' ->> 'queue' = 'backfill_queue'
        and b.id = (r.item -> 'request' ->> 'id')::uuid
        -- By the index, whatever the order of the join.
        and b.id = any (array(select private.as_uuid(i -> 'request' ->> 'id') from unnest(p_items) i))
        and r.item ->> 'method' = v.scraper_name
    ) o on true
    order by r.place
  );
end
$$;

create or replace function private.reading_steps(
  p_items jsonb[], p_outcomes text[], p_errors text[], p_unwritten jsonb[]
)
returns table (
  reading bigint, place bigint, step_name text, status text, outcome_code text, error_message text,
  duration_ms integer, metadata jsonb
)
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
    with readings as materialized (
      select
        r.reading,
        r.item -> 'steps' as steps,
        r.outcome,
        r.error,
        r.unwritten,
        r.item ->> 'outcome' as page_outcome,
        coalesce(r.item ->> 'outcome' in ('ok', 'not_modified'), false) as page_was_read,
        coalesce(r.item -> 'facts' ? 'vin', false) as has_vin,
        coalesce(r.item -> 'facts' ? 'description', false) as has_description,
        jsonb_typeof(r.item -> 'auction') = 'object' as has_auction,
        jsonb_array_length(coalesce(r.item -> 'images', '[]')) as images,
        jsonb_array_length(coalesce(r.item -> 'bids', '[]')) as bids,
        jsonb_array_length(coalesce(r.item -> 'comments', '[]')) as comments,
        jsonb_array_length(coalesce(r.item -> 'image_results', '[]')) as images_tried,
        r.item -> 'image_results' -> -1 as last_image,
        coalesce(r.item -> 'cover', '{}') as cover,
        (r.item ->> 'duration_ms')::integer as duration_ms,
        coalesce(r.item -> 'step_metadata', '{}') as step_metadata
      from unnest(p_items, p_outcomes, p_errors, p_unwritten) with ordinality
        r(item, outcome, error, unwritten, reading)
    ),
    asked as (
      select r.*, a.step_name, a.place
      from readings r
      cross join lateral jsonb_array_elements_text(coalesce(r.steps, '[]')) with ordinality a(step_name, place)
    ),
    made as materialized (
      -- The picture has an end of its own. It was tried, whether the page could be read or not.
      select
        a.reading,
        a.place,
        a.step_name,
        case a.last_image ->> 'kind' when 'stored' then 'success' when 'failed' then 'failed' else 'skipped' end as status,
        case a.last_image ->> 'kind' when 'stored' then 'ok' when 'failed' then a.last_image ->> 'code' end as outcome_code,
        case when a.last_image ->> 'kind' is distinct from 'stored' then a.cover ->> 'message' end as error_message,
        (a.cover ->> 'duration_ms')::integer as duration_ms,
        jsonb_build_object('tried', a.images_tried, 'known', a.cover -> 'known') as metadata,
        a.unwritten,
        a.step_metadata
      from asked a
      where a.step_name = 'backfill_images'
      union all
      -- A page that could not be read fails the step that it was asked for; nothing else was begun.
      select a.reading, a.place, a.step_name, 'failed', a.outcome, a.error, a.duration_ms, '{}', a.unwritten, a.step_metadata
      from asked a
      where a.step_name <> 'backfill_images'
        and not a.page_was_read
        and a.place = 1
      union all
      -- Of a page that was read each step took what was there. They share one fetch, and its time.
      select
        a.reading,
        a.place,
        a.step_name,
        case when found.something then 'success' else 'skipped' end,
        case when found.something then case a.step_name when 'extract_data' then a.page_outcome else 'ok' end end,
        case when a.step_name = 'generate_description' and not found.something then 'too little is known' end,
        a.duration_ms,
        case a.step_name
          when 'extract_images' then jsonb_build_object('count', a.images)
          when 'extract_comments' then jsonb_build_object('bids', a.bids, 'comments', a.comments)
          else '{}'
        end,
        a.unwritten,
        a.step_metadata
      from asked a
      cross join lateral (
        select case a.step_name
          when 'extract_vin' then a.has_vin
          when 'extract_images' then a.images > 0
          when 'extract_comments' then a.bids + a.comments > 0
          when 'generate_description' then a.has_description
          else true
        end as something
      ) found
      where a.step_name <> 'backfill_images'
        and a.page_was_read
        and (a.step_name <> 'extract_comments' or a.has_auction) -- no auction, no comments
    )
    select
      m.reading,
      m.place,
      m.step_name,
      case when m.unwritten ? m.step_name then 'failed' else m.status end,
      case when m.unwritten ? m.step_name then 'server_error' else m.outcome_code end,
      coalesce(m.unwritten ->> m.step_name, m.error_message),
      m.duration_ms,
      m.metadata || case when m.place = 1 then m.step_metadata else '{}' end
    from made m
    union all
    -- Nobody asked for it, and it could not be written.
    select r.reading, null, f.key, 'failed', 'server_error', f.value, null, '{}'
    from readings r
    cross join lateral jsonb_each_text(r.unwritten) f
    where not exists (select from made m where m.reading = r.reading and m.step_name = f.key);
end
$$;

create or replace function private.seen_at(p_item jsonb, p_outcome text) returns timestamptz
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if p_outcome = 'not_modified' then -- what the site calls unchanged is an old page that was seen again
    return greatest(
      coalesce((p_item ->> 'page_at')::timestamptz, now()),
      (select s.last_seen_at from public.page_snapshots s where s.id = private.as_uuid(p_item ->> 'snapshot_id')));
  end if;
  return coalesce((p_item ->> 'page_at')::timestamptz, now());
end
$$;

create or replace function private.settle_micro_scrape(
  p_vehicle_id uuid, p_outcome text, p_closed_a_gap boolean, p_hash text, p_error text,
  p_retry_at timestamptz, p_live_until timestamptz,
  p_scraper text default null, p_scraper_version text default null
) returns text
language plpgsql
set search_path = ''
as $$
declare
  s public.micro_scrape_state;
  v public.vehicles;
begin
  select * into s from public.micro_scrape_state where vehicle_id = p_vehicle_id;
  select * into v from public.vehicles where id = p_vehicle_id;
  s := private.state_after_pass(
    s, v, p_outcome, p_closed_a_gap, p_hash, p_error, p_retry_at, p_live_until, p_scraper, p_scraper_version);
  perform private.write_states(array[s]);
  return s.state;
end
$$;

create or replace function private.settle_related_work(
  v public.vehicles, p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_before public.micro_scrape_state;
  v_after public.micro_scrape_state;
  v_now public.vehicles;
begin
  if public.canonical_listing_url(p_item ->> 'source_url') is distinct from public.canonical_listing_url(v.listing_url) then
    return; -- another listing than the one that a pass reads
  end if;

  select * into v_before from public.micro_scrape_state where vehicle_id = v.id;
  select * into v_now from public.vehicles where id = v.id;
  v_after := private.state_after_reading(v_before, v_now, p_item, p_outcome, p_closed_a_gap, p_live_until);
  if v_after is distinct from v_before then
    perform private.write_states(array[v_after]);
  end if;
  if p_outcome = 'gone' or (p_item ? 'bids' and private.was_read_whole(p_item, p_outcome)) then
    perform private.end_auction_requests(array[v.id], array[p_item], array[p_outcome]);
  end if;
end
$$;

create or replace function private.settle_requests(p_items jsonb[], p_outcomes text[], p_errors text[], p_changes jsonb[])
returns text[]
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_states text[] := array_fill(null::text, array[cardinality(p_items)]);
  v_waits text[] := private.read_by_older(p_items, p_outcomes);
  v_state text;
  v_backfills boolean := false;
  v_queue text;
  v_rows jsonb;
  v_settled jsonb;
begin
  for i in 1 .. cardinality(p_items) loop
    if v_waits[i] is not null then
      update public.backfill_queue
      set status = 'pending',
          lease_token = null,
          lease_expires_at = null,
          attempts = greatest(attempts - 1, 0),
          next_attempt_at = 'infinity',
          error_message = v_waits[i]
      where id = (p_items[i] -> 'request' ->> 'id')::uuid
        and lease_token = (p_items[i] -> 'request' ->> 'lease_token')::uuid
      returning status into v_state;
      v_states[i] := v_state;
      v_backfills := true;
    end if;
  end loop;

  for v_queue, v_rows in
    select r.item -> 'request' ->> 'queue', jsonb_agg(jsonb_build_object(
      'id', (r.item -> 'request' ->> 'id')::uuid,
      'lease_token', (r.item -> 'request' ->> 'lease_token')::uuid,
      'outcome', r.outcome,
      'error', r.error,
      'retry_at', (r.item ->> 'retry_at')::timestamptz) order by r.place)
    from unnest(p_items, p_outcomes, p_errors, v_waits) with ordinality r(item, outcome, error, waits, place)
    where r.waits is null
    group by 1
    order by 1
  loop
    v_settled := public.settle_queue(v_queue, v_rows);
    select array_agg(coalesce(s.status, r.state) order by r.place)
    into v_states
    from unnest(p_items, v_states) with ordinality r(item, state, place)
    left join jsonb_to_recordset(v_settled) s(id uuid, status text)
      on r.item -> 'request' ->> 'queue' = v_queue and s.id = (r.item -> 'request' ->> 'id')::uuid;
    if v_queue = 'backfill_queue' then
      v_backfills := true;
    end if;
  end loop;

  if v_backfills then
    update public.backfill_queue q
    set changes_detected = r.changes,
        fields_updated = array(select k from jsonb_object_keys(r.changes) k order by k),
        read_by_version = case
          when r.item ->> 'method' = (
            select v.scraper_name from public.scraper_versions v where v.id = q.scraper_version_id)
          then r.item ->> 'scraper_version' end
    from unnest(p_items, p_changes) r(item, changes)
    -- By the index, whatever the order of the join.
    where q.id = any (array(select private.as_uuid(i -> 'request' ->> 'id') from unnest(p_items) i))
      and q.id = (r.item -> 'request' ->> 'id')::uuid
      and r.item -> 'request' ->> 'queue' = 'backfill_queue';
  end if;
  return v_states;
end
$$;

create or replace function private.state_after_pass(
  s public.micro_scrape_state, v public.vehicles,
  p_outcome text, p_closed_a_gap boolean, p_hash text, p_error text,
  p_retry_at timestamptz, p_live_until timestamptz, p_scraper text, p_scraper_version text
) returns public.micro_scrape_state
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  s.last_checked_at := now();
  s.last_outcome := p_outcome;
  s.last_error := p_error;
  s.last_scraper := coalesce(p_scraper, s.last_scraper);
  s.last_scraper_version := coalesce(p_scraper_version, s.last_scraper_version);
  s.lease_token := null;
  s.lease_expires_at := null;

  if private.was_read(p_outcome) or p_outcome = 'unreadable' then
    s.failures := 0;
    s.blocked_days := 0;
    s.extraction_hash := coalesce(p_hash, s.extraction_hash);
    -- A gain starts the waits anew; the page that gave it has been read now. A value that only changes,
    -- as some pages do at every look, closes no gap.
    s.no_gain_passes := case when p_closed_a_gap then 1 else least(s.no_gain_passes + 1, 100) end;
    if private.is_complete(v, s.score) then
      s.state := 'complete';
      s.due_at := now();
    elsif v.sale_status = 'live' and p_live_until > now() then
      s.state := 'waiting';
      s.due_at := least(p_live_until, now() + interval '30 days') + interval '10 minutes';
      s.no_gain_passes := 0;
    elsif private.no_gain_wait(s.no_gain_passes) is null then
      s.state := 'exhausted';
    else
      s.state := 'waiting';
      s.due_at := now() + private.no_gain_wait(s.no_gain_passes);
    end if;

  elsif p_outcome = 'gone' then
    s.state := 'ended';

  elsif private.is_final(p_outcome) then
    s.state := 'failed';

  elsif private.is_refused(p_outcome) then
    s.blocked_days := private.days_blocked(p_outcome, s.blocked_days, s.last_blocked_on);
    s.last_blocked_on := case when private.is_walled(p_outcome) then current_date else s.last_blocked_on end;
    s.state := case when s.blocked_days >= private.max_blocked_days() then 'failed' else 'waiting' end;
    s.due_at := private.retry_after_refusal(p_retry_at);

  else -- timeout, network, server_error
    s.failures := s.failures + 1;
    s.state := case when s.failures >= 5 then 'failed' else 'waiting' end;
    s.due_at := greatest(private.bounded(p_retry_at), now() + private.retry_wait(v.source_host, p_outcome, s.failures));
  end if;

  return s;
end
$$;

create or replace function private.state_after_reading(
  s public.micro_scrape_state, v public.vehicles,
  p_item jsonb, p_outcome text, p_closed_a_gap boolean, p_live_until timestamptz
) returns public.micro_scrape_state
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_hash text := p_item ->> 'extraction_hash';
  v_read boolean := p_outcome in ('ok', 'not_modified') and v_hash is not null;
begin
  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' or s.state = 'leased' then
    null; -- who holds the lease settles it
  elsif p_outcome = 'gone' then
    if s.state in ('due', 'waiting', 'exhausted', 'failed') then
      s.state := 'ended';
      s.last_outcome := 'gone';
      s.last_error := p_item ->> 'error';
    end if;
  elsif s.state in ('exhausted', 'ended') then
    -- Somebody else read something new from the page of an exhausted vehicle: it gets another chance.
    if v_read and s.extraction_hash is distinct from v_hash then
      s.state := 'due';
      s.due_at := now();
      s.no_gain_passes := 0;
      s.extraction_hash := v_hash;
    end if;
  elsif private.was_read_whole(p_item, p_outcome) then
    s := private.state_after_pass(
      s, v, p_outcome, p_closed_a_gap, v_hash, null, null, p_live_until,
      p_item ->> 'method', p_item ->> 'scraper_version');
  elsif v_read then
    s.extraction_hash := v_hash;
  end if;
  return s;
end
$$;

create or replace function private.was_read_whole(p_item jsonb, p_outcome text) returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return p_outcome in ('ok', 'not_modified')
    and p_item ->> 'extraction_hash' is not null
    and p_item ? 'facts'
    and p_item ? 'images'
    and coalesce((p_item ->> 'page_at')::timestamptz, now()) > now() - interval '1 hour';
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
  v_results jsonb;
  v_written bigint[];
  v_result jsonb;
  v_message text;
  v_detail text;
  v_lock_timeout text := current_setting('lock_timeout');
  v_patience text := '500ms'; -- for rows beside the vehicle's own, which somebody else may have
begin
  -- Most are as plain as can be, and written together.
  perform set_config('lock_timeout', v_patience, true);
  v_results := case
    when p_imports then private.import_new_listings(p_items, p_locked_elsewhere)
    else private.apply_plainly_held(p_items, p_locked_elsewhere)
  end;
  if v_results is null then
    v_patience := '20ms'; -- the batch has waited once
    v_results := '[]';
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
      v_result := v_result || jsonb_build_object('steps', (private.note_steps(
        array[null::uuid], array[jsonb_build_object('source_url', v_item ->> 'source_url')], array['server_error'],
        array[v_message], array[jsonb_build_object('extract_data', v_message)],
        array[v_item -> 'request' ->> 'queue']))[1]);
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

create or replace function private.write_facts_read(
  p_ids uuid[], p_items jsonb[], p_values jsonb[], p_states jsonb[], p_image_urls jsonb[], p_own_listing boolean[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  update public.vehicles v
  set (
        year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
        sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description
      ) = (
        select
          f.year, f.make, f.model, f.trim, f.vin, f.mileage, f.color, f.interior_color, f.engine, f.transmission,
          f.drivetrain, f.body_style, f.sale_price, f.high_bid, f.asking_price, f.currency, f.sale_status, f.sale_date,
          f.seller_name, f.location, f.description
        from jsonb_populate_record(v, r.new_values) f
      ),
      description_source = case
        when r.new_values ->> 'description' is not null
          then coalesce(r.item -> 'facts' -> 'description' ->> 'method', r.item ->> 'method', 'unknown')
        when r.new_values ? 'description' or v.description is null then null
        else v.description_source
      end,
      field_state = v.field_state || r.states,
      origin_metadata = v.origin_metadata || r.image_urls,
      listing_ended_at = case
        when r.own_listing and coalesce(r.item ->> 'outcome', 'ok') = 'ok' then null
        else v.listing_ended_at
      end
  from unnest(p_ids, p_items, p_values, p_states, p_image_urls, p_own_listing)
    r(id, item, new_values, states, image_urls, own_listing)
  where v.id = any (p_ids) -- by the index, whatever the order of the join
    and v.id = r.id
    and (
      r.new_values <> '{}'
      or r.states <> '{}'
      or r.image_urls <> '{}'
      or (r.own_listing and coalesce(r.item ->> 'outcome', 'ok') = 'ok' and v.listing_ended_at is not null)
    );
end
$$;

create or replace function private.write_listings_as_read(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  b public.vehicle_listings;
  l public.vehicle_listings;
begin
  update public.vehicle_listings h
  set page_at = a.page_at, first_seen_at = a.first_seen_at, last_seen_at = a.last_seen_at, offer = a.offer,
      kind = a.kind, seller = a.seller, mileage = a.mileage, title = a.title, listed_at = a.listed_at,
      likeness = a.likeness, status = a.status, price = a.price, currency = a.currency, ended_at = a.ended_at,
      ended_because = a.ended_because
  from unnest(p_after) a
  where h.id = any (array(select u.id from unnest(p_after) u)) -- by the index, whatever the order of the join
    and h.id = a.id;
  for i in 1 .. cardinality(p_after) loop
    b := p_before[i];
    l := p_after[i];
    if l.likeness is distinct from b.likeness and l.likeness is not null then
      perform private.pair_alike_listings(l);
    end if;
    if b.page_at is null or l.status <> b.status or l.price is distinct from b.price then
      perform private.note_listing_events(b, l, l.page_at, private.as_uuid(p_items[i] ->> 'snapshot_id'));
    end if;
  end loop;
end
$$;

create or replace function private.write_states(p_states public.micro_scrape_state[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
begin
  update public.micro_scrape_state m
  set state = s.state,
      due_at = s.due_at,
      no_gain_passes = s.no_gain_passes,
      failures = s.failures,
      blocked_days = s.blocked_days,
      last_blocked_on = s.last_blocked_on,
      lease_token = s.lease_token,
      lease_expires_at = s.lease_expires_at,
      last_checked_at = s.last_checked_at,
      last_outcome = s.last_outcome,
      last_error = s.last_error,
      extraction_hash = s.extraction_hash,
      last_scraper = s.last_scraper,
      last_scraper_version = s.last_scraper_version
  from unnest(p_states) s
  -- By the index, whatever the order of the join.
  where m.vehicle_id = any (array(select u.vehicle_id from unnest(p_states) u))
    and m.vehicle_id = s.vehicle_id;
end
$$;

comment on function private.add_readings(uuid[], jsonb[], jsonb[]) is 'Adds the values of readings to the provenance of their vehicles, or says of those that are there that they were read again.';

comment on function private.apply_plainly_held(jsonb, bigint[]) is 'Applies those items of a batch that are plainly readings of vehicles that are held, all at once, or none. Gives a result for each that it applied, as apply_one() does; null where somebody holds what it needs.';

comment on function private.as_uuid(text) is 'The id, or null for what is none.';

comment on function private.decided_fields(jsonb) is 'The fields of decisions, by what was decided, as a result names them.';

comment on function private.end_auction_requests(uuid[], jsonb[], text[]) is 'Ends the rows that wait to have the auctions of these vehicles read, with bids and comments: these readings did, or found them gone.';

comment on function private.leases_held(jsonb) is 'The places, from 1, of the items that nobody queued, or whose token is still the one on its queue row: holds_lease() of a batch.';

comment on function
  private.note_looks(public.vehicle_listings[], public.vehicle_listings[], jsonb[], text[]) is
  'What readings mean for looking again: listings as they stood before and as they stand now, and how each reading ended. Puts the looks on record and sets the next; one that has ended is not looked at any more.';

comment on function private.note_provenance(uuid[], jsonb[], jsonb[], jsonb[]) is
  'Writes down what became of each field of readings: p_decisions as decide_facts() made them, p_values what their vehicles hold from now on.';

comment on function private.note_steps(uuid[], jsonb[], text[], text[], jsonb[], text[]) is
  'Writes the steps of readings down, each of a vehicle, an item, its outcome and error, what could not be written, and the queue that tries again by itself what failed. Gives for each [{step_name, status, outcome_code, error_message, duration_ms}].';

comment on function private.offer_of(jsonb, jsonb) is 'The sale fields of a reading, to be held on its listing; a reading of something else leaves what is held.';

comment on function private.plainly_held(jsonb, bigint[]) is 'The items of a batch that read the only listing of a vehicle, and of that car, whose lease is held: in the order in which vehicles are written. place: from 1.';

comment on function private.read_by_older(jsonb[], text[]) is 'For each of these readings why it does not end the row that asked for it: a reader older than the version that was to read it made it. Null where it does.';

comment on function private.reading_steps(jsonb[], text[], text[], jsonb[]) is 'The steps of readings as they ended: item -> steps are the names of those that were asked for, p_unwritten says of which the database did not take what was read. The first one stands for the whole. reading: the place of the item, from 1.';

comment on function private.settle_requests(jsonb[], text[], text[], jsonb[]) is 'Settles the queue rows that asked for readings, by their outcomes, errors and changes; what a reader older than the version that asked read goes on waiting. Gives the new status of each.';

comment on function
  private.state_after_pass(public.micro_scrape_state, public.vehicles, text, boolean, text, text,
  timestamp with time zone, timestamp with time zone, text, text) is 'The state of a vehicle, as it was before, after a pass that ended with this outcome: complete, exhausted, ended, failed, or waiting until it is worth another look. Changes nothing.';

comment on function
  private.state_after_reading(public.micro_scrape_state, public.vehicles, jsonb, text, boolean, timestamp
  with time zone) is 'The state of a vehicle, as it was before, after somebody read the page that its passes read: one that was read whole is its pass, whoever read it. Changes nothing.';

comment on function private.was_read_whole(jsonb, text) is 'Whether a reading took from its page all that a pass takes, just now.';

comment on function private.write_facts_read(uuid[], jsonb[], jsonb[], jsonb[], jsonb[], boolean[]) is
  'Writes on vehicles what was read of them: the values that came to stand, their states, and the image URLs that are new; each vehicle once, and only where there is something. p_own_listing: whether it was read at the listing that the vehicle stands on.';

comment on function
  private.write_listings_as_read(public.vehicle_listings[], public.vehicle_listings[], jsonb[]) is
  'Writes listings as readings of their pages say that they stand, with what happened there since. All are written before one is paired with those like it.';

comment on function private.write_states(public.micro_scrape_state[]) is 'Writes the states of vehicles, each as it is given, but for its score; who calls it has them locked.';

revoke all on function private.add_readings(uuid[], jsonb[], jsonb[]) from public;

grant execute on function private.add_readings(uuid[], jsonb[], jsonb[]) to postgres, service_role;

revoke all on function private.apply_plainly_held(jsonb, bigint[]) from public;

grant execute on function private.apply_plainly_held(jsonb, bigint[]) to postgres, service_role;

revoke all on function private.as_uuid(text) from public;

grant execute on function private.as_uuid(text) to authenticated, postgres, service_role;

revoke all on function private.decided_fields(jsonb) from public;

grant execute on function private.decided_fields(jsonb) to postgres, service_role;

revoke all on function private.end_auction_requests(uuid[], jsonb[], text[]) from public;

grant execute
  on function private.end_auction_requests(uuid[], jsonb[], text[])
  to postgres, service_role;

revoke all on function private.leases_held(jsonb) from public;

grant execute on function private.leases_held(jsonb) to postgres, service_role;

revoke all
  on function private.note_looks(public.vehicle_listings[], public.vehicle_listings[], jsonb[], text[])
  from public;

grant execute
  on function private.note_looks(public.vehicle_listings[], public.vehicle_listings[], jsonb[], text[])
  to postgres, service_role;

revoke all on function private.note_provenance(uuid[], jsonb[], jsonb[], jsonb[]) from public;

grant execute
  on function private.note_provenance(uuid[], jsonb[], jsonb[], jsonb[])
  to postgres, service_role;

revoke all on function private.note_steps(uuid[], jsonb[], text[], text[], jsonb[], text[]) from public;

grant execute
  on function private.note_steps(uuid[], jsonb[], text[], text[], jsonb[], text[])
  to postgres, service_role;

revoke all on function private.offer_of(jsonb, jsonb) from public;

grant execute on function private.offer_of(jsonb, jsonb) to postgres, service_role;

revoke all on function private.plainly_held(jsonb, bigint[]) from public;

grant execute on function private.plainly_held(jsonb, bigint[]) to postgres, service_role;

revoke all on function private.read_by_older(jsonb[], text[]) from public;

grant execute on function private.read_by_older(jsonb[], text[]) to postgres, service_role;

revoke all on function private.reading_steps(jsonb[], text[], text[], jsonb[]) from public;

grant execute
  on function private.reading_steps(jsonb[], text[], text[], jsonb[])
  to postgres, service_role;

revoke all on function private.settle_requests(jsonb[], text[], text[], jsonb[]) from public;

grant execute
  on function private.settle_requests(jsonb[], text[], text[], jsonb[])
  to postgres, service_role;

revoke all
  on function
    private.state_after_pass(public.micro_scrape_state, public.vehicles, text, boolean, text, text,
    timestamp with time zone, timestamp with time zone, text, text)
  from public;

grant execute
  on function
    private.state_after_pass(public.micro_scrape_state, public.vehicles, text, boolean, text, text,
    timestamp with time zone, timestamp with time zone, text, text)
  to postgres, service_role;

revoke all
  on function
    private.state_after_reading(public.micro_scrape_state, public.vehicles, jsonb, text, boolean,
    timestamp with time zone)
  from public;

grant execute
  on function
    private.state_after_reading(public.micro_scrape_state, public.vehicles, jsonb, text, boolean,
    timestamp with time zone)
  to postgres, service_role;

revoke all on function private.was_read_whole(jsonb, text) from public;

grant execute on function private.was_read_whole(jsonb, text) to postgres, service_role;

revoke all
  on function private.write_facts_read(uuid[], jsonb[], jsonb[], jsonb[], jsonb[], boolean[])
  from public;

grant execute
  on function private.write_facts_read(uuid[], jsonb[], jsonb[], jsonb[], jsonb[], boolean[])
  to postgres, service_role;

revoke all
  on function
    private.write_listings_as_read(public.vehicle_listings[], public.vehicle_listings[], jsonb[])
  from public;

grant execute
  on function
    private.write_listings_as_read(public.vehicle_listings[], public.vehicle_listings[], jsonb[])
  to postgres, service_role;

revoke all on function private.write_states(public.micro_scrape_state[]) from public;

grant execute on function private.write_states(public.micro_scrape_state[]) to postgres, service_role;
