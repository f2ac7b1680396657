-- Unmerge in any order.

-- A function may name what comes below it.
set check_function_bodies = off;

drop index public.vehicle_merges_by_kept;

alter table public.vehicle_merges
  drop constraint vehicle_merges_kept_vehicle_id_fkey;

drop function private.before_merge(uuid, uuid);

drop function private.give_back_facts(public.vehicles, public.vehicles, public.vehicle_merges);

drop function private.give_back_images(public.vehicles, public.vehicles, jsonb);

drop function private.take_facts(public.vehicles, public.vehicles, boolean);

drop function private.take_history(uuid, uuid, text[]);

drop function private.take_images(uuid, uuid);

alter table public.vehicle_merges
  add column number bigint generated always as identity not null;

create or replace function private.before_merge(k public.vehicles, o public.vehicles, p_order text) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'kept', to_jsonb(k),
    'order', p_order,
    'kept_urls', (select coalesce(jsonb_agg(d.url), '[]') from public.image_downloads d where d.vehicle_id = k.id),
    'kept_metadata', (
      select coalesce(jsonb_object_agg(m.id, m.validation_status), '{}')
      from public.extraction_metadata m where m.vehicle_id = k.id),
    'metadata', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.extraction_metadata m where m.vehicle_id = o.id),
    'auctions', (select coalesce(jsonb_agg(e.id), '[]') from public.auction_events e where e.vehicle_id = o.id),
    'steps', (select coalesce(jsonb_agg(s.id), '[]') from public.scrape_steps s where s.vehicle_id = o.id),
    'imports', (select coalesce(jsonb_agg(q.id), '[]') from public.import_queue q where q.vehicle_id = o.id),
    'kept_imports', (
      select coalesce(jsonb_object_agg(q.id, q.vehicle_id), '{}')
      from public.import_queue q
      where q.canonical_url in (k.canonical_url, o.canonical_url) and q.vehicle_id is distinct from o.id),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = o.id),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = o.id),
    'addresses', (
      select coalesce(jsonb_agg(to_jsonb(r)), '[]') from public.remembered_addresses r where r.vehicle_id = o.id),
    'pairs', (
      select coalesce(jsonb_agg(to_jsonb(c)), '[]')
      from (
        select * from public.vehicle_merge_candidates where vehicle_id = o.id
        union all
        select * from public.vehicle_merge_candidates where other_vehicle_id = o.id
      ) c
      where c.status <> 'open' and k.id not in (c.vehicle_id, c.other_vehicle_id))
  )
$$;

create or replace function private.bring_back_vehicle(m public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
declare
  o public.vehicles := jsonb_populate_record(null::public.vehicles, m.merged_vehicle);
begin
  insert into public.vehicles (
    id, year, make, model, trim, vin, mileage, color, interior_color, engine, transmission, drivetrain, body_style,
    sale_price, high_bid, asking_price, currency, sale_status, sale_date, seller_name, location, description,
    description_source, discovery_url, listing_url, bat_auction_url, origin_metadata, field_state, listing_ended_at,
    created_at)
  values (
    o.id, o.year, o.make, o.model, o.trim, o.vin, o.mileage, o.color, o.interior_color, o.engine, o.transmission,
    o.drivetrain, o.body_style, o.sale_price, o.high_bid, o.asking_price, o.currency, o.sale_status, o.sale_date,
    o.seller_name, o.location, o.description, o.description_source, o.discovery_url, o.listing_url,
    o.bat_auction_url, o.origin_metadata, o.field_state, o.listing_ended_at, o.created_at);
  -- Under their ids, by which a merge into this vehicle knows them.
  insert into public.extraction_metadata (
    id, vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at, reviewed_at, reviewed_by,
    review_note)
  overriding system value
  select t.id, t.vehicle_id, t.field_name, t.field_value, t.previous_value, t.extraction_method, t.scraper_version,
    t.confidence_score, t.validation_status, t.evidence, t.source_url, t.snapshot_id, t.extracted_at,
    t.last_confirmed_at, t.reviewed_at, t.reviewed_by, t.review_note
  from jsonb_populate_recordset(null::public.extraction_metadata, m.before -> 'metadata') t
  on conflict do nothing;

  update public.auction_events set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and (m.before -> 'auctions' ? id::text or source_url = o.canonical_url);
  update public.scrape_steps set vehicle_id = o.id
  where vehicle_id = m.kept_vehicle_id and m.before -> 'steps' ? id::text;
  delete from public.import_queue
  where vehicle_id = m.kept_vehicle_id and status = 'complete' and m.before -> 'made_imports' ? id::text;
  update public.import_queue
  set vehicle_id = case
    when m.before -> 'kept_imports' ? id::text then (m.before -> 'kept_imports' ->> id::text)::uuid else o.id
  end
  where vehicle_id = m.kept_vehicle_id
    and (m.before -> 'imports' ? id::text or m.before -> 'kept_imports' ? id::text or canonical_url = o.canonical_url);
  insert into public.remembered_addresses as held
  select r.* from jsonb_populate_recordset(null::public.remembered_addresses, m.before -> 'addresses') r
  on conflict (canonical_url) do update
  set vehicle_id = excluded.vehicle_id, former_vehicle_id = excluded.former_vehicle_id;
  insert into public.vehicle_merge_candidates as held
  select c.*
  from jsonb_populate_recordset(null::public.vehicle_merge_candidates, m.before -> 'pairs') c
  where exists (
    select from public.vehicles v where v.id in (c.vehicle_id, c.other_vehicle_id) and v.id <> o.id)
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
end
$$;

create or replace function private.facts_to_take(k public.vehicles, o public.vehicles, p_order text, p_fields text[])
returns text[]
language plpgsql stable
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(k);
  v_given jsonb := to_jsonb(o);
begin
  -- Two prices in two currencies are two offers, of which nobody knows the later: they are not mixed.
  if p_order is null and k.currency <> o.currency then
    p_order := 'unknown';
  end if;
  return array(
    select f
    from unnest(p_fields) f
    where case
      when coalesce(k.field_state -> f ->> 'method', '') like 'manual%' then false
      when p_order = 'later' and f = any (private.sale_columns()) then v_given -> f is distinct from v_held -> f
      when v_given ->> f is null or private.is_rejected(f, k.field_state -> f, v_given ->> f) then false
      when o.field_state -> f ->> 'method' like 'manual%' then true -- a person's word against a page's
      when p_order is not null and f = any (private.sale_columns()) then false
      else private.merge_decision(
        f, v_held ->> f, k.field_state -> f, v_given ->> f,
        coalesce((o.field_state -> f ->> 'confidence')::numeric, 0.5), coalesce(o.field_state -> f ->> 'method', 'unknown'),
        o.field_state -> f ->> 'version', o.field_state -> f ->> 'source', (o.field_state -> f ->> 'page_at')::timestamptz
      ) in ('filled', 'replaced')
    end
  );
end
$$;

create or replace function private.give_back_addresses(k public.vehicles, m public.vehicle_merges, p_later public.vehicle_merges[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  -- The address that the kept one left in this merge: a later merge, which it left this one's listing for, has it now.
  update public.remembered_addresses r
  set former_vehicle_id = l.merged_vehicle_id
  from unnest(p_later) l
  where r.canonical_url = m.before -> 'kept' ->> 'canonical_url'
    and r.former_vehicle_id = m.merged_vehicle_id
    and l.before ->> 'order' = 'later'
    and l.before -> 'kept' ->> 'canonical_url' = m.merged_vehicle ->> 'canonical_url';
  delete from public.remembered_addresses where former_vehicle_id = m.merged_vehicle_id and vehicle_id = k.id;
  delete from public.remembered_addresses where canonical_url = m.merged_vehicle ->> 'canonical_url' and vehicle_id = k.id;
  if k.canonical_url = m.merged_vehicle ->> 'canonical_url' then
    perform private.stand_on_listing(k.id, m.before -> 'kept');
  end if;
end
$$;

create or replace function private.give_back_facts(
  k public.vehicles, m public.vehicle_merges, p_later public.vehicle_merges[], p_urls jsonb
) returns text[]
language plpgsql
set search_path = ''
as $$
declare
  v_taken_later text[] := array(select distinct f from unnest(p_later) l, unnest(l.fields_taken) f);
  v_fields text[] := array(
    select f
    from unnest(m.fields_taken) f
    where f <> all (v_taken_later) and private.is_as_given(f, to_jsonb(k), m.merged_vehicle));
  v_row jsonb := private.with_facts(to_jsonb(k), m.before -> 'kept', v_fields);
begin
  v_row := v_row || jsonb_build_object('origin_metadata', private.without_image_urls(
    v_row -> 'origin_metadata', p_urls, m.before -> 'kept' -> 'origin_metadata'));
  if v_row <> to_jsonb(k) then
    perform private.write_facts(k.id, v_row);
  end if;
  return v_fields;
end
$$;

create or replace function private.give_back_images(p_keep uuid, p_other uuid, p_before jsonb, p_urls jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.vehicle_images i
  set vehicle_id = p_other, is_primary = t.is_primary
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where i.id = t.id and i.vehicle_id = p_keep;
  -- Pictures that both had went with the row; their files are the kept vehicle's still.
  insert into public.vehicle_images
  select t.*
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where exists (
    select from public.vehicle_images i
    where i.content_hash = t.content_hash and i.storage_path = t.storage_path)
  on conflict do nothing;

  delete from public.image_downloads where vehicle_id = p_other; -- as an insert makes them: none was tried
  insert into public.image_downloads (
    vehicle_id, url, position, wave, status, attempts, next_attempt_at, outcome, http_status, last_error,
    last_attempt_at, blocked_days, last_blocked_on, content_hash, duplicate_of, created_at)
  select t.vehicle_id, t.url, t.position, t.wave,
    case t.status when 'leased' then 'pending' else t.status end, t.attempts,
    case t.status when 'leased' then now() else t.next_attempt_at end, t.outcome, t.http_status,
    t.last_error, t.last_attempt_at, t.blocked_days, t.last_blocked_on, t.content_hash, t.duplicate_of, t.created_at
  from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'downloads') t;

  -- What the merge settled of the vehicle's own waits again; so does what was found equal to a picture that goes.
  update public.image_downloads d
  set status = t.status, attempts = t.attempts, next_attempt_at = t.next_attempt_at, outcome = t.outcome,
      last_attempt_at = t.last_attempt_at, content_hash = null
  from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'kept_downloads') t
  where d.vehicle_id = p_keep
    and d.url = t.url
    and d.status = 'stored'
    and not exists (
      select from public.vehicle_images i where i.vehicle_id = p_keep and i.content_hash = d.content_hash);
  update public.image_downloads
  set status = 'pending', next_attempt_at = now(), content_hash = null, duplicate_of = null
  where vehicle_id = p_keep and p_urls ? duplicate_of and not p_urls ? url;
  delete from public.image_downloads d where d.vehicle_id = p_keep and p_urls ? d.url;
end
$$;

create or replace function private.give_back_provenance(p_keep uuid, p_before jsonb, p_later public.vehicle_merges[], p_fields text[])
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- A row that a later merge brought, too, is that one's from now on.
  with brought as materialized (
    select b.* from private.provenance_brought(p_keep, p_before) b
  ),
  shared as materialized (
    select distinct on (b.id) b.id as held_id, t.*
    from unnest(p_later) l
    cross join lateral jsonb_populate_recordset(null::public.extraction_metadata, l.before -> 'metadata') t
    join brought b
      on b.field_name = t.field_name
      and b.value_hash = t.value_hash
      and b.extraction_method = t.extraction_method
      and b.scraper_version is not distinct from t.scraper_version
    order by b.id, l.number
  ),
  passed_on as (
    update public.extraction_metadata m
    set field_value = s.field_value, previous_value = s.previous_value, confidence_score = s.confidence_score,
        evidence = s.evidence, source_url = s.source_url, snapshot_id = s.snapshot_id,
        extracted_at = s.extracted_at, last_confirmed_at = s.last_confirmed_at
    from shared s
    where m.id = s.held_id
  )
  delete from public.extraction_metadata m
  using brought b
  where m.id = b.id and not exists (select from shared s where s.held_id = b.id);

  update public.extraction_metadata m
  set validation_status = h.value
  from jsonb_each_text(p_before -> 'kept_metadata') h
  where m.id = h.key::bigint
    and m.vehicle_id = p_keep
    and m.field_name = any (p_fields)
    and m.validation_status in ('superseded', 'accepted')
    and m.validation_status <> h.value;
end
$$;

create or replace function private.is_as_given(p_field text, p_held jsonb, p_given jsonb) returns boolean
language sql immutable parallel safe
return p_held -> p_field is not distinct from p_given -> p_field
  and (
    coalesce(p_held -> 'field_state' -> p_field ->> 'method', '') not like 'manual%'
    or p_held -> 'field_state' -> p_field is not distinct from p_given -> 'field_state' -> p_field
  );

create or replace function private.merge_again(p_keep uuid, l public.vehicle_merges, p_fields text[]) returns void
language plpgsql
set search_path = ''
as $$
declare
  k public.vehicles;
  o public.vehicles := jsonb_populate_record(null::public.vehicles, l.merged_vehicle);
  v_order text;
  v_taken text[];
begin
  select * into k from public.vehicles where id = p_keep;
  select case
    when max(ends_at) filter (where l.before -> 'auctions' ? id::text)
      > coalesce(max(ends_at) filter (where not l.before -> 'auctions' ? id::text), '-infinity') then 'later'
    when l.before ->> 'order' is not null then 'earlier'
  end
  into v_order
  from public.auction_events
  where vehicle_id = k.id;

  v_taken := private.facts_to_take(k, o, v_order, p_fields);
  if v_taken <> '{}' then
    perform private.write_facts(k.id, private.with_facts(to_jsonb(k), l.merged_vehicle, v_taken));
  end if;
  l.before := l.before || jsonb_build_object(
    'kept', private.with_facts(l.before -> 'kept', to_jsonb(k), v_taken),
    'kept_metadata', (l.before -> 'kept_metadata') || (
      select coalesce(jsonb_object_agg(r.id, r.validation_status), '{}')
      from public.extraction_metadata r
      where r.vehicle_id = k.id and r.field_name = any (p_fields) and l.before -> 'kept_metadata' ? r.id::text));
  perform private.take_provenance(k, l.before, v_taken, p_fields);
  l.before := l.before || jsonb_build_object(
    'kept_downloads', coalesce(l.before -> 'kept_downloads', '[]') || private.take_images(k.id, l.before));

  if v_order = 'later' and k.canonical_url is distinct from o.canonical_url and l.before ->> 'order' is distinct from 'later' then
    l.before := l.before || jsonb_build_object('order', v_order, 'kept', l.before -> 'kept' || jsonb_build_object(
      'discovery_url', k.discovery_url, 'canonical_url', k.canonical_url,
      'listing_ended_at', k.listing_ended_at, 'bat_auction_url', k.bat_auction_url));
    perform private.stand_on_listing(k.id, l.merged_vehicle);
    perform private.remember_addresses(
      array[k.canonical_url], o.id, k.id, nullif(concat_ws(' ', k.year, k.make, k.model), ''), coalesce(l.note, 'merged'));
  end if;
  update public.vehicle_merges
  set before = l.before, fields_taken = fields_taken || v_taken
  where id = l.id;
end
$$;

create or replace function private.merge_to_take_back(p_vehicle_id uuid) returns public.vehicle_merges
language plpgsql
set search_path = ''
as $$
declare
  m public.vehicle_merges;
  v_first uuid;
begin
  select * into m
  from public.vehicle_merges
  where merged_vehicle_id = p_vehicle_id and unmerged_at is null
  order by number desc
  limit 1;
  if not found then
    raise exception 'no merge of the vehicle % is on record', p_vehicle_id
      using errcode = 'P0002', hint = 'vehicle_merges names them: merged_vehicle_id is the one that went';
  elsif m.before is null then
    raise exception 'the merge of % was made by 0.1.0, which kept too little of it', p_vehicle_id
      using errcode = '55000', hint = 'vehicle_merges.merged_vehicle holds the row: insert it again by hand';
  end if;

  -- The vehicle before its merges, as everybody does who writes.
  perform from public.vehicles where id = m.kept_vehicle_id for update;
  if found then
    select * into m from public.vehicle_merges where id = m.id and unmerged_at is null for update;
    if not found then
      raise exception 'somebody has just taken back the merge of %', p_vehicle_id using errcode = '55006';
    end if;
    return m;
  end if;
  with recursive went as (
    select m.kept_vehicle_id as id, 1 as depth
    union all
    select n.kept_vehicle_id, w.depth + 1
    from went w
    join public.vehicle_merges n on n.merged_vehicle_id = w.id and n.unmerged_at is null
  )
  select n.merged_vehicle_id into v_first
  from went w
  join public.vehicle_merges n on n.merged_vehicle_id = w.id and n.unmerged_at is null
  order by w.depth desc
  limit 1;
  if v_first is null then
    raise exception 'the vehicle that % went into is gone', p_vehicle_id using errcode = '55000';
  end if;
  raise exception 'the vehicle that % went into, %, has gone into another since', p_vehicle_id, m.kept_vehicle_id
    using errcode = '55000', hint = format('Take that back first: select unmerge_vehicle(%L);', v_first);
end
$$;

create or replace function private.merge_without(
  l public.vehicle_merges, m public.vehicle_merges, p_fields text[], p_urls jsonb, p_rows text[]
) returns public.vehicle_merges
language plpgsql stable
set search_path = ''
as $$
declare
  v_fields text[] := array(
    select f
    from unnest(p_fields) f
    where f = any (l.fields_taken) and private.is_as_given(f, l.before -> 'kept', m.merged_vehicle));
  v_kept jsonb := private.with_facts(l.before -> 'kept', m.before -> 'kept', v_fields);
begin
  v_kept := v_kept || jsonb_build_object('origin_metadata', private.without_image_urls(
    v_kept -> 'origin_metadata', p_urls, m.before -> 'kept' -> 'origin_metadata'));
  if m.before ->> 'order' = 'later' and v_kept -> 'canonical_url' = m.merged_vehicle -> 'canonical_url' then
    v_kept := v_kept || jsonb_build_object(
      'discovery_url', m.before -> 'kept' -> 'discovery_url', 'canonical_url', m.before -> 'kept' -> 'canonical_url');
  end if;
  l.before := l.before || jsonb_build_object(
    'kept', v_kept,
    'kept_urls', (l.before -> 'kept_urls') - array(select jsonb_array_elements_text(p_urls)),
    'kept_metadata', ((l.before -> 'kept_metadata') - p_rows) || (
      select coalesce(jsonb_object_agg(h.key, h.value), '{}')
      from jsonb_each(m.before -> 'kept_metadata') h
      join public.extraction_metadata r on r.id = h.key::bigint
      where r.field_name = any (v_fields) and l.before -> 'kept_metadata' ? h.key));
  return l;
end
$$;

create or replace function private.on_vehicle_deleted() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  v_kept uuid := nullif(current_setting('vehicles.merged_into', true), '')::uuid;
  v_reason text := coalesce(nullif(current_setting('vehicles.reason', true), ''), 'deleted by hand');
  v_title text := nullif(concat_ws(' ', old.year, old.make, old.model), '');
  v_addresses text[] := array(
    select old.canonical_url where old.canonical_url is not null
    union
    select e.source_url from public.auction_events e where e.vehicle_id = old.id
    union
    select q.canonical_url from public.import_queue q where q.vehicle_id = old.id
    union
    select r.canonical_url from public.remembered_addresses r where r.vehicle_id = old.id and v_kept is null
  );
begin
  -- Those that it has from merges of its own go along, and stay what unmerge_vehicle() takes back.
  update public.remembered_addresses set vehicle_id = v_kept where vehicle_id = old.id and v_kept is not null;
  perform private.remember_addresses(v_addresses, old.id, v_kept, v_title, v_reason);
  if v_kept is null then
    perform private.forget_pages(v_addresses);
    -- Also the row of a worker: it loses its lease, and what it has read makes no vehicle; and one that could be
    -- tried again.
    delete from public.import_queue
    where canonical_url = any (v_addresses) and status in ('pending', 'processing', 'failed');
    -- The copies that merges keep, to be taken back: its own, and of those that went into one that went into it.
    with recursive held as (
      select old.id
      union
      select m.merged_vehicle_id
      from held h
      join public.vehicle_merges m on m.kept_vehicle_id = h.id and m.unmerged_at is null
    )
    delete from public.vehicle_merges m
    using held h
    where m.kept_vehicle_id = h.id or (m.merged_vehicle_id = h.id and h.id = old.id);
  end if;
  return old;
end
$$;

create or replace function private.order_of_offers(p_keep uuid, p_other uuid) returns text
language sql stable
set search_path = ''
as $$
  select case
    when max(ends_at) filter (where vehicle_id = p_other)
      > coalesce(max(ends_at) filter (where vehicle_id = p_keep), '-infinity') then 'later'
    when count(*) filter (where vehicle_id = p_other) > 0 and count(*) filter (where vehicle_id = p_keep) > 0 then 'earlier'
  end
  from public.auction_events
  where vehicle_id in (p_keep, p_other)
$$;

create or replace function private.provenance_brought(p_keep uuid, p_before jsonb) returns setof public.extraction_metadata
language sql stable
set search_path = ''
as $$
  select m.*
  from jsonb_populate_recordset(null::public.extraction_metadata, p_before -> 'metadata') t
  join public.extraction_metadata m
    on m.vehicle_id = p_keep
    and m.field_name = t.field_name
    and m.value_hash = t.value_hash
    and m.extraction_method = t.extraction_method
    and m.scraper_version is not distinct from t.scraper_version
  where not p_before -> 'kept_metadata' ? m.id::text
$$;

create or replace function private.stand_on_listing(p_id uuid, p_row jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  r public.vehicles := jsonb_populate_record(null::public.vehicles, p_row);
begin
  update public.vehicles set discovery_url = r.discovery_url where id = p_id;
  -- That was what moved; what is known of the listing comes with it.
  update public.vehicles
  set listing_ended_at = r.listing_ended_at, bat_auction_url = r.bat_auction_url
  where id = p_id
    and (listing_ended_at is distinct from r.listing_ended_at or bat_auction_url is distinct from r.bat_auction_url);
end
$$;

create or replace function private.take_images(p_keep uuid, p_before jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_changed jsonb;
begin
  if p_before -> 'downloads' = '[]' and p_before -> 'images' = '[]' then
    return '[]';
  end if;
  perform private.remember_image_urls(p_keep, array(
    select d.url from jsonb_to_recordset(p_before -> 'downloads') d(url text, position integer) order by d.position, d.url));

  update public.vehicle_images i
  set vehicle_id = p_keep,
      is_primary = i.is_primary
        and not exists (select from public.vehicle_images k where k.vehicle_id = p_keep and k.is_primary)
  from jsonb_to_recordset(p_before -> 'images') t(id uuid, vehicle_id uuid)
  where i.id = t.id
    and i.vehicle_id = t.vehicle_id
    and not exists (
      select from public.vehicle_images k where k.vehicle_id = p_keep and k.content_hash = i.content_hash);
  -- One that the vehicle had from another, which came back and took it along.
  insert into public.vehicle_images (
    id, vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position, is_primary,
    created_at)
  select
    t.id, p_keep, t.content_hash, t.image_url, t.storage_path, t.mime_type, t.bytes, t.width, t.height, t.position,
    t.is_primary and not exists (select from public.vehicle_images k where k.vehicle_id = p_keep and k.is_primary),
    t.created_at
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where not exists (select from public.vehicles v where v.id = t.vehicle_id)
    and not exists (
      select from public.vehicle_images k where k.vehicle_id = p_keep and k.content_hash = t.content_hash)
    and exists (
      select from public.vehicle_images i
      where i.content_hash = t.content_hash and i.storage_path = t.storage_path)
  on conflict do nothing;

  -- What is here is not downloaded again.
  with waiting as materialized (
    select d.*, t.content_hash as stored_hash, t.last_attempt_at as stored_at
    from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'downloads') t
    join public.image_downloads d on d.vehicle_id = p_keep and d.url = t.url
    where t.status = 'stored'
      and d.status = 'pending'
      and not exists (
        select from public.image_downloads s
        where s.vehicle_id = p_keep and s.status = 'stored' and s.content_hash = t.content_hash)
  ),
  done as (
    update public.image_downloads d
    set status = 'stored', content_hash = w.stored_hash, outcome = 'ok', next_attempt_at = null,
        last_attempt_at = w.stored_at, lease_token = null, lease_expires_at = null
    from waiting w
    where d.vehicle_id = p_keep and d.url = w.url
  )
  select coalesce(jsonb_agg(to_jsonb(w) - array['stored_hash', 'stored_at']), '[]')
  into v_changed
  from waiting w
  where p_before -> 'kept_urls' ? w.url;
  return v_changed;
end
$$;

create or replace function private.take_provenance(
  k public.vehicles, p_before jsonb, p_taken text[], p_fields text[]
) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_held jsonb := to_jsonb(k);
begin
  -- Where the fact was taken its history stands; where it was not, it is a reading that disagrees or agrees.
  update public.extraction_metadata m
  set validation_status = 'superseded'
  where m.vehicle_id = k.id
    and m.field_name = any (p_taken)
    and m.validation_status in ('accepted', 'conflict');
  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at
  )
  select
    k.id, o.field_name, o.field_value,
    case
      when o.validation_status = 'accepted' and o.field_name = any (p_taken)
        then coalesce(v_held ->> o.field_name, o.previous_value)
      else o.previous_value
    end,
    o.extraction_method, o.scraper_version, o.confidence_score,
    case
      when o.validation_status <> 'accepted' or o.field_name = any (p_taken) then o.validation_status
      when private.normal_value(o.field_name, o.field_value)
        = private.normal_value(o.field_name, v_held ->> o.field_name)
        then 'superseded'
      when o.field_name = any (private.sale_columns()) then 'superseded'
      else 'conflict'
    end,
    o.evidence, o.source_url, o.snapshot_id, o.extracted_at, o.last_confirmed_at
  from jsonb_populate_recordset(null::public.extraction_metadata, p_before -> 'metadata') o
  where o.field_name = any (p_fields)
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set validation_status = excluded.validation_status
  where excluded.validation_status = 'accepted'
    or (held.reviewed_at is null and not p_before -> 'kept_metadata' ? held.id::text);
end
$$;

create or replace function private.urls_brought(p_before jsonb) returns jsonb
language sql immutable parallel safe
return (
  select coalesce(jsonb_agg(d -> 'url'), '[]')
  from jsonb_array_elements(p_before -> 'downloads') d
  where not p_before -> 'kept_urls' ? (d ->> 'url')
);

create or replace function private.with_facts(p_vehicle jsonb, p_from jsonb, p_fields text[]) returns jsonb
language sql immutable parallel safe
return p_vehicle
  || coalesce((select jsonb_object_agg(f, p_from -> f) from unnest(p_fields) f), '{}')
  || case
    when 'description' = any (p_fields) then jsonb_build_object('description_source', p_from -> 'description_source')
    else '{}'
  end
  || jsonb_build_object('field_state', ((p_vehicle -> 'field_state') - p_fields) || coalesce((
    select jsonb_object_agg(f, p_from -> 'field_state' -> f) from unnest(p_fields) f where p_from -> 'field_state' ? f
  ), '{}'));

create or replace function private.without_image_urls(p_metadata jsonb, p_urls jsonb, p_before jsonb) returns jsonb
language sql immutable parallel safe
return case
  when p_urls = '[]' or not p_metadata ? 'image_urls' then p_metadata
  else (
    select case
      when left_over.urls = private.image_url_list(p_before -> 'image_urls') then
        (p_metadata - array['image_urls', 'image_count']) || jsonb_strip_nulls(jsonb_build_object(
          'image_urls', p_before -> 'image_urls', 'image_count', p_before -> 'image_count'))
      else p_metadata || jsonb_build_object('image_urls', left_over.urls, 'image_count', jsonb_array_length(left_over.urls))
    end
    from (
      select coalesce(jsonb_agg(u.value order by u.place), '[]') as urls
      from jsonb_array_elements(private.image_url_list(p_metadata -> 'image_urls')) with ordinality u(value, place)
      where not p_urls ? (u.value #>> '{}')
    ) left_over
  )
end;

create or replace function private.write_facts(p_id uuid, p_vehicle jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles := jsonb_populate_record(null::public.vehicles, p_vehicle);
begin
  perform set_config('vehicles.writer', 'apply_extractions', true); -- not a person's edit: each keeps its provenance
  update public.vehicles
  set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
      color = v.color, interior_color = v.interior_color, engine = v.engine,
      transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
      sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
      currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
      seller_name = v.seller_name, location = v.location, description = v.description,
      description_source = v.description_source, field_state = v.field_state, origin_metadata = v.origin_metadata
  where id = p_id;
  perform set_config('vehicles.writer', '', true);
end
$$;

create or replace function public.merge_vehicles(p_keep uuid, p_other uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  k public.vehicles;
  o public.vehicles;
  v_order text;
  v_taken text[];
  v_before jsonb;
  v_made jsonb;
  v_merge uuid;
begin
  if p_keep = p_other then
    raise exception 'a vehicle is not merged with itself' using errcode = '22023';
  end if;
  perform from public.vehicles where id in (p_keep, p_other) order by id for update;
  select * into k from public.vehicles where id = p_keep;
  select * into o from public.vehicles where id = p_other;
  if k.id is null or o.id is null then
    raise exception 'one of the two vehicles is gone: somebody may have merged them just now' using errcode = '55006';
  end if;
  if private.is_leased(k.id) or private.is_leased(o.id) then
    raise exception 'a worker holds one of the two under lease: try again in a minute' using errcode = '55006';
  end if;

  perform set_config('vehicles.rescore', 'by the writer', true);
  v_order := private.order_of_offers(k.id, o.id);
  v_before := private.before_merge(k, o, v_order);
  v_taken := private.facts_to_take(k, o, v_order, private.fact_columns());
  if v_taken <> '{}' then
    perform private.write_facts(k.id, private.with_facts(to_jsonb(k), to_jsonb(o), v_taken));
  end if;
  perform private.take_provenance(k, v_before, v_taken, private.fact_columns());
  update public.auction_events set vehicle_id = k.id where vehicle_id = o.id;
  update public.scrape_steps set vehicle_id = k.id where vehicle_id = o.id;
  update public.import_queue set vehicle_id = k.id where vehicle_id = o.id;
  v_before := v_before || jsonb_build_object('kept_downloads', private.take_images(k.id, v_before));
  insert into public.vehicle_merges
    (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note, before)
  values (k.id, o.id, to_jsonb(o), v_taken, private.who_asks(), p_note, v_before)
  returning id into v_merge;

  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.merged_into', k.id::text, true);
  perform set_config('vehicles.reason', coalesce(p_note, 'merged'), true);
  delete from public.vehicles where id = o.id;
  perform set_config('vehicles.merged_into', '', true);
  perform set_config('vehicles.reason', '', true);
  if v_order = 'later' then
    perform private.stand_on_listing(k.id, to_jsonb(o));
    perform private.remember_addresses(
      array[k.canonical_url], o.id, k.id, nullif(concat_ws(' ', k.year, k.make, k.model), ''), coalesce(p_note, 'merged'));
  end if;
  -- Both listings lead to it from now on.
  with led as (
    insert into public.import_queue as held (listing_url, status, vehicle_id, outcome_code, processed_at)
    select u.url, 'complete', k.id, 'ok', now()
    from unnest(array[k.discovery_url, o.discovery_url]) u(url)
    where public.canonical_listing_url(u.url) is not null
    on conflict (canonical_url) do update
    set vehicle_id = excluded.vehicle_id
    returning id, xmax = 0 as is_new
  )
  select coalesce(jsonb_agg(id) filter (where is_new), '[]') into v_made from led;
  update public.vehicle_merges
  set before = before || jsonb_build_object('made_imports', v_made)
  where id = v_merge and v_made <> '[]';
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;

create or replace function public.unmerge_vehicle(p_vehicle_id uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  m public.vehicle_merges := private.merge_to_take_back(p_vehicle_id);
  l public.vehicle_merges;
  v_later public.vehicle_merges[];
  k public.vehicles;
  v_fields text[];
  v_urls jsonb := private.urls_brought(m.before); -- all; v_own_urls: that no later merge brought, too
  v_own_urls jsonb := v_urls;
  v_rows text[];
  v_taken text[] := m.fields_taken;
begin
  select * into k from public.vehicles where id = m.kept_vehicle_id;
  if private.is_leased(k.id) then
    raise exception 'a worker holds vehicle % under lease: try again in a minute', k.id using errcode = '55006';
  end if;
  v_later := array(
    select n
    from public.vehicle_merges n
    where n.kept_vehicle_id = k.id and n.number > m.number and n.unmerged_at is null and n.before is not null
    order by n.number);
  foreach l in array v_later loop
    v_own_urls := v_own_urls - array(select d ->> 'url' from jsonb_array_elements(l.before -> 'downloads') d);
  end loop;
  v_rows := array(select id::text from private.provenance_brought(k.id, m.before));

  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.rescore', 'by the writer', true);
  v_fields := private.give_back_facts(k, m, v_later, v_own_urls);
  perform private.give_back_provenance(k.id, m.before, v_later, v_fields);
  perform private.give_back_addresses(k, m, v_later);
  perform private.bring_back_vehicle(m);
  perform private.give_back_images(k.id, p_vehicle_id, m.before, v_own_urls);
  foreach l in array v_later loop
    l := private.merge_without(l, m, v_taken, v_urls, v_rows);
    perform private.merge_again(k.id, l, v_fields);
    v_taken := array(select f from unnest(v_taken) f where f <> all (l.fields_taken));
    v_urls := v_urls - array(select d ->> 'url' from jsonb_array_elements(l.before -> 'downloads') d);
    v_rows := array(
      select r from unnest(v_rows) r
      where r not in (select b.id::text from private.provenance_brought(k.id, l.before) b));
  end loop;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id, p_vehicle_id]);
  perform set_config('vehicles.rescore', '', true);

  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin, status, note, resolved_at)
  values (
    least(k.id, p_vehicle_id), greatest(k.id, p_vehicle_id), coalesce(m.merged_vehicle ->> 'vin', k.vin, ''),
    'different_vehicles', p_note, now())
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
  update public.vehicle_merges set unmerged_at = now() where id = m.id;
  return jsonb_build_object('kept', k.id, 'unmerged', p_vehicle_id);
end
$$;

create index vehicle_merges_by_kept on public.vehicle_merges using btree (kept_vehicle_id, number);

comment on column public.vehicle_merges.kept_vehicle_id is 'No foreign key: the kept one may have gone into another since, and comes back with what it held.';

comment on column public.vehicle_merges.number is 'Which of the merges into one vehicle was first.';

comment on function private.before_merge(public.vehicles, public.vehicles, text) is
  'Both vehicles as they are before the second goes into the first.';

comment on function private.bring_back_vehicle(public.vehicle_merges) is 'Inserts a merged vehicle again under its id, with its provenance, auctions, steps, imports, addresses and answered pairs.';

comment on function private.facts_to_take(public.vehicles, public.vehicles, text, text[]) is
  'Which facts of the second vehicle the first takes: those of the later offer, those that a person set there, and else what the merge table says of a reading.';

comment on function
  private.give_back_addresses(public.vehicles, public.vehicle_merges, public.vehicle_merges[]) is
  'Frees the listing of the vehicle that comes back, and moves the kept one to where it stood.';

comment on function
  private.give_back_facts(public.vehicles, public.vehicle_merges, public.vehicle_merges[], jsonb) is
  'Gives the vehicle that was kept the facts that it held before the merge, but for what was changed or taken from another since, and takes these image URLs from it. Gives the names of the facts.';

comment on function private.give_back_images(uuid, uuid, jsonb, jsonb) is 'Gives the vehicle that comes back its pictures and the state of each of its image URLs; p_urls are those that the kept one has from it alone.';

comment on function private.give_back_provenance(uuid, jsonb, public.vehicle_merges[], text[]) is
  'Takes from the vehicle that was kept the provenance that it had from the merge; of the fields that it got back its own stands again.';

comment on function private.is_as_given(text, jsonb, jsonb) is 'Whether a row still holds the fact that another gave it, and no person has set it since.';

comment on function private.merge_again(uuid, public.vehicle_merges, text[]) is 'Gives a vehicle what a merge had not given it because of an earlier one, which was taken back now: these facts, their provenance, images, the listing.';

comment on function private.merge_to_take_back(uuid) is 'The merge in which this vehicle went, its row and that of the kept vehicle locked; else throws what to do first.';

comment on function
  private.merge_without(public.vehicle_merges, public.vehicle_merges, text[], jsonb, text[]) is
  'What a later merge would have kept of the vehicle, had this one not been: its facts in these fields, and neither these image URLs nor these rows of provenance.';

comment on function private.order_of_offers(uuid, uuid) is 'Whether the auctions of the second vehicle are later or earlier than those of the first; null when one has none.';

comment on function private.provenance_brought(uuid, jsonb) is 'The provenance that a vehicle has from a merge, of which this was kept.';

comment on function private.stand_on_listing(uuid, jsonb) is 'Moves a vehicle to the listing that this row stands on.';

comment on function private.take_images(uuid, jsonb) is 'Gives a vehicle the images and image URLs of another. Gives the downloads of its own that this settled, as they were.';

comment on function private.take_provenance(public.vehicles, jsonb, text[], text[]) is
  'Gives a vehicle, as it was before, the provenance of another in these fields, of which it has taken some.';

comment on function private.urls_brought(jsonb) is 'The image URLs that a vehicle has from a merge, of which this was kept.';

comment on function private.with_facts(jsonb, jsonb, text[]) is 'A vehicle''s row with these facts of another row, and what is known of each.';

comment on function private.without_image_urls(jsonb, jsonb, jsonb) is 'origin_metadata without these image URLs; where what is left is what stood there before, as it stood there.';

comment on function private.write_facts(uuid, jsonb) is 'Writes the facts of a row, their states and origin_metadata, as the system and not as a person.';

comment on function public.unmerge_vehicle(uuid, text) is 'Takes a merge back, in any order: the vehicle that went comes back as it was, under its id, with its auctions, images, provenance and what had gone into it; the kept one loses what it took, but for what was changed or taken from another since. The pair counts as different_vehicles. Gives {kept, unmerged}.';

revoke all on function private.before_merge(public.vehicles, public.vehicles, text) from public;

grant execute
  on function private.before_merge(public.vehicles, public.vehicles, text)
  to postgres, service_role;

revoke all on function private.bring_back_vehicle(public.vehicle_merges) from public;

grant execute on function private.bring_back_vehicle(public.vehicle_merges) to postgres, service_role;

revoke all on function private.facts_to_take(public.vehicles, public.vehicles, text, text[]) from public;

grant execute
  on function private.facts_to_take(public.vehicles, public.vehicles, text, text[])
  to postgres, service_role;

revoke all
  on function private.give_back_addresses(public.vehicles, public.vehicle_merges, public.vehicle_merges[])
  from public;

grant execute
  on function private.give_back_addresses(public.vehicles, public.vehicle_merges, public.vehicle_merges[])
  to postgres, service_role;

revoke all
  on function
    private.give_back_facts(public.vehicles, public.vehicle_merges, public.vehicle_merges[], jsonb)
  from public;

grant execute
  on function
    private.give_back_facts(public.vehicles, public.vehicle_merges, public.vehicle_merges[], jsonb)
  to postgres, service_role;

revoke all on function private.give_back_images(uuid, uuid, jsonb, jsonb) from public;

grant execute on function private.give_back_images(uuid, uuid, jsonb, jsonb) to postgres, service_role;

revoke all
  on function private.give_back_provenance(uuid, jsonb, public.vehicle_merges[], text[])
  from public;

grant execute
  on function private.give_back_provenance(uuid, jsonb, public.vehicle_merges[], text[])
  to postgres, service_role;

revoke all on function private.is_as_given(text, jsonb, jsonb) from public;

grant execute on function private.is_as_given(text, jsonb, jsonb) to postgres, service_role;

revoke all on function private.merge_again(uuid, public.vehicle_merges, text[]) from public;

grant execute
  on function private.merge_again(uuid, public.vehicle_merges, text[])
  to postgres, service_role;

revoke all on function private.merge_to_take_back(uuid) from public;

grant execute on function private.merge_to_take_back(uuid) to postgres, service_role;

revoke all
  on function private.merge_without(public.vehicle_merges, public.vehicle_merges, text[], jsonb, text[])
  from public;

grant execute
  on function private.merge_without(public.vehicle_merges, public.vehicle_merges, text[], jsonb, text[])
  to postgres, service_role;

revoke all on function private.order_of_offers(uuid, uuid) from public;

grant execute on function private.order_of_offers(uuid, uuid) to postgres, service_role;

revoke all on function private.provenance_brought(uuid, jsonb) from public;

grant execute on function private.provenance_brought(uuid, jsonb) to postgres, service_role;

revoke all on function private.stand_on_listing(uuid, jsonb) from public;

grant execute on function private.stand_on_listing(uuid, jsonb) to postgres, service_role;

revoke all on function private.take_images(uuid, jsonb) from public;

grant execute on function private.take_images(uuid, jsonb) to postgres, service_role;

revoke all on function private.take_provenance(public.vehicles, jsonb, text[], text[]) from public;

grant execute
  on function private.take_provenance(public.vehicles, jsonb, text[], text[])
  to postgres, service_role;

revoke all on function private.urls_brought(jsonb) from public;

grant execute on function private.urls_brought(jsonb) to postgres, service_role;

revoke all on function private.with_facts(jsonb, jsonb, text[]) from public;

grant execute on function private.with_facts(jsonb, jsonb, text[]) to postgres, service_role;

revoke all on function private.without_image_urls(jsonb, jsonb, jsonb) from public;

grant execute on function private.without_image_urls(jsonb, jsonb, jsonb) to postgres, service_role;

revoke all on function private.write_facts(uuid, jsonb) from public;

grant execute on function private.write_facts(uuid, jsonb) to postgres, service_role;
