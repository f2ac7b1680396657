-- New listings of a batch become vehicles all at once: a statement costs as much for twenty rows as for one.

create function private.plainly_new(p_items jsonb, p_locked_elsewhere bigint[])
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
comment on function private.plainly_new(jsonb, bigint[]) is
  'The items of a batch that make a vehicle of their own: readings of listings that are not here, of a car that is not here, whose lease is held. place: from 1.';
grant execute on function private.plainly_new(jsonb, bigint[]) to service_role;

create function private.insert_read_vehicles(p_ids uuid[], p_items jsonb[], p_values jsonb[], p_states jsonb[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.vehicles (
    id, discovery_url, origin_metadata, field_state, description_source,
    year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description
  )
  select
    n.id, btrim(n.item ->> 'source_url'), private.image_urls_added(null, private.image_urls_of(n.item)), n.states,
    case when n.new_values ->> 'description' is not null
      then coalesce(n.item -> 'facts' -> 'description' ->> 'method', n.item ->> 'method', 'unknown') end,
    v.year, v.make, v.model, v.trim, v.vin, v.mileage, v.color, v.interior_color, v.engine, v.transmission,
    v.drivetrain, v.body_style, v.sale_price, v.high_bid, v.asking_price, v.currency, v.sale_status, v.sale_date,
    v.seller_name, v.location, v.description
  from unnest(p_ids, p_items, p_values, p_states) n(id, item, new_values, states)
  cross join lateral jsonb_populate_record(null::public.vehicles, n.new_values) v;
end
$$;
comment on function private.insert_read_vehicles(uuid[], jsonb[], jsonb[], jsonb[]) is
  'Inserts vehicles with what was read of them, in one statement: their ids, readings, values and the states of these.';
grant execute on function private.insert_read_vehicles(uuid[], jsonb[], jsonb[], jsonb[]) to service_role;

create function private.insert_read_listings(p_ids bigint[], p_vehicle_ids uuid[], p_items jsonb[])
returns void
language plpgsql
set search_path = ''
as $$
declare
  b public.vehicle_listings;
  l public.vehicle_listings;
  v_before public.vehicle_listings[];
  v_after public.vehicle_listings[];
begin
  for b in
    select r.*
    from unnest(p_ids, p_vehicle_ids) with ordinality n(listing_id, vehicle_id, place)
    join public.vehicles v on v.id = n.vehicle_id
    left join public.import_queue q on q.canonical_url = v.canonical_url
    cross join lateral jsonb_populate_record(null::public.vehicle_listings, jsonb_build_object(
      'id', n.listing_id,
      'vehicle_id', v.id,
      'listing_url', v.listing_url,
      'canonical_url', v.canonical_url,
      'source_host', v.source_host,
      'kind', private.listing_kind(v.source_host, false),
      'title', q.listing_title,
      'status', 'unknown',
      'listed_at', now(),
      'first_seen_at', now(),
      'last_seen_at', now(),
      'offer', '{}'::jsonb)) r
    order by n.place
  loop
    l := private.listing_as_read(b, p_items[coalesce(cardinality(v_after), 0) + 1], 'ok');
    v_before := v_before || b;
    v_after := v_after || l;
  end loop;

  insert into public.vehicle_listings (
    id, vehicle_id, listing_url, kind, status, price, currency, seller, title, mileage, likeness,
    listed_at, first_seen_at, last_seen_at, page_at, ended_at, ended_because, offer)
  overriding system value
  select
    a.id, a.vehicle_id, a.listing_url, a.kind, a.status, a.price, a.currency, a.seller, a.title, a.mileage, a.likeness,
    a.listed_at, a.first_seen_at, a.last_seen_at, a.page_at, a.ended_at, a.ended_because, a.offer
  from unnest(v_after) a;

  foreach l in array v_after loop
    if l.likeness is not null then
      perform private.pair_alike_listings(l);
    end if;
  end loop;
  perform private.note_listing_events(v_before, v_after, p_items);
  perform private.note_looks(v_before, v_after, p_items, array_fill('ok'::text, array[cardinality(p_items)]));
end
$$;
comment on function private.insert_read_listings(bigint[], uuid[], jsonb[]) is
  'Inserts the listings of vehicles that were just made, as their pages were read: with what happened there, and when the next look is. All are here before one is paired with those like it: of more than a VIN may have none is.';
grant execute on function private.insert_read_listings(bigint[], uuid[], jsonb[]) to service_role;

create function private.note_vins_of(p_ids uuid[]) returns void
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
comment on function private.note_vins_of(uuid[]) is
  'Looks at the VINs of vehicles that were just made, after their listings: two that are alike by both are noted as alike.';
grant execute on function private.note_vins_of(uuid[]) to service_role;

create function private.settle_new_imports(p_ids uuid[], p_items jsonb[]) returns void
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
comment on function private.settle_new_imports(uuid[], jsonb[]) is
  'Ends the rows of import_queue whose listings became these vehicles.';
grant execute on function private.settle_new_imports(uuid[], jsonb[]) to service_role;

create function private.import_new_listings(p_items jsonb, p_locked_elsewhere bigint[]) returns jsonb
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
  v_refused text;
  v_place integer;
begin
  select
    array_agg(n.place), array_agg(n.item), array_agg(gen_random_uuid()),
    array_agg(nextval('public.vehicle_listings_id_seq'))
  into v_places, v_items, v_ids, v_listings
  from private.plainly_new(p_items, p_locked_elsewhere) n;
  if v_places is null then
    return '[]';
  end if;

  select
    array_agg(d.decisions order by d.place), array_agg(d.new_values order by d.place),
    array_agg(d.states order by d.place), array_agg(d.changes order by d.place)
  into v_decisions, v_values, v_states, v_changes
  from private.decide_new_facts(v_ids, v_listings, v_items) d;

  perform set_config('vehicles.importing', 'on', true);
  perform set_config('vehicles.listings', 'by the writer', true);
  perform set_config('vehicles.rescore', 'by the writer', true);
  perform private.insert_read_vehicles(v_ids, v_items, v_values, v_states);
  perform private.insert_read_listings(v_listings, v_ids, v_items);
  perform private.note_vins_of(v_ids);
  perform private.add_readings(v_ids, v_items, v_decisions);
  for i in 1 .. cardinality(v_items) loop
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

  perform private.settle_read_pages(
    v_ids, array(select i - 'request' from unnest(v_items) i), array_fill('ok'::text, array[cardinality(v_ids)]),
    array_fill(true, array[cardinality(v_ids)]),
    array(
      select case when i -> 'auction' ->> 'outcome' = 'live' then (i -> 'auction' ->> 'ends_at')::timestamptz end
      from unnest(v_items) i));
  for v_place in
    select n.place
    from unnest(v_ids) with ordinality n(id, place)
    join public.vehicles v on v.id = n.id
    where v.listing_url = v.bat_auction_url
  loop
    perform private.queue_imported_auction(v_ids[v_place], v_items[v_place], 'ok', true);
  end loop;
  v_steps := private.note_steps(
    v_ids, array(select i - 'request' from unnest(v_items) i), array_fill('ok'::text, array[cardinality(v_items)]),
    array(select i ->> 'error' from unnest(v_items) i), array_fill('{}'::jsonb, array[cardinality(v_items)]),
    array_fill(null::text, array[cardinality(v_items)]));
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
comment on function private.import_new_listings(jsonb, bigint[]) is
  'Makes vehicles of those items of a batch that are plainly new, all at once, or of none. Gives a result for each that it made, as import_one() does; null where somebody holds what it needs.';
grant execute on function private.import_new_listings(jsonb, bigint[]) to service_role;
