-- Write imports set wise.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger register_image_urls_of_new on public.vehicles;

drop function private.note_listing_events(public.vehicle_listings, public.vehicle_listings, timestamp
  with time zone, uuid);

drop function private.vehicle_with_vin_of(jsonb);

create or replace function private.decide_new_facts(p_ids uuid[], p_listings bigint[], p_items jsonb[])
returns table (place bigint, decisions jsonb, new_values jsonb, states jsonb, changes jsonb)
language plpgsql stable -- its plan is kept
set search_path = ''
as $$
begin
  return query
  with items as materialized (
    select
      r.place,
      r.id,
      r.listing_id,
      r.item,
      private.has_plain_facts(r.item) as is_plain,
      coalesce(r.item -> 'facts', '{}') as facts,
      coalesce(r.item ->> 'method', 'unknown') as method,
      jsonb_build_object(
        'version', r.item ->> 'scraper_version',
        'source', private.url_host(r.item ->> 'source_url'),
        'at', now(),
        'page_at', coalesce((r.item ->> 'page_at')::timestamptz, now()),
        'listing', r.listing_id
      ) as state
    from unnest(p_ids, p_listings, p_items) with ordinality r(id, listing_id, item, place)
  ),
  plain as (
    select i.place, d.decisions, d.new_values, a.states || d.states as states
    from items i
    -- Every field that the page speaks of is filled.
    cross join lateral (
      select
        coalesce(jsonb_agg('{"held": null, "state": null, "decision": "filled", "is_stronger": null,
            "ends_a_conflict": null, "moves": false}'::jsonb || jsonb_build_object(
          'field', f.field,
          'new', f.new,
          'confidence', f.confidence,
          'evidence', f.evidence,
          'method', f.method,
          'way', f.way,
          'declared', f.declared,
          'calibration', f.calibration
        ) order by f.n), '[]') as decisions,
        coalesce(jsonb_object_agg(f.field, f.new), '{}') as new_values,
        coalesce(jsonb_object_agg(f.field, i.state
          || jsonb_build_object('confidence', f.confidence, 'method', f.method)
          || case when f.way is not null then jsonb_build_object('way', f.way) else '{}' end
          || case when f.declared is not null then jsonb_build_object('declared', f.declared) else '{}' end
        ), '{}') as states
      from (
        select
          e.n,
          e.key as field,
          e.value ->> 'value' as new,
          (e.value ->> 'confidence')::numeric as confidence,
          e.value ->> 'evidence' as evidence,
          coalesce(e.value ->> 'method', i.method) as method,
          e.value ->> 'way' as way,
          (e.value ->> 'declared')::numeric as declared,
          (e.value ->> 'calibration')::integer as calibration
        from jsonb_each(i.facts) with ordinality e(key, value, n)
        where e.key = any (private.fact_columns())
          and e.value ->> 'value' is not null
      ) f
    ) d
    -- Why there is nothing: the page has the place, and it is empty.
    cross join lateral (
      select coalesce(jsonb_object_agg(t.field, jsonb_build_object('why', 'absent_at_source', 'at', now())), '{}') as states
      from jsonb_array_elements_text(coalesce(i.item -> 'absent', '[]')) t(field)
      where t.field = any (private.fact_columns())
        and not i.facts ? t.field
    ) a
    where i.is_plain
  ),
  met as (
    select i.place, d.decisions, d.new_values, d.states
    from items i
    cross join lateral private.decide_facts(
      jsonb_populate_record(null::public.vehicles, jsonb_build_object(
        'id', i.id, 'listing_url', i.item -> 'source_url', 'field_state', '{}'::jsonb)),
      i.item || jsonb_build_object('listing_id', i.listing_id)) d
    where not i.is_plain
  )
  select
    t.place, t.decisions, t.new_values, t.states,
    (
      select coalesce(jsonb_object_agg(f.field, jsonb_build_object('old', null, 'new', v.after -> f.field)), '{}')
      from jsonb_object_keys(t.new_values) f(field)
    )
  from (select * from plain union all select * from met) t
  cross join lateral (
    select to_jsonb(jsonb_populate_record(null::public.vehicles, t.new_values)) as after
    offset 0 -- once a vehicle
  ) v
  order by t.place;
end
$$;

create or replace function private.has_plain_facts(p_item jsonb) returns boolean
language sql immutable parallel safe
return coalesce(p_item -> 'retractions', '{}') = '{}'
  and coalesce((p_item ->> 'is_followed')::boolean, true)
  and not coalesce((p_item ->> 'takes_over')::boolean, false);

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
  v_refused text;
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

  perform private.settle_first_readings(v_ids, v_items);
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

create or replace function private.insert_read_listings(p_ids bigint[], p_vehicle_ids uuid[], p_items jsonb[])
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

create or replace function private.note_listing_events(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[]
) returns void
language plpgsql
set search_path = ''
as $$
begin
  insert into public.listing_events
    (listing_id, event, at, status_from, status_to, price_from, price_to, currency, snapshot_id)
  select
    (r.a).id, e.event, (r.a).page_at, e.status_from, (r.a).status, e.price_from, (r.a).price, (r.a).currency,
    private.as_uuid(r.item ->> 'snapshot_id')
  from (
    select p_before[i] as b, p_after[i] as a, p_items[i] as item,
      (p_before[i]).page_at is null and (p_after[i]).page_at is not null as is_first
    from generate_subscripts(p_after, 1) i
    offset 0 -- unpacked once
  ) r
  cross join lateral (
    select 'seen' as event, null as status_from, null::numeric as price_from
    where r.is_first
    union all
    select
      case
        when (r.a).status in ('sold', 'removed') then (r.a).status
        when (r.b).ended_at is not null and (r.a).ended_at is null then 'relisted'
        else 'status_changed'
      end,
      (r.b).status, (r.b).price
    where (r.a).status <> (r.b).status
      and (not r.is_first or (r.b).status <> 'unknown')
      and not (r.is_first and (r.a).status = 'sold')
    union all
    select 'price_changed', (r.b).status, (r.b).price
    where not r.is_first
      and (r.a).price is distinct from (r.b).price
      and (r.a).price is not null
      and (r.a).status = (r.b).status
  ) e;
end
$$;

create or replace function private.register_image_urls() returns trigger
language plpgsql
set search_path = ''
as $$
begin
  perform private.register_images(array[new.id], array[new.origin_metadata -> 'image_urls']);
  return null;
end
$$;

create or replace function private.register_image_urls_of_new() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_ids uuid[];
  v_urls jsonb[];
begin
  select array_agg(v.id), array_agg(v.origin_metadata -> 'image_urls')
  into v_ids, v_urls
  from added v
  where v.origin_metadata ? 'image_urls';
  if v_ids is not null then
    perform private.register_images(v_ids, v_urls);
  end if;
  return null;
end
$$;

create or replace function private.register_images(p_vehicle_ids uuid[], p_image_urls jsonb[]) returns void
language plpgsql -- its plan is kept
set search_path = ''
as $$
declare
  v_without_cover uuid[];
begin
  with seen as materialized (
    select t.vehicle_id, t.url, (min(t.place) - 1)::integer as position, t.url ~* '^https?://[^\s/]' as fetchable
    from (
      select v.id as vehicle_id, btrim(e.value #>> '{}') as url, e.place
      from unnest(p_vehicle_ids, p_image_urls) v(id, urls)
      cross join lateral jsonb_array_elements(private.image_url_list(v.urls)) with ordinality as e(value, place)
      where jsonb_typeof(e.value) = 'string'
      offset 0 -- trimmed once
    ) t
    where octet_length(t.url) between 1 and 2048
    group by t.vehicle_id, t.url
  ),
  added as (
    insert into public.image_downloads
      (vehicle_id, url, position, wave, status, next_attempt_at, outcome, last_error)
    select
      s.vehicle_id,
      s.url,
      s.position,
      private.image_wave(s.position),
      case when s.fetchable then 'pending' else 'failed' end,
      case when s.fetchable then now() end,
      case when not s.fetchable then 'invalid' end,
      case when not s.fetchable then 'not an http(s) URL' end
    from seen s
    order by s.vehicle_id, s.position
    on conflict (vehicle_id, url) do nothing
    returning vehicle_id, wave, status
  )
  select array_agg(v.id)
  into v_without_cover
  from unnest(p_vehicle_ids) v(id)
  where not exists (
    select from added a where a.vehicle_id = v.id and a.wave = 0 and a.status = 'pending'
  );

  if v_without_cover is not null then
    perform private.try_next_cover(v_without_cover);
  end if;
end
$$;

create or replace function private.settle_first_readings(p_ids uuid[], p_items jsonb[]) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the tables are small, and is kept
as $$
declare
  v_vehicles public.vehicles[];
  v_passes public.micro_scrape_state[];
  v_written public.micro_scrape_state[] := '{}';
  s public.micro_scrape_state;
  v_auctions integer[] := '{}';
begin
  select array_agg(v order by n.place), array_agg(m order by n.place)
  into v_vehicles, v_passes
  from unnest(p_ids) with ordinality n(id, place)
  join public.vehicles v on v.id = any (p_ids) and v.id = n.id
  left join public.micro_scrape_state m on m.vehicle_id = any (p_ids) and m.vehicle_id = n.id;
  for i in 1 .. cardinality(p_ids) loop
    s := private.state_after_reading(
      v_passes[i], v_vehicles[i], p_items[i] - 'request', 'ok', true,
      case when p_items[i] -> 'auction' ->> 'outcome' = 'live' then (p_items[i] -> 'auction' ->> 'ends_at')::timestamptz end);
    if s is distinct from v_passes[i] then
      v_written := v_written || s;
    end if;
    if p_items[i] ? 'bids' and private.was_read_whole(p_items[i], 'ok') then
      v_auctions := v_auctions || i;
    end if;
    if v_vehicles[i].listing_url = v_vehicles[i].bat_auction_url then
      perform private.queue_imported_auction(p_ids[i], p_items[i], 'ok', true);
    end if;
  end loop;
  if v_written <> '{}' then
    perform private.write_states(v_written);
  end if;
  if v_auctions <> '{}' then
    perform private.end_auction_requests(
      array(select p_ids[i] from unnest(v_auctions) i), array(select p_items[i] from unnest(v_auctions) i),
      array_fill('ok'::text, array[cardinality(v_auctions)]));
  end if;
end
$$;

create or replace function private.with_vehicles_that_are_here(p_items jsonb) returns jsonb
language plpgsql stable -- its plan is kept
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
set enable_bitmapscan = off
as $$
begin
  return (
    with items as materialized (
      select
        e.n, e.i,
        public.canonical_listing_url(e.i ->> 'source_url') as url,
        upper(e.i -> 'facts' -> 'vin' ->> 'value') as vin
      from jsonb_array_elements(p_items) with ordinality e(i, n)
    ),
    cars as materialized (
      select
        t.n,
        case when private.is_vin(t.vin) and not private.is_suspect_vin(t.vin, null) then t.vin end as vin
      from items t
    )
    select coalesce(jsonb_agg(t.i || jsonb_build_object('vehicle_id', coalesce(
      (select vehicle_id from public.vehicle_listings where canonical_url = t.url),
      (select id from public.vehicles where canonical_url = t.url),
      (select vehicle_id from public.auction_events where source_url = t.url),
      (select vehicle_id from public.import_queue where canonical_url = t.url),
      (select vehicle_id from public.remembered_addresses where canonical_url = t.url),
      (
        select o.id
        from (
          select v.id, v.created_at
          from public.vehicles v
          where private.vin_key(v.vin, v.make) = c.vin and v.vin is not null
          limit private.most_of_a_vin() + 1
        ) o
        order by o.created_at, o.id
        limit 1
      )
    )) order by t.n), '[]')
    from items t
    join cars c on c.n = t.n
  );
end
$$;

create or replace function private.write_listings_as_read(
  p_before public.vehicle_listings[], p_after public.vehicle_listings[], p_items jsonb[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  b public.vehicle_listings;
  l public.vehicle_listings;
begin
  update public.vehicle_listings h
  set page_at = a.page_at, first_seen_at = a.first_seen_at, last_seen_at = a.last_seen_at, offer = a.offer,
      kind = a.kind, seller = a.seller, mileage = a.mileage, title = a.title, listed_at = a.listed_at,
      likeness = a.likeness, status = a.status, price = a.price, currency = a.currency, ended_at = a.ended_at,
      ended_because = a.ended_because
  from unnest(p_after) a
  where h.id = any (array(select u.id from unnest(p_after) u)) -- by the index, whatever the order of the join
    and h.id = a.id;
  for i in 1 .. cardinality(p_after) loop
    b := p_before[i];
    l := p_after[i];
    if l.likeness is distinct from b.likeness and l.likeness is not null then
      perform private.pair_alike_listings(l);
    end if;
  end loop;
  perform private.note_listing_events(p_before, p_after, p_items);
end
$$;

create or replace function public.import_listings(p_items jsonb) returns jsonb
language plpgsql
set search_path = ''
set plan_cache_mode = 'force_generic_plan'
as $$
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'import_listings takes a JSON array of items' using errcode = '22023';
  end if;
  p_items := private.with_capped_confidence(private.with_calibrated_confidence(p_items));
  -- One importer at a time of a listing and of a VIN. Waited for in one order, before any row is locked.
  perform pg_advisory_xact_lock(k.key)
  from (
    select distinct hashtextextended(w.what, 5) as key
    from jsonb_array_elements(p_items) i
    cross join lateral (
      values
        ('listing ' || public.canonical_listing_url(i ->> 'source_url')),
        ('vin ' || (
          select vin
          from (select i -> 'facts' -> 'vin' ->> 'value' as vin) v
          where private.is_vin(vin) and not private.is_suspect_vin(vin, null) -- which joins no listings
        ))
    ) w(what)
    where w.what is not null
    order by 1
  ) k;
  p_items := private.with_vehicles_that_are_here(p_items);
  return private.write_each(p_items, true, private.lock_with_retry(p_items));
end
$$;

create trigger register_image_urls_of_new
  after insert on public.vehicles referencing new table as added
  for each statement
  execute function private.register_image_urls_of_new();

comment on function private.decide_new_facts(uuid[], bigint[], jsonb[]) is 'What decide_facts() gives for each of these readings, of vehicles of which nothing is held: by the ids that they and their listings will have. place: from 1.';

comment on function private.has_plain_facts(jsonb) is 'Whether a reading takes nothing back and speaks of the sale of its own listing, as nearly every one does.';

comment on function
  private.note_listing_events(public.vehicle_listings[], public.vehicle_listings[], jsonb[]) is
  'Writes what happened to listings between two readings of each. A sum that changes with the status, a bid that becomes a sale, is told by that event.';

comment on function private.register_image_urls() is 'Gives every URL in origin_metadata.image_urls its row, however it came there: a scrape or a hand in Studio.';

comment on function private.register_image_urls_of_new() is 'Gives every URL in origin_metadata.image_urls of new vehicles its row, once a statement.';

comment on function private.register_images(uuid[], jsonb[]) is 'Gives every URL of the image_urls of these vehicles its row in image_downloads.';

comment on function private.settle_first_readings(uuid[], jsonb[]) is 'What other workers would have asked of vehicles that were just made, and need not any more: settle_related_work() of a batch.';

comment on function private.with_vehicles_that_are_here(jsonb) is 'These readings, each with the vehicle that stands, or once stood, on its listing, or else with the oldest one that has its VIN: vehicle_of_listing() and vehicle_with_vin_of() of a batch.';

revoke all on function private.decide_new_facts(uuid[], bigint[], jsonb[]) from public;

grant execute
  on function private.decide_new_facts(uuid[], bigint[], jsonb[])
  to postgres, service_role;

revoke all on function private.has_plain_facts(jsonb) from public;

grant execute on function private.has_plain_facts(jsonb) to postgres, service_role;

revoke all
  on function private.note_listing_events(public.vehicle_listings[], public.vehicle_listings[], jsonb[])
  from public;

grant execute
  on function private.note_listing_events(public.vehicle_listings[], public.vehicle_listings[], jsonb[])
  to postgres, service_role;

revoke all on function private.register_image_urls_of_new() from public;

grant execute on function private.register_image_urls_of_new() to postgres;

revoke all on function private.register_images(uuid[], jsonb[]) from public;

grant execute on function private.register_images(uuid[], jsonb[]) to postgres, service_role;

revoke all on function private.settle_first_readings(uuid[], jsonb[]) from public;

grant execute on function private.settle_first_readings(uuid[], jsonb[]) to postgres, service_role;

revoke all on function private.with_vehicles_that_are_here(jsonb) from public;

grant execute on function private.with_vehicles_that_are_here(jsonb) to postgres, service_role;
