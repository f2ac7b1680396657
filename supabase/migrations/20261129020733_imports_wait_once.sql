-- Imports wait once.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.find_shared_vins() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_keys text[];
  v_ids uuid[];
begin
  if current_setting('vehicles.listings', true) = 'by the writer' then
    return null; -- who looks at them after their listings
  end if;
  select array_agg(distinct private.vin_key(vin, make)), array_agg(id)
  into v_keys, v_ids
  from changed
  where private.vin_key(vin, make) is not null;
  if v_keys is not null then
    perform private.note_shared_vins(v_keys, v_ids);
  end if;
  return null;
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
exception
when lock_not_available or deadlock_detected then
  return null; -- it has waited once: its caller waits no more
when others then
  -- Each is tried by itself then, and the one that cannot be written says so.
  raise log 'import_listings writes % items one by one: % (%)', cardinality(v_places), sqlerrm, sqlstate;
  return '[]';
end
$$;

create or replace function private.note_vins_of(p_ids uuid[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
declare
  v_keys text[] := array(
    select distinct private.vin_key(v.vin, v.make)
    from public.vehicles v
    where v.id = any (p_ids) and private.vin_key(v.vin, v.make) is not null);
begin
  if v_keys <> '{}' then
    perform private.note_shared_vins(v_keys, p_ids);
  end if;
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
      upper(e.i -> 'facts' -> 'vin' ->> 'value') as vin,
      e.i -> 'request' ->> 'id' as request_id
    from jsonb_array_elements(p_items) with ordinality as e(i, n)
  ),
  counted as (
    select
      i.*,
      count(*) over (partition by i.canonical) as of_listing,
      case when i.vin is not null then count(*) over (partition by i.vin) end as of_vin,
      case when i.request_id is not null then count(*) over (partition by i.request_id) end as of_request
    from items i
  )
  select c.n, c.i, c.canonical
  from counted c
  where c.i ->> 'vehicle_id' is null -- neither its listing nor its VIN is here
    and c.canonical is not null
    and c.of_listing = 1
    and coalesce(c.of_vin, 1) = 1
    and coalesce(c.of_request, 1) = 1
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

create or replace function private.settle_new_imports(p_ids uuid[], p_items jsonb[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform public.settle_queue('import_queue', (
    select coalesce(jsonb_agg(
      (n.item -> 'request') || jsonb_build_object('outcome', 'ok', 'error', n.item -> 'error', 'retry_at', n.item -> 'retry_at')), '[]')
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
    if v_results is null then
      v_patience := '20ms'; -- the batch has waited once
      v_results := '[]';
    end if;
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

comment on function private.import_new_listings(jsonb, bigint[]) is 'Makes vehicles of those items of a batch that are plainly new, all at once, or of none. Gives a result for each that it made, as import_one() does; null where somebody holds what it needs.';

comment on function private.insert_read_listings(bigint[], uuid[], jsonb[]) is 'Inserts the listings of vehicles that were just made, as their pages were read: with what happened there, and when the next look is. All are here before one is paired with those like it: of more than a VIN may have none is.';

comment on function private.note_vins_of(uuid[]) is 'Looks at the VINs of vehicles that were just made, after their listings: two that are alike by both are noted as alike.';

revoke all on function private.note_vins_of(uuid[]) from public;

grant execute on function private.note_vins_of(uuid[]) to postgres, service_role;
