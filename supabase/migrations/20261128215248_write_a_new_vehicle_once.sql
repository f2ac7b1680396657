-- Write a new vehicle once.

-- A function may name what comes below it.
set check_function_bodies = off;

drop function private.is_suspect_vin(text, text);

drop function private.settle_queue_row(text, uuid, uuid, text, text, timestamp with time zone);

drop function private.vehicle_mismatch(public.vehicles, jsonb);

drop function private.vehicle_with_vin_of(jsonb);

drop function private.why_forgotten(jsonb);

drop function public.newest_page_snapshots(text[]);

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
      'facts', jsonb_build_object('vin', (p_item -> 'facts' -> 'vin') || '{"confidence": 0}'));
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
    v_state := private.settle_request(p_item, v_outcome, v_error, v_changes);
  end if;
  perform private.settle_related_work(v, p_item, v_outcome, v_closed_a_gap, v_live_until);
  if v_several then
    perform private.sync_addresses(v.id);
  end if;

  v_steps := private.note_steps(
    v.id, p_item, v_outcome, v_error, v_unwritten,
    case when v_state in ('pending', 'waiting', 'due') then p_item -> 'request' ->> 'queue' end);

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

create or replace function private.image_urls_added(p_held jsonb, p_urls text[]) returns jsonb
language plpgsql immutable parallel safe -- its plan is kept
set search_path = ''
as $$
declare
  v_urls jsonb := private.union_image_urls(p_held, p_urls);
begin
  if v_urls = '[]' or v_urls = p_held then
    return '{}';
  end if;
  return jsonb_build_object('image_urls', v_urls, 'image_count', jsonb_array_length(v_urls));
end
$$;

create or replace function private.image_urls_of(p_item jsonb) returns text[]
language sql immutable parallel safe
return array(select jsonb_array_elements_text(coalesce(p_item -> 'images', '[]')))
  || array(
    select r ->> 'url'
    from jsonb_array_elements(coalesce(p_item -> 'image_results', '[]')) r
    where not coalesce(p_item -> 'images', '[]') ? (r ->> 'url'));

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
  if p_item ? 'bids' then -- read whole, by an import: the worker of the repair queue knows
    insert into public.bat_extraction_queue
      (vehicle_id, bat_url, status, reason, outcome_code, processed_at)
    select v.id, v.bat_auction_url, 'complete', 'new', v_result ->> 'outcome', now()
    from public.vehicles v
    where v.id = v_id and v.listing_url = v.bat_auction_url
    on conflict (vehicle_id) do nothing;
  elsif v_created or v_joined then -- without bids and comments: they are still to be read
    insert into public.bat_extraction_queue as held (vehicle_id, bat_url, priority, reason)
    select v.id, v.bat_auction_url, 100, 'new'
    from public.vehicles v
    where v.id = v_id and v.listing_url = v.bat_auction_url
    on conflict (vehicle_id) do update
    set status = 'pending', bat_url = excluded.bat_url, priority = 100, reason = 'new'
    where held.status <> 'processing';
  end if;
  perform set_config('vehicles.importing', '', true);

  return v_result || jsonb_build_object(
      'created', v_created, 'joined', v_joined, 'vehicle_id', v_id,
      'relisting', v_joined and coalesce(jsonb_typeof(p_item -> 'auction') = 'object', false))
    || case when v_queued then jsonb_build_object('state', v_state) else '{}' end;
end
$$;

create or replace function private.insert_imported(p_item jsonb) returns uuid
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

create or replace function private.is_suspect_vin(p_vin text, p_make text) returns boolean
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return exists (
    select from public.suspect_vins s
    where s.vin_key = private.vin_key(p_vin, p_make) and s.status = 'suspect');
end
$$;

create or replace function private.on_vehicles_changed() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if not private.rescores_itself() then
    perform private.vehicles_changed(array(select id from changed));
  end if;
  return null;
end
$$;

create or replace function private.remember_image_urls(p_vehicle_id uuid, p_urls text[]) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_held jsonb;
  v_added jsonb;
begin
  -- Under the row's lock, so that the URLs of a concurrent writer are in the union.
  select v.origin_metadata into v_held
  from public.vehicles v
  where v.id = p_vehicle_id
  for no key update;

  v_added := private.image_urls_added(v_held -> 'image_urls', p_urls);
  if v_held is null or v_added = '{}' then
    return false;
  end if;

  update public.vehicles v
  set origin_metadata = v.origin_metadata || v_added
  where v.id = p_vehicle_id;
  return true;
end
$$;

create or replace function private.settle_queue_row(
  p_queue text, p_id uuid, p_token uuid, p_outcome text, p_error text, p_retry_at timestamptz
) returns text
language plpgsql -- its plan is kept
set search_path = ''
as $$
begin
  return public.settle_queue(p_queue, jsonb_build_array(jsonb_build_object(
    'id', p_id, 'lease_token', p_token, 'outcome', p_outcome, 'error', p_error, 'retry_at', p_retry_at
  ))) -> 0 ->> 'status';
end
$$;

create or replace function private.vehicle_mismatch(v public.vehicles, p_facts jsonb) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  if private.is_vin(v.vin)
    and private.is_vin(p_facts -> 'vin' ->> 'value')
    and p_facts -> 'vin' ->> 'value' <> upper(v.vin)
    and (
      (p_facts ? 'year' and v.year <> (p_facts -> 'year' ->> 'value')::integer)
      or (p_facts ? 'make' and lower(v.make) <> lower(p_facts -> 'make' ->> 'value'))
    )
  then
    return format(
      'another vehicle stands at this URL: VIN %s is held, the page says %s %s %s, VIN %s',
      v.vin, p_facts -> 'year' ->> 'value', p_facts -> 'make' ->> 'value',
      p_facts -> 'model' ->> 'value', p_facts -> 'vin' ->> 'value');
  end if;
  return null;
end
$$;

create or replace function private.vehicle_with_vin_of(p_item jsonb) returns uuid
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_vin text := upper(p_item -> 'facts' -> 'vin' ->> 'value');
begin
  if private.is_vin(v_vin) and not private.is_suspect_vin(v_vin, null) then
    return (
      select o.id
      from private.vehicles_of_vins(array[v_vin]) v
      join public.vehicles o on o.id = v.id
      order by o.created_at, o.id
      limit 1
    );
  end if;
  return null;
end
$$;

create or replace function private.why_forgotten(p_item jsonb) returns text
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select format(
      'the listing %s was forgotten: %s (to have it back: select bring_back_address(%L);)',
      r.canonical_url, r.reason, r.canonical_url)
    from public.remembered_addresses r
    where r.canonical_url = public.canonical_listing_url(p_item ->> 'source_url')
      and r.kind = 'forgotten'
      and jsonb_typeof(p_item -> 'request') = 'object'
      and (
        (p_item ->> 'page_at')::timestamptz < r.created_at -- it was being read when it was forgotten
        or not exists (
          select from public.import_queue q
          where q.id = (p_item -> 'request' ->> 'id')::uuid and q.canonical_url = r.canonical_url)
      )
  );
end
$$;

create or replace function public.newest_page_snapshots(p_urls text[]) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
      'url', asked.url,
      'canonical_url', asked.canonical_url,
      'snapshot', newest.snapshot
    )), '[]')
    from (
      select distinct u.url, public.canonical_listing_url(u.url) as canonical_url
      from unnest(p_urls) as u(url)
    ) as asked
    left join lateral (
      select jsonb_build_object(
        'id', s.id,
        'canonical_url', s.canonical_url,
        'url', s.url,
        'final_url', s.final_url,
        'sha256', s.sha256,
        'fetched_at', s.fetched_at,
        'last_seen_ms_ago', greatest(0, extract(epoch from now() - s.last_seen_at) * 1000)::bigint,
        'status', s.status,
        'etag', s.etag,
        'last_modified', s.last_modified,
        'content_type', s.content_type,
        'bytes', s.bytes,
        'stored_bytes', s.stored_bytes,
        'storage_path', s.storage_path
      ) as snapshot
      from public.page_snapshots s
      where s.canonical_url = asked.canonical_url
        and s.is_good
      order by s.last_seen_at desc
      limit 1
    ) as newest on true
  );
end
$$;

comment on function private.image_urls_added(jsonb, text[]) is 'What these image URLs, behind those held, make of image_urls and image_count in origin_metadata; nothing where all are held.';

comment on function private.image_urls_of(jsonb) is 'The image URLs of a reading, and those of what it downloaded beside them.';

comment on function private.insert_imported(jsonb) is 'Inserts the vehicle of a listing that was read, with its image URLs; its facts are applied next, and its score follows them.';

comment on function private.is_suspect_vin(text, text) is 'Whether a VIN says nothing of the car that has it.';

comment on function private.settle_queue_row(text, uuid, uuid, text, text, timestamp
  with time zone) is 'Ends one attempt by its outcome. Gives the new status, or null when the lease was lost and nothing was changed.';

comment on function private.vehicle_mismatch(public.vehicles, jsonb) is 'Says so when these facts are not this vehicle''s: its listing now offers another car. Else null.';

comment on function private.vehicle_with_vin_of(jsonb) is 'The oldest vehicle that has the VIN of a reading: what its import may join, and locks.';

comment on function private.why_forgotten(jsonb) is 'Why a worker''s reading makes no vehicle: its listing was forgotten, and nobody has queued it by this address since. Else null.';

comment on function public.newest_page_snapshots(text[]) is 'For each URL its canonical spelling and its newest good snapshot, or null: [{url, canonical_url, snapshot}].';

revoke all on function private.image_urls_added(jsonb, text[]) from public;

grant execute on function private.image_urls_added(jsonb, text[]) to postgres, service_role;

revoke all on function private.image_urls_of(jsonb) from public;

grant execute on function private.image_urls_of(jsonb) to postgres, service_role;

revoke all on function private.insert_imported(jsonb) from public;

grant execute on function private.insert_imported(jsonb) to postgres, service_role;

revoke all on function private.is_suspect_vin(text, text) from public;

grant execute on function private.is_suspect_vin(text, text) to postgres, service_role;

revoke all
  on function private.settle_queue_row(text, uuid, uuid, text, text, timestamp with time zone)
  from public;

grant execute
  on function private.settle_queue_row(text, uuid, uuid, text, text, timestamp with time zone)
  to postgres, service_role;

revoke all on function private.vehicle_mismatch(public.vehicles, jsonb) from public;

grant execute on function private.vehicle_mismatch(public.vehicles, jsonb) to postgres, service_role;

revoke all on function private.vehicle_with_vin_of(jsonb) from public;

grant execute on function private.vehicle_with_vin_of(jsonb) to postgres, service_role;

revoke all on function private.why_forgotten(jsonb) from public;

grant execute on function private.why_forgotten(jsonb) to postgres, service_role;

revoke all on function public.newest_page_snapshots(text[]) from public;

grant execute on function public.newest_page_snapshots(text[]) to postgres, service_role;
