-- Join past a bad pair.

-- A function may name what comes below it.
set check_function_bodies = off;

drop view public.merge_candidates_to_review;

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
    insert into public.vehicles (discovery_url) values (btrim(v_url)) returning id into v_id;
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

create or replace function private.join_proven_vehicles(p_limit integer default 200) returns integer
language plpgsql
set search_path = ''
set lock_timeout = '1s'
as $$
declare
  c record;
  v_joined integer := 0;
  v_note text;
begin
  for c in
    select
      m.id, a as one, b as other, private.why_same_car(a, b) as why,
      (a.created_at, a.id) < (b.created_at, b.id) as first_is_older
    from public.vehicle_merge_candidates m
    join public.vehicles a on a.id = m.vehicle_id
    join public.vehicles b on b.id = m.other_vehicle_id
    where m.status = 'open'
      and (
        m.assessed_at is null
        or (m.assessed_at < now() - interval '10 minutes' and m.assessed_at < greatest(a.updated_at, b.updated_at))
      )
    order by m.assessed_at nulls first, m.id
    limit p_limit
  loop
    v_note := null;
    begin -- a pair on its own: one that cannot be joined holds up no other
      if c.why is not null
        and private.join_vehicles(
          case when c.first_is_older then (c.one).id else (c.other).id end,
          case when c.first_is_older then (c.other).id else (c.one).id end, c.why)
      then
        v_joined := v_joined + 1;
        continue;
      end if;
    exception
    when lock_not_available or deadlock_detected or object_in_use then
      null; -- somebody writes one of them: the next run comes back to it
    when others then
      v_note := 'could not be joined: ' || sqlerrm; -- a person sees it
    end;
    update public.vehicle_merge_candidates
    set score = private.likeness_of_vehicles(c.one, c.other),
        evidence = private.evidence_of_candidate(c.one, c.other),
        note = coalesce(v_note, note),
        assessed_at = case when c.why is null or v_note is not null then now() end
    where id = c.id;
  end loop;
  return v_joined;
end
$$;

create or replace function private.join_vehicles(p_keep uuid, p_other uuid, p_why text) returns boolean
language plpgsql
set search_path = ''
as $$
begin
  if private.is_leased(p_keep) or private.is_leased(p_other) then
    return false; -- a worker reads one of them now
  end if;
  perform set_config('vehicles.merged_by_itself', 'on', true);
  perform public.merge_vehicles(p_keep, p_other, p_why);
  perform set_config('vehicles.merged_by_itself', '', true);
  return true;
exception when object_in_use then
  return false; -- one of them went just now, or is read
end
$$;

create view public.merge_candidates_to_review with (security_invoker = true) as
select
  c.id,
  c.score,
  c.vin,
  c.vehicle_id,
  c.other_vehicle_id,
  c.evidence -> 'year' as years,
  c.evidence -> 'make' as makes,
  c.evidence -> 'model' as models,
  c.evidence -> 'vin' as vins,
  c.evidence -> 'mileage' as mileages,
  c.evidence -> 'seller_name' as sellers,
  c.evidence -> 'listing_url' as listings,
  c.evidence,
  c.note,
  c.created_at as since,
  format('select resolve_merge_candidate(%L, ''same_vehicle''); or ''different_vehicles''', c.id) as what_to_type
from public.vehicle_merge_candidates c
where c.status = 'open'
order by c.score desc nulls last, c.created_at;

comment on column public.vehicle_listings.offer is 'The sale fields as its page stated them last, {facts, method, scraper_version}: what the vehicle''s are when this is the listing that they follow.';

comment on view public.merge_candidates_to_review is 'Pairs of vehicles that may be one car and are not proved to be, the likeliest first, with both sides of the evidence.';

grant select on table public.merge_candidates_to_review to authenticated;

grant all on table public.merge_candidates_to_review to postgres, service_role;
