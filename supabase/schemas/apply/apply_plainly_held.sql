-- Readings of vehicles that are held, and of which nothing but their own listing is touched, are written together: a
-- statement costs as much for twenty rows as for one.

create function private.apply_plainly_held(p_items jsonb, p_locked_elsewhere bigint[]) returns jsonb
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
comment on function private.apply_plainly_held(jsonb, bigint[]) is
  'Applies those items of a batch that are plainly readings of vehicles that are held, all at once, or none. Gives a result for each that it applied, as apply_one() does; null where somebody holds what it needs.';
grant execute on function private.apply_plainly_held(jsonb, bigint[]) to service_role;
