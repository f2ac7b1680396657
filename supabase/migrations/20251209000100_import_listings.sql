-- A listing that was read becomes a vehicle, or another auction of one that is here.

create function private.relisted_vehicle(p_item jsonb) returns uuid
language plpgsql stable
set search_path = ''
as $$
declare
  v_vin text := p_item -> 'facts' -> 'vin' ->> 'value';
  v_url text := public.canonical_listing_url(p_item ->> 'source_url');
  v_ends timestamptz := (p_item -> 'auction' ->> 'ends_at')::timestamptz;
  v_begins timestamptz := coalesce((p_item -> 'auction' ->> 'starts_at')::timestamptz, v_ends - interval '7 days');
  v_ids uuid[];
begin
  if not private.is_vin(v_vin)
    or (p_item -> 'facts' -> 'vin' ->> 'confidence')::numeric < 0.5
    or v_ends is null
  then
    return null;
  end if;
  v_ids := array(
    select v.id
    from public.vehicles v
    where v.vin = v_vin
      and v.source_host = split_part(v_url, '/', 3)
      and coalesce(v.year = (p_item -> 'facts' -> 'year' ->> 'value')::integer, true)
      and exists (select from public.auction_events e where e.vehicle_id = v.id)
      and not exists (
        select
        from public.auction_events e
        where e.vehicle_id = v.id
          and (
            e.ends_at is null
            or (coalesce(e.starts_at, e.ends_at - interval '7 days'), e.ends_at) overlaps (v_begins, v_ends)
          )
      )
    limit 2
  );
  -- Two vehicles that fit are for a person to look at.
  return case when cardinality(v_ids) = 1 then v_ids[1] end;
end
$$;
comment on function private.relisted_vehicle(jsonb) is
  'The vehicle that this auction offers again: the same valid VIN on the same source, in auctions that do not overlap (seven days where a page gives only the end). Null when there is none, or more than one.';

create function private.vehicle_of_listing(p_url text) returns uuid
language sql stable
set search_path = ''
as $$
  select coalesce(
    (select id from public.vehicles where canonical_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.auction_events where source_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.import_queue where canonical_url = public.canonical_listing_url(p_url)))
$$;
comment on function private.vehicle_of_listing(text) is 'The vehicle that stands, or once stood, on this listing.';

create function private.import_one(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_url text := p_item ->> 'source_url';
  v_request jsonb := p_item -> 'request';
  v_queued boolean := jsonb_typeof(v_request) = 'object';
  v_id uuid := private.vehicle_of_listing(v_url);
  v_relisting boolean := false;
  v_created boolean := false;
  v_result jsonb;
  v_state text;
  v_steps jsonb;
begin
  if public.canonical_listing_url(v_url) is null then
    raise exception 'no listing stands at "%"', v_url using errcode = '22023';
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
      'created', false, 'relisting', false, 'state', v_state);
  end if;

  perform set_config('vehicles.importing', 'on', true);
  if v_id is null then
    v_id := private.relisted_vehicle(p_item);
    v_relisting := v_id is not null;
  end if;
  if v_relisting then
    perform from public.vehicles where id = v_id for no key update;
    -- A vehicle stands on the latest of its listings: that is the one worth another look.
    update public.vehicles
    set discovery_url = v_url
    where id = v_id
      and not exists (
        select from public.auction_events e
        where e.vehicle_id = v_id and e.ends_at > (p_item -> 'auction' ->> 'ends_at')::timestamptz);
  elsif v_id is null then
    insert into public.vehicles (discovery_url) values (btrim(v_url)) returning id into v_id;
    v_created := true;
  end if;

  v_result := private.apply_one((p_item - 'request') || jsonb_build_object('vehicle_id', v_id));
  if v_created and v_result -> 'step_errors' ? 'extract_data' then
    -- A vehicle of which nothing could be written is none: the attempt is made again.
    raise exception '%', v_result -> 'step_errors' ->> 'extract_data'; -- its caller says what that means
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
  if p_item ? 'bids' then -- read whole, by an import: the worker of the repair queue knows
    insert into public.bat_extraction_queue
      (vehicle_id, bat_url, status, reason, outcome_code, processed_at)
    select v.id, v.bat_auction_url, 'complete', 'new', v_result ->> 'outcome', now()
    from public.vehicles v
    where v.id = v_id and v.source_host = 'bringatrailer.com'
    on conflict (vehicle_id) do nothing;
  elsif v_created or v_relisting then -- without bids and comments: they are still to be read
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, reason)
    select v.id, v.bat_auction_url, 100, 'new'
    from public.vehicles v
    where v.id = v_id and v.source_host = 'bringatrailer.com'
    on conflict (vehicle_id) do update
    set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new'
    where held.status <> 'processing';
  end if;
  perform set_config('vehicles.importing', '', true);

  return v_result || jsonb_build_object('created', v_created, 'relisting', v_relisting, 'vehicle_id', v_id)
    || case when v_queued then jsonb_build_object('state', v_state) else '{}' end;
end
$$;
comment on function private.import_one(jsonb) is 'One item of import_listings(), its listing and VIN locked by the caller.';

create function public.import_listings(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'import_listings takes a JSON array of items' using errcode = '22023';
  end if;
  -- One importer at a time of a listing and of a VIN. Waited for in one order, before any row is locked.
  perform pg_advisory_xact_lock(k.key)
  from (
    select distinct hashtextextended(w.what, 5) as key
    from jsonb_array_elements(p_items) i
    cross join lateral (
      values
        ('listing ' || public.canonical_listing_url(i ->> 'source_url')),
        ('vin ' || (i -> 'facts' -> 'vin' ->> 'value'))
    ) w(what)
    where w.what is not null
    order by 1
  ) k;
  perform private.lock_with_retry((
    select coalesce(jsonb_agg(i || jsonb_build_object('vehicle_id', coalesce(
      private.vehicle_of_listing(i ->> 'source_url'), private.relisted_vehicle(i)))), '[]')
    from jsonb_array_elements(p_items) i
  ));

  return private.write_each(p_items, true);
end
$$;
comment on function public.import_listings(jsonb) is
  'Makes vehicles of readings: as apply_extractions(), with source_url instead of vehicle_id. A listing that is here already, under any spelling, is applied to its vehicle; the same valid VIN in a later auction of the same source is another auction of that vehicle. Gives one result an item, with vehicle_id, created and relisting.';

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

grant execute on function private.relisted_vehicle(jsonb) to service_role;
grant execute on function private.vehicle_of_listing(text) to service_role;
grant execute on function private.import_one(jsonb) to service_role;
grant execute on function public.import_listings(jsonb) to service_role;
grant execute on function public.preview_imports(jsonb) to service_role;
