-- One reading of one page, merged into its vehicle.

create function private.kept_rejections(p_state jsonb) returns jsonb
language sql immutable parallel safe
return case when p_state ? 'rejected' then jsonb_build_object('rejected', p_state -> 'rejected') else '{}' end;
comment on function private.kept_rejections(jsonb) is
  'What of a field''s state outlives its value: the values that a person took away.';

create function private.apply_one(p_item jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  v_held jsonb;
  v_after jsonb;
  v_source text := private.url_host(p_item ->> 'source_url');
  v_page_at timestamptz := coalesce((p_item ->> 'page_at')::timestamptz, now());
  v_method text := coalesce(p_item ->> 'method', 'unknown');
  v_version text := p_item ->> 'scraper_version';
  v_outcome text := coalesce(p_item ->> 'outcome', 'ok');
  v_error text := p_item ->> 'error';
  v_facts jsonb := coalesce(p_item -> 'facts', '{}');
  v_retractions jsonb := coalesce(p_item -> 'retractions', '{}');
  v_decisions jsonb;
  v_values jsonb;
  v_states jsonb;
  v_changes jsonb;
  v_images jsonb := '{}';
  v_score_before numeric;
  v_score_after numeric;
  v_state text;
  v_was_complete boolean;
  v_gained boolean;
  v_closed_a_gap boolean;
  v_refused boolean := false;
  v_rescore boolean := false;
  v_live_until timestamptz;
begin
  select * into v from public.vehicles where id = (p_item ->> 'vehicle_id')::uuid;
  if not found then
    return jsonb_build_object('status', 'no_such_vehicle', 'error', 'no such vehicle');
  end if;
  v_held := to_jsonb(v);
  select overall_score into v_score_before from public.vehicle_quality_scores where vehicle_id = v.id;
  v_was_complete := private.is_marked_complete(v.origin_metadata);

  -- Another car now stands at this URL: its facts are not this vehicle's.
  if private.is_vin(v_facts -> 'vin' ->> 'value')
    and private.is_vin(v.vin)
    and v_facts -> 'vin' ->> 'value' <> upper(v.vin)
    and (
      (v_facts ? 'year' and v.year <> (v_facts -> 'year' ->> 'value')::integer)
      or (v_facts ? 'make' and lower(v.make) <> lower(v_facts -> 'make' ->> 'value'))
    )
  then
    v_refused := true;
    v_outcome := 'invalid';
    v_error := format(
      'another vehicle stands at this URL: VIN %s is held, the page says %s %s %s, VIN %s',
      v.vin, v_facts -> 'year' ->> 'value', v_facts -> 'make' ->> 'value',
      v_facts -> 'model' ->> 'value', v_facts -> 'vin' ->> 'value');
    v_facts := jsonb_build_object('vin', (v_facts -> 'vin') || '{"confidence": 0}');
    v_retractions := '{}';
    p_item := p_item - 'images' - 'image_results' - 'auction' - 'absent';
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

  -- The sale fields follow the latest auction of a vehicle that was offered more than once.
  if p_item ? 'auction' and exists (
    select from public.auction_events e
    where e.vehicle_id = v.id
      and e.source_url <> public.canonical_listing_url(p_item ->> 'source_url')
      and e.ends_at > coalesce((p_item -> 'auction' ->> 'ends_at')::timestamptz, '-infinity')
  ) then
    v_facts := v_facts - array['sale_price', 'high_bid', 'asking_price', 'sale_status', 'sale_date', 'currency'];
    v_retractions := v_retractions - array['sale_price', 'high_bid', 'asking_price', 'sale_status', 'sale_date', 'currency'];
  end if;

  -- Every field that the page speaks of meets the value held.
  with incoming as (
    select
      f.key as field,
      f.value ->> 'value' as new,
      (f.value ->> 'confidence')::numeric as confidence,
      f.value ->> 'evidence' as evidence,
      coalesce(f.value ->> 'method', v_method) as method
    from jsonb_each(v_facts) f
    where f.key = any (private.fact_columns())
      and f.value ->> 'value' is not null
    union all
    select r.key, null, (r.value ->> 'confidence')::numeric, r.value ->> 'evidence', v_method
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
        i.field, v_held ->> i.field, v.field_state -> i.field, i.new, i.confidence, i.method,
        v_version, v_source, v_page_at
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
      v.field_state -> i.field -> 'conflict' ->> 'source' = v_source as ends_a_conflict
    from incoming i
  )
  select
    coalesce(jsonb_agg(to_jsonb(d)), '[]'),
    coalesce(jsonb_object_agg(d.field, d.new) filter (where d.decision in ('filled', 'replaced', 'cleared')), '{}'),
    coalesce(jsonb_object_agg(d.field, case
      when d.decision in ('filled', 'replaced') then private.kept_rejections(d.state) || jsonb_build_object(
        'confidence', d.confidence, 'method', d.method, 'version', v_version,
        'source', v_source, 'at', now(), 'page_at', v_page_at)
      when d.decision = 'cleared' then
        private.kept_rejections(d.state) || jsonb_build_object('why', 'retracted', 'at', now())
      when d.decision = 'conflict' then coalesce(d.state, '{}') || jsonb_build_object('conflict', jsonb_build_object(
        'value', d.new, 'confidence', d.confidence, 'method', d.method, 'source', v_source, 'at', now()))
      else case when d.ends_a_conflict then d.state - 'conflict' else d.state end
        || case
          when d.is_stronger then jsonb_build_object(
            'confidence', d.confidence, 'version', coalesce(v_version, d.state ->> 'version'))
          else '{}'
        end
    end) filter (
      where d.decision in ('filled', 'replaced', 'cleared')
        or (d.decision = 'conflict' and (
          d.state -> 'conflict' ->> 'value' is distinct from d.new
          or (d.state -> 'conflict' ->> 'confidence')::numeric is distinct from d.confidence))
        or (d.decision = 'confirmed' and (d.is_stronger or d.ends_a_conflict))
    ), '{}')
  into v_decisions, v_values, v_states
  from decided d;
  v_after := to_jsonb(jsonb_populate_record(v, v_values));
  v_changes := (
    select coalesce(jsonb_object_agg(f, jsonb_build_object('old', v_held -> f, 'new', v_after -> f)), '{}')
    from jsonb_object_keys(v_values) f
  );

  -- A value held without state gets one from the page that says the same.
  v_states := (
    select coalesce(jsonb_object_agg(d ->> 'field', private.kept_rejections(d -> 'state') || jsonb_build_object(
      'confidence', greatest((d ->> 'confidence')::numeric, 0.5), 'method', d ->> 'method',
      'version', v_version, 'source', v_source, 'at', now(), 'page_at', v_page_at)), '{}')
    from jsonb_array_elements(v_decisions) d
    where d ->> 'decision' = 'confirmed' and d -> 'state' -> 'confidence' is null
  ) || (
    -- Why there is nothing: the page has the place, and it is empty.
    select coalesce(jsonb_object_agg(f, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}')
    from jsonb_array_elements_text(coalesce(p_item -> 'absent', '[]')) f
    where f = any (private.fact_columns())
      and v_held ->> f is null
      and not v_facts ? f
      and v.field_state -> f is null
  ) || v_states;

  -- Provenance: what is no longer held or no longer disputed, what is confirmed, then what was read.
  if v_values <> '{}' then
    update public.extraction_metadata m
    set validation_status = case when v_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    where m.vehicle_id = v.id
      and m.validation_status = 'accepted'
      and v_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from jsonb_to_recordset(v_decisions) as d(field text, new text, decision text)
  where m.vehicle_id = v.id
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
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end)
  from jsonb_to_recordset(v_decisions)
    as d(field text, confidence numeric, decision text, is_stronger boolean)
  where m.vehicle_id = v.id
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id
  )
  select
    v.id, d.field, d.new, d.held, d.method, v_version, d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, p_item ->> 'source_url', (p_item ->> 'snapshot_id')::uuid
  from jsonb_to_recordset(v_decisions)
    as d(field text, new text, held text, method text, confidence numeric, evidence text, decision text)
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = v.id and m.field_name = d.field and m.validation_status = 'accepted'))
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set last_confirmed_at = now(),
      -- What a person found wrong stays so, however often it is read.
      validation_status = case
        when held.validation_status = 'rejected' and excluded.validation_status = 'conflict' then 'rejected'
        else excluded.validation_status
      end,
      confidence_score = excluded.confidence_score,
      evidence = excluded.evidence,
      source_url = excluded.source_url,
      snapshot_id = excluded.snapshot_id,
      -- What was read before and comes to stand now has come now.
      extracted_at = case
        when held.validation_status = excluded.validation_status then held.extracted_at
        else excluded.extracted_at
      end,
      previous_value = case
        when held.validation_status = excluded.validation_status then held.previous_value
        else excluded.previous_value
      end;

  if v_values <> '{}' or v_states <> '{}'
    or (v_outcome = 'gone' and v.listing_ended_at is null)
    or (v_outcome = 'ok' and v.listing_ended_at is not null)
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
          when v_values ? 'description' then coalesce(v_facts -> 'description' ->> 'method', v_method)
          else description_source
        end,
        field_state = field_state || v_states,
        listing_ended_at = case v_outcome
          when 'gone' then coalesce(listing_ended_at, now())
          when 'ok' then null
          else listing_ended_at
        end
    where id = v.id;
    perform set_config('vehicles.writer', '', true);
    v_rescore := v_values <> '{}' or v_states <> '{}';
  end if;

  if jsonb_typeof(p_item -> 'auction') = 'object' then
    perform private.apply_auction(
      v.id, p_item ->> 'source_url', v_page_at, p_item -> 'auction',
      coalesce(p_item -> 'bids', '[]'), coalesce(p_item -> 'comments', '[]'));
    v_live_until := case
      when p_item -> 'auction' ->> 'outcome' = 'live' then (p_item -> 'auction' ->> 'ends_at')::timestamptz
    end;
  end if;

  if p_item ? 'images' or p_item ? 'image_results' then
    perform set_config('vehicles.rescore', 'by the writer', true);
    v_images := private.store_image_results(
      v.id,
      array(select jsonb_array_elements_text(coalesce(p_item -> 'images', '[]'))),
      coalesce(p_item -> 'image_results', '[]'));
    v_rescore := v_rescore or (v_images ->> 'stored')::integer > 0;
  end if;

  -- Once, for facts and images together.
  if v_rescore then
    perform private.vehicles_changed(array[v.id]);
  end if;
  perform set_config('vehicles.rescore', '', true);

  insert into public.scrape_steps (vehicle_id, step_name, status, error_message, metadata, completed_at)
  select v.id, s.step_name, s.status, s.error_message, coalesce(s.metadata, '{}'), now()
  from jsonb_to_recordset(coalesce(p_item -> 'steps', '[]'))
    as s(step_name text, status text, error_message text, metadata jsonb);

  select overall_score into v_score_after from public.vehicle_quality_scores where vehicle_id = v.id;
  v_gained := v_changes <> '{}' or coalesce((v_images ->> 'stored')::integer, 0) > 0;
  v_closed_a_gap := v_score_after > v_score_before
    or coalesce((v_images ->> 'stored')::integer, 0) > 0
    or exists (select from jsonb_array_elements(v_decisions) d where d ->> 'decision' = 'filled');

  if p_item -> 'request' ->> 'queue' = 'micro_scrape_state' then
    v_state := private.settle_micro_scrape(
      v.id, v_outcome, v_closed_a_gap, p_item ->> 'extraction_hash', v_error,
      (p_item ->> 'retry_at')::timestamptz, v_live_until,
      case when p_item ? 'scraper_version' then v_method end, v_version);
  else
    if jsonb_typeof(p_item -> 'request') = 'object' then
      v_state := private.settle_queue_row(
        p_item -> 'request' ->> 'queue', (p_item -> 'request' ->> 'id')::uuid,
        (p_item -> 'request' ->> 'lease_token')::uuid, v_outcome, v_error,
        (p_item ->> 'retry_at')::timestamptz);
      if p_item -> 'request' ->> 'queue' = 'backfill_queue' then
        update public.backfill_queue
        set changes_detected = v_changes,
            fields_updated = array(select k from jsonb_object_keys(v_changes) k order by k)
        where id = (p_item -> 'request' ->> 'id')::uuid;
      end if;
    end if;
    if v_outcome = 'gone' then
      update public.micro_scrape_state
      set state = 'ended', last_outcome = 'gone', last_error = v_error
      where vehicle_id = v.id and state in ('due', 'waiting', 'exhausted', 'failed');
    elsif v_outcome in ('ok', 'not_modified') then
      -- Somebody else read something new from the page of an exhausted vehicle: it gets another chance.
      update public.micro_scrape_state
      set state = case when state in ('exhausted', 'ended') then 'due' else state end,
          due_at = case when state in ('exhausted', 'ended') then now() else due_at end,
          fruitless_passes = case when state in ('exhausted', 'ended') then 0 else fruitless_passes end,
          extraction_hash = p_item ->> 'extraction_hash'
      where vehicle_id = v.id
        and state <> 'leased'
        and extraction_hash is distinct from p_item ->> 'extraction_hash'
        and p_item ->> 'extraction_hash' is not null;
    end if;
  end if;

  return jsonb_build_object(
    'status', case when v_refused then 'refused' else 'applied' end,
    'outcome', v_outcome,
    'error', v_error,
    'changes', v_changes,
    'fields_updated', (select coalesce(jsonb_agg(k order by k), '[]') from jsonb_object_keys(v_changes) k),
    'conflicts', (
      select coalesce(jsonb_agg(d ->> 'field'), '[]')
      from jsonb_array_elements(v_decisions) d where d ->> 'decision' = 'conflict'),
    'images', v_images,
    'score_before', v_score_before,
    'score_after', v_score_after,
    'gained', v_gained,
    'state', coalesce(v_state, (select state from public.micro_scrape_state where vehicle_id = v.id)),
    'marked_complete', not v_was_complete and (
      select private.is_marked_complete(origin_metadata) from public.vehicles where id = v.id)
  );
end
$$;
comment on function private.apply_one(jsonb) is 'One item of apply_extractions(), its rows locked by the caller.';

grant execute on function private.kept_rejections(jsonb) to service_role;
grant execute on function private.apply_one(jsonb) to service_role;
