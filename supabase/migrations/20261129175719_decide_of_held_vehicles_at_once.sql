-- Decide of held vehicles at once.

-- A function may name what comes below it.
set check_function_bodies = off;

create type private.fact_decision as (
  place integer,
  field text,
  new text,
  held text,
  state jsonb,
  decision text,
  confidence numeric,
  evidence text,
  method text,
  way text,
  declared numeric,
  calibration integer,
  is_stronger boolean,
  ends_a_conflict boolean
);

create or replace function private.absent_states(v public.vehicles, p_item jsonb) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(v);
begin
  return (
    select coalesce(jsonb_object_agg(t.field, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}')
    from jsonb_array_elements_text(p_item -> 'absent') t(field)
    where t.field = any (private.fact_columns())
      and v_held ->> t.field is null
      and not coalesce(p_item -> 'facts', '{}') ? t.field
      and v_held -> 'field_state' -> t.field is null
  );
end
$$;

create or replace function private.add_readings (
  p_vehicle_ids uuid[],
  p_items jsonb[],
  p_decisions private.fact_decision[]
)
  returns void
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  as $function$
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
  from unnest(p_decisions) with ordinality d
  join (
    select
      u.place, u.vehicle_id, u.item ->> 'scraper_version' as version, u.item ->> 'source_url' as url,
      (u.item ->> 'snapshot_id')::uuid as snapshot_id
    from unnest(p_vehicle_ids, p_items) with ordinality u(vehicle_id, item, place)
    offset 0 -- once a reading, not once a field
  ) r on r.place = d.place
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = any (p_vehicle_ids)
        and m.vehicle_id = r.vehicle_id
        and m.field_name = d.field
        and m.validation_status = 'accepted'))
  order by d.ordinality
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
$function$;

create or replace function private.add_readings (
  p_vehicle_ids uuid[],
  p_items jsonb[],
  p_decisions jsonb[]
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  perform private.add_readings(p_vehicle_ids, p_items, private.fact_decisions(p_decisions));
end
$function$;

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
  v_decisions private.fact_decision[];
  v_fields jsonb[];
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

  -- How each listing stands now, then what becomes of each field.
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
  select d.decisions, d.new_values, d.states, d.changes, d.fields
  into v_decisions, v_values, v_states, v_changes, v_fields
  from private.decide_held_facts(v_vehicles, v_items) d;

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
        or r.fields -> 'filled' <> '[]'
      order by r.place)
  into v_vehicles_now, v_passes, v_closed
  from unnest(v_ids, v_images, v_scores, v_fields) with ordinality r(id, images, score, fields, place)
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
      n.fields || jsonb_build_object(
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
      v_places, v_items, v_ids, v_fields, v_changes, v_images, v_steps, v_outcomes, v_errors, v_scores, v_ends)
      with ordinality
      n(place, item, id, fields, changes, images, steps, outcome, error, score, state, n)
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

create or replace function private.decide_held_facts(
  p_vehicles public.vehicles[], p_items jsonb[],
  out decisions private.fact_decision[], out new_values jsonb[], out states jsonb[], out changes jsonb[],
  out fields jsonb[]
)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
declare
  v_sources text[] := array(select private.url_host(i ->> 'source_url') from unnest(p_items) i);
  v_replaced jsonb[]; -- what was held where something new comes to stand
  v_each jsonb[]; -- the decisions of readings that do not meet their vehicles plainly
  v_after jsonb;
  d record;
begin
  decisions := private.met_facts(p_vehicles, p_items, v_sources);
  -- What is written of each: few of the fields that a page speaks of are new.
  select
    array_agg(coalesce(w.new_values, '{}') order by r.place),
    array_agg(coalesce(w.replaced, '{}') order by r.place),
    array_agg(coalesce(w.unstated, '{}') || coalesce(w.states, '{}') order by r.place)
  into new_values, v_replaced, states
  from generate_series(1, cardinality(p_items)) r(place)
  left join (
    select
      f.place,
      jsonb_object_agg(f.field, f.new) filter (where f.decision in ('filled', 'replaced')) as new_values,
      jsonb_object_agg(f.field, f.held) filter (where f.decision = 'replaced') as replaced,
      jsonb_object_agg(f.field, case
        when f.decision in ('filled', 'replaced') then private.kept_rejections(f.state) || jsonb_build_object(
          'confidence', f.confidence, 'method', f.method, 'version', f.version,
          'source', f.source, 'at', now(), 'page_at', f.page_at)
          || jsonb_strip_nulls(jsonb_build_object('way', f.way, 'declared', f.declared)) || f.listing
        when f.decision = 'conflict' then coalesce(f.state, '{}') || jsonb_build_object('conflict', jsonb_build_object(
          'value', f.new, 'confidence', f.confidence, 'method', f.method, 'source', f.source, 'at', now()))
        else case when f.ends_a_conflict then f.state - 'conflict' else f.state end
          || case
            when f.is_stronger then jsonb_build_object(
              'confidence', f.confidence, 'version', coalesce(f.version, f.state ->> 'version'))
            else '{}'
          end
      end) filter (where f.decision <> 'confirmed' or f.is_stronger or f.ends_a_conflict) as states,
      -- A value held without state gets one from the page that says the same.
      jsonb_object_agg(f.field, private.kept_rejections(f.state) || jsonb_build_object(
        'confidence', greatest(f.confidence, 0.5), 'method', f.method,
        'version', f.version, 'source', f.source, 'at', now(), 'page_at', f.page_at) || f.listing
      ) filter (where f.decision = 'confirmed' and f.state -> 'confidence' is null) as unstated
    from (
      select
        u.*,
        v_sources[u.place] as source,
        i.item ->> 'scraper_version' as version,
        coalesce((i.item ->> 'page_at')::timestamptz, now()) as page_at,
        case when i.item ? 'listing_id' then jsonb_build_object('listing', i.item -> 'listing_id') else '{}' end as listing
      from unnest(decisions) u
      cross join lateral (select p_items[u.place] as item offset 0) i
      where u.decision in ('filled', 'replaced')
        or (u.decision = 'conflict' and (
          u.state -> 'conflict' ->> 'value' is distinct from u.new
          or (u.state -> 'conflict' ->> 'confidence')::numeric is distinct from u.confidence))
        or (u.decision = 'confirmed' and (u.is_stronger or u.ends_a_conflict or u.state -> 'confidence' is null))
      offset 0
    ) f
    group by f.place
  ) w on w.place = r.place;

  for i in 1 .. cardinality(p_items) loop
    if private.meets_plainly(p_items[i]) then
      -- Why there is nothing: the page has the place, and it is empty.
      if coalesce(p_items[i] -> 'absent', '[]') <> '[]' then
        states[i] := private.absent_states(p_vehicles[i], p_items[i]) || states[i];
      end if;
      changes[i] := '{}';
      if new_values[i] <> '{}' then
        if v_replaced[i] <> '{}' then
          v_replaced[i] := to_jsonb(jsonb_populate_record(null::public.vehicles, v_replaced[i]));
        end if;
        v_after := to_jsonb(jsonb_populate_record(null::public.vehicles, new_values[i]));
        changes[i] := (
          select jsonb_object_agg(f.field, jsonb_build_object('old', v_replaced[i] -> f.field, 'new', v_after -> f.field))
          from jsonb_object_keys(new_values[i]) f(field));
      end if;
    else
      select * into d from private.decide_facts(p_vehicles[i], p_items[i]);
      new_values[i] := d.new_values;
      states[i] := d.states;
      changes[i] := d.changes;
      v_each := coalesce(v_each, array_fill('[]'::jsonb, array[cardinality(p_items)]));
      v_each[i] := d.decisions;
    end if;
  end loop;
  if v_each is not null then
    decisions := decisions || private.fact_decisions(v_each);
  end if;
  fields := private.decided_fields(decisions, cardinality(p_items));
end
$$;

create or replace function private.decided_fields (
  p_decisions private.fact_decision[],
  p_count integer
)
  returns jsonb[]
  language plpgsql
  stable
  set search_path to ''
  as $function$
begin
  return array(
    select jsonb_build_object(
      'filled', coalesce(w.filled, '[]'), 'corrected', coalesce(w.corrected, '[]'), 'cleared', coalesce(w.cleared, '[]'),
      'confirmed', coalesce(w.confirmed, '[]'), 'conflicts', coalesce(w.conflicts, '[]'))
    from generate_series(1, p_count) r(place)
    left join (
      select
        f.place,
        jsonb_agg(f.field) filter (where f.decision = 'filled') as filled,
        jsonb_agg(f.field) filter (where f.decision = 'replaced') as corrected,
        jsonb_agg(f.field) filter (where f.decision = 'cleared') as cleared,
        jsonb_agg(f.field) filter (where f.decision = 'confirmed') as confirmed,
        jsonb_agg(f.field) filter (where f.decision = 'conflict') as conflicts
      from (
        select u.place, u.field, u.decision
        from unnest(p_decisions) with ordinality u
        order by u.place, u.ordinality
        offset 0
      ) f
      group by f.place
    ) w on w.place = r.place
    order by r.place
  );
end
$function$;

create or replace function private.fact_decisions(p_decisions jsonb[]) returns private.fact_decision[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    select row(
      r.place, d.field, d.new, d.held, d.state, d.decision, d.confidence, d.evidence, d.method, d.way, d.declared,
      d.calibration, d.is_stronger, d.ends_a_conflict)::private.fact_decision
    from unnest(p_decisions) with ordinality r(decisions, place)
    cross join lateral rows from (jsonb_to_recordset(r.decisions) as (
      field text, new text, held text, state jsonb, decision text, confidence numeric, evidence text, method text,
      way text, declared numeric, calibration integer, is_stronger boolean, ends_a_conflict boolean)) with ordinality
      d(field, new, held, state, decision, confidence, evidence, method, way, declared, calibration, is_stronger,
        ends_a_conflict, n)
    order by r.place, d.n
  );
end
$$;

create or replace function private.meets_plainly(p_item jsonb) returns boolean
language sql immutable parallel safe
return private.has_plain_facts(p_item)
  and coalesce(p_item ->> 'outcome', 'ok') not in ('gone', 'invalid')
  and coalesce(p_item -> 'read_again', '[]') = '[]';

create or replace function private.met_facts(p_vehicles public.vehicles[], p_items jsonb[], p_sources text[])
returns private.fact_decision[]
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return array(
    with items as materialized (
      select
        n.place,
        jsonb_build_object(
          'year', v.year, 'make', v.make, 'model', v.model, 'trim', v.trim, 'vin', v.vin, 'mileage', v.mileage,
          'color', v.color, 'interior_color', v.interior_color, 'engine', v.engine, 'transmission', v.transmission,
          'drivetrain', v.drivetrain, 'body_style', v.body_style, 'sale_price', v.sale_price, 'high_bid', v.high_bid,
          'asking_price', v.asking_price, 'currency', v.currency, 'sale_status', v.sale_status,
          'sale_date', v.sale_date, 'seller_name', v.seller_name, 'location', v.location,
          'description', v.description) as held,
        v.field_state || '{}' as field_state, -- unpacked once, not at each mention
        n.item -> 'facts' as facts,
        coalesce(n.item ->> 'method', 'unknown') as method,
        n.item ->> 'scraper_version' as version,
        p_sources[n.place] as source,
        coalesce((n.item ->> 'page_at')::timestamptz, now()) as page_at
      from unnest(p_items) with ordinality n(item, place)
      join unnest(p_vehicles) with ordinality v on v.ordinality = n.place
      where private.meets_plainly(n.item)
    )
    select row(
      m.place, m.field, m.new, m.held, m.state,
      case
        -- As nearly all of what is read again, whoever said it before.
        when m.held = m.new and m.state -> 'rejected' is null then 'confirmed'
        else private.merge_decision(
          m.field, m.held, m.state, m.new, m.confidence, m.method, m.version, m.source, m.page_at)
      end,
      m.confidence, m.evidence, m.method, m.way, m.declared, m.calibration,
      -- Another source, or a better reading, says the same: that is worth more than one saying it twice.
      coalesce(m.state ->> 'method', '') not like 'manual%'
        and m.confidence > (m.state ->> 'confidence')::numeric
        and (
          m.state ->> 'source' is distinct from m.source
          or coalesce(private.version_number(m.version) > private.version_number(m.state ->> 'version'), false)
        ),
      m.state -> 'conflict' ->> 'source' = m.source)::private.fact_decision
    from (
      -- Every field that the page speaks of meets the value held.
      select
        i.place, i.version, i.source, i.page_at,
        e.n,
        e.key as field,
        e.value ->> 'value' as new,
        (e.value ->> 'confidence')::numeric as confidence,
        e.value ->> 'evidence' as evidence,
        coalesce(e.value ->> 'method', i.method) as method,
        e.value ->> 'way' as way,
        (e.value ->> 'declared')::numeric as declared,
        (e.value ->> 'calibration')::integer as calibration,
        i.held ->> e.key as held,
        i.field_state -> e.key as state
      from items i
      cross join lateral jsonb_each(i.facts) with ordinality e(key, value, n)
      where e.key = any (private.fact_columns())
        and e.value ->> 'value' is not null
      offset 0 -- read out once, not at each mention
    ) m
    order by m.place, m.n
  );
end
$$;

create or replace function private.note_provenance (
  p_vehicle_ids uuid[],
  p_items jsonb[],
  p_decisions private.fact_decision[],
  p_values jsonb[]
)
  returns void
  language plpgsql
  set search_path to ''
  set enable_seqscan to 'off'
  as $function$
declare
  v_sources text[] := array(select private.url_host(i ->> 'source_url') from unnest(p_items) i);
  v_place integer;
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
  from unnest(p_decisions) d
  where m.vehicle_id = any (p_vehicle_ids)
    and m.vehicle_id = p_vehicle_ids[d.place]
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = v_sources[d.place]
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end),
      reading_way = coalesce(m.reading_way, case when private.url_host(m.source_url) = v_sources[d.place] then d.way end)
  from unnest(p_decisions) d
  where m.vehicle_id = any (p_vehicle_ids)
    and m.vehicle_id = p_vehicle_ids[d.place]
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  perform private.add_readings(p_vehicle_ids, p_items, p_decisions);
  -- Most are what the same source said before.
  for v_place in
    select distinct d.place
    from unnest(p_decisions) d
    where d.state ->> 'source' <> v_sources[d.place]
    order by 1
  loop
    perform private.compare_sources(p_vehicle_ids[v_place], v_sources[v_place], (
      select jsonb_agg(to_jsonb(d)) from unnest(p_decisions) d where d.place = v_place));
  end loop;
end
$function$;

create or replace function private.note_provenance (
  p_vehicle_ids uuid[],
  p_items jsonb[],
  p_decisions jsonb[],
  p_values jsonb[]
)
  returns void
  language plpgsql
  set search_path to ''
  as $function$
begin
  perform private.note_provenance(p_vehicle_ids, p_items, private.fact_decisions(p_decisions), p_values);
end
$function$;

comment on function private.absent_states(public.vehicles, jsonb) is 'The states of the fields of a vehicle of which nothing is held, and for which its page has a place that is empty.';

comment on function private.add_readings(uuid[], jsonb[], private.fact_decision[]) is
  'Adds the values of readings to the provenance of their vehicles, or says of those that are there that they were read again.';

comment on function private.add_readings(uuid[], jsonb[], jsonb[]) is 'Does so by the decisions of readings as decide_facts() gives them.';

comment on function private.decide_held_facts(public.vehicles[], jsonb[]) is 'What decide_facts() gives for each of these readings, of the vehicle at the same place; fields: decided_fields() of each.';

comment on function private.decided_fields(private.fact_decision[], integer) is 'The fields of the decisions of p_count readings, for each by what was decided, as a result names them.';

comment on function private.fact_decisions(jsonb[]) is 'The decisions of readings, each as decide_facts() gives them, as rows in their order.';

comment on function private.meets_plainly(jsonb) is 'Whether a reading only states facts of its own listing: nothing is taken back by it, nor by what it no longer reads.';

comment on function private.met_facts(public.vehicles[], jsonb[], text[]) is 'What becomes of each field that those readings speak of that meet their vehicles plainly; p_sources: the hosts of the readings.';

comment on function private.note_provenance(uuid[], jsonb[], private.fact_decision[], jsonb[]) is
  'Writes down what became of each field of readings: p_values is what their vehicles hold from now on.';

comment on function private.note_provenance(uuid[], jsonb[], jsonb[], jsonb[]) is
  'Does so by the decisions of readings as decide_facts() gives them.';

comment on type private.fact_decision is 'What becomes of one field that a reading speaks of. place: that of the reading in its batch, from 1.';

revoke all on function private.absent_states(public.vehicles, jsonb) from public;

grant execute on function private.absent_states(public.vehicles, jsonb) to postgres, service_role;

revoke all on function private.add_readings(uuid[], jsonb[], private.fact_decision[]) from public;

grant execute
  on function private.add_readings(uuid[], jsonb[], private.fact_decision[])
  to postgres, service_role;

revoke all on function private.decide_held_facts(public.vehicles[], jsonb[]) from public;

grant execute
  on function private.decide_held_facts(public.vehicles[], jsonb[])
  to postgres, service_role;

revoke all on function private.decided_fields(private.fact_decision[], integer) from public;

grant execute
  on function private.decided_fields(private.fact_decision[], integer)
  to postgres, service_role;

revoke all on function private.fact_decisions(jsonb[]) from public;

grant execute on function private.fact_decisions(jsonb[]) to postgres, service_role;

revoke all on function private.meets_plainly(jsonb) from public;

grant execute on function private.meets_plainly(jsonb) to postgres, service_role;

revoke all on function private.met_facts(public.vehicles[], jsonb[], text[]) from public;

grant execute
  on function private.met_facts(public.vehicles[], jsonb[], text[])
  to postgres, service_role;

revoke all
  on function private.note_provenance(uuid[], jsonb[], private.fact_decision[], jsonb[])
  from public;

grant execute
  on function private.note_provenance(uuid[], jsonb[], private.fact_decision[], jsonb[])
  to postgres, service_role;

grant usage on type private.fact_decision to postgres;
