create function private.insert_imported(p_item jsonb) returns uuid
language plpgsql
set search_path = ''
as $$
declare
  v_url text := btrim(p_item ->> 'source_url');
  v_id uuid;
begin
  -- With its image URLs at once, and scored after its facts: each write of the row costs as much as all its facts.
  perform set_config('vehicles.rescore', 'by the writer', true);
  insert into public.vehicles (discovery_url, origin_metadata)
  values (v_url, private.image_urls_added(null, private.image_urls_of(p_item)))
  returning id into v_id;
  return v_id;
exception
when lock_not_available or deadlock_detected then
  raise; -- the item is handed back whole
when others then
  -- Where it is its images that cannot be written, the step of the images says so; all else is written.
  perform set_config('vehicles.rescore', 'by the writer', true);
  insert into public.vehicles (discovery_url) values (v_url) returning id into v_id;
  return v_id;
end
$$;
comment on function private.insert_imported(jsonb) is
  'Inserts the vehicle of a listing that was read, with its image URLs; its facts are applied next, and its score follows them.';
grant execute on function private.insert_imported(jsonb) to service_role;

create function private.queue_imported_auction(p_vehicle_id uuid, p_item jsonb, p_outcome text, p_is_new boolean)
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
comment on function private.queue_imported_auction(uuid, jsonb, text, boolean) is
  'Tells the repair queue of a Bring a Trailer listing that was imported: that its bids and comments are here, or are still to be read.';
grant execute on function private.queue_imported_auction(uuid, jsonb, text, boolean) to service_role;

create function private.import_one(p_item jsonb) returns jsonb
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
comment on function private.import_one(jsonb) is 'One item of import_listings(), its listing and VIN locked by the caller.';
grant execute on function private.import_one(jsonb) to service_role;
