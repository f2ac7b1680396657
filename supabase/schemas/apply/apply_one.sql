create function private.apply_one(p_item jsonb) returns jsonb
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
comment on function private.apply_one(jsonb) is 'One item of apply_extractions(), its rows locked by the caller.';
grant execute on function private.apply_one(jsonb) to service_role;
