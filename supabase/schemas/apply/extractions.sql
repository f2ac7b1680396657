-- The only writer of vehicle facts: a batch of readings, in one transaction.

create function private.holds_lease(p_request jsonb, p_vehicle_id uuid) returns boolean
language plpgsql
set search_path = ''
as $$
declare
  v_held boolean;
begin
  if p_request is null or p_request = 'null' then
    return true;
  end if;
  if p_request ->> 'queue' = 'micro_scrape_state' then
    return exists (
      select from public.micro_scrape_state
      where vehicle_id = p_vehicle_id
        and lease_token = (p_request ->> 'lease_token')::uuid
    );
  end if;
  perform private.queue(p_request ->> 'queue');
  execute format('select exists (select from public.%I where id = $1 and lease_token = $2)', p_request ->> 'queue')
  into v_held
  using (p_request ->> 'id')::uuid, (p_request ->> 'lease_token')::uuid;
  return v_held;
end
$$;
comment on function private.holds_lease(jsonb, uuid) is
  'Whether the token of a request is still the one on its queue row; true for an item that nobody queued.';
grant execute on function private.holds_lease(jsonb, uuid) to service_role;

create function private.as_uuid(p_text text) returns uuid
language plpgsql immutable parallel safe -- its plan is kept, which matters at several calls an item
set search_path = ''
as $$
begin
  return case when pg_input_is_valid(p_text, 'uuid') then p_text::uuid end;
end
$$;
comment on function private.as_uuid(text) is 'The id, or null for what is none.';
grant execute on function private.as_uuid(text) to authenticated, service_role;

create function private.settle_failed_item(p_item jsonb, p_error text) returns text
language plpgsql
set search_path = ''
as $$
declare
  v_vehicle_id uuid := private.as_uuid(p_item ->> 'vehicle_id');
  v_request jsonb := p_item -> 'request';
begin
  if v_request -> 'queue' is null or not private.holds_lease(v_request, v_vehicle_id) then
    return null;
  elsif v_request ->> 'queue' = 'micro_scrape_state' then
    return private.settle_micro_scrape(v_vehicle_id, 'server_error', false, null, p_error, null, null);
  else
    return private.settle_queue_row(
      v_request ->> 'queue', (v_request ->> 'id')::uuid, (v_request ->> 'lease_token')::uuid,
      'server_error', p_error, null);
  end if;
exception when others then
  return null; -- a request that makes no sense; its lease runs out
end
$$;
comment on function private.settle_failed_item(jsonb, text) is
  'A reading that cannot be written is an attempt that failed, so that it is not read again every 30 seconds for ever.';
grant execute on function private.settle_failed_item(jsonb, text) to service_role;

create function private.write_each(p_items jsonb, p_imports boolean, p_locked_elsewhere bigint[]) returns jsonb
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
comment on function private.write_each(jsonb, boolean, bigint[]) is
  'Applies the items of a batch, or imports them, each on its own; what they touch is locked by the caller, but for the items at p_locked_elsewhere, which are handed back. Gives one result an item, in their order.';
grant execute on function private.write_each(jsonb, boolean, bigint[]) to service_role;

create function public.apply_extractions(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
-- One vehicle at a time, hundreds a second: a plan a call costs more than any plan can save.
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'apply_extractions takes a JSON array of items' using errcode = '22023';
  end if;
  p_items := private.with_capped_confidence(private.with_calibrated_confidence(p_items));
  return private.write_each(p_items, false, private.lock_with_retry(p_items));
end
$$;
comment on function public.apply_extractions(jsonb) is
  'The only writer of vehicle facts. Takes a batch of readings, gives one result an item in the same order: its outcome (an outcome code; stale_lease, no_such_vehicle or vehicle_locked where nothing was written), its steps and how each ended, what was filled, corrected, cleared, confirmed or is in conflict.';
grant execute on function public.apply_extractions(jsonb) to service_role;

create function public.preview_extractions(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_results jsonb;
begin
  v_results := public.apply_extractions(p_items);
  -- Everything that was written is taken back here; the results are kept.
  raise exception using errcode = 'PT000', message = 'preview';
exception when sqlstate 'PT000' then
  return v_results;
end
$$;
comment on function public.preview_extractions(jsonb) is
  'What apply_extractions() would answer. Changes nothing.';

grant execute on function public.preview_extractions(jsonb) to service_role;
