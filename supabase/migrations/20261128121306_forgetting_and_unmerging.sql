-- Forgetting and unmerging.

-- A function may name what comes below it.
set check_function_bodies = off;

drop trigger note_inserted_provenance on public.vehicles;

create table public.remembered_addresses (
  canonical_url text not null,
  kind text not null,
  vehicle_id uuid,
  former_vehicle_id uuid not null,
  title text,
  reason text not null,
  remembered_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint remembered_addresses_canonical_url_check check ((canonical_url ~ '^https://'::text)),
  constraint remembered_addresses_check check (((kind = 'merged'::text) or (vehicle_id is null))),
  constraint remembered_addresses_kind_check
    check ((kind = any (array['forgotten'::text, 'merged'::text]))),
  constraint remembered_addresses_pkey primary key (canonical_url)
);

alter table public.remembered_addresses
  enable row level security;

alter table public.vehicle_merges
  add column before jsonb;

alter table public.vehicle_merges
  add column unmerged_at timestamp with time zone;

create or replace function private.before_merge(p_keep uuid, p_other uuid) returns jsonb
language sql stable
set search_path = ''
as $$
  select jsonb_build_object(
    'kept', (select to_jsonb(v) from public.vehicles v where v.id = p_keep),
    'kept_urls', (select coalesce(jsonb_agg(d.url), '[]') from public.image_downloads d where d.vehicle_id = p_keep),
    'kept_metadata', (
      select coalesce(jsonb_object_agg(m.id, m.validation_status), '{}')
      from public.extraction_metadata m where m.vehicle_id = p_keep),
    'metadata', (
      select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.extraction_metadata m where m.vehicle_id = p_other),
    'auctions', (select coalesce(jsonb_agg(e.id), '[]') from public.auction_events e where e.vehicle_id = p_other),
    'steps', (select coalesce(jsonb_agg(s.id), '[]') from public.scrape_steps s where s.vehicle_id = p_other),
    'imports', (select coalesce(jsonb_agg(q.id), '[]') from public.import_queue q where q.vehicle_id = p_other),
    'images', (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from public.vehicle_images i where i.vehicle_id = p_other),
    'downloads', (
      select coalesce(jsonb_agg(to_jsonb(d)), '[]') from public.image_downloads d where d.vehicle_id = p_other)
  )
$$;

create or replace function private.check_remembered_address() returns trigger
language plpgsql
set search_path = ''
as $$
declare
  r public.remembered_addresses;
begin
  select * into r from public.remembered_addresses where canonical_url = new.canonical_url;
  if not found or r.vehicle_id = new.id then
    return null;
  elsif r.kind = 'merged' then
    raise exception 'the listing % is vehicle % since a merge', new.canonical_url, r.vehicle_id using
      errcode = '23505',
      hint = format('Look at that vehicle, or take the merge back: select unmerge_vehicle(%L);', r.former_vehicle_id);
  end if;
  delete from public.remembered_addresses where canonical_url = new.canonical_url;
  return null;
end
$$;

create or replace function private.forget_pages(p_addresses text[]) returns integer
language plpgsql
set search_path = ''
as $$
declare
  v_count integer;
begin
  with gone as (
    delete from public.page_snapshots where canonical_url = any (p_addresses) returning storage_path
  ),
  unneeded as (
    insert into private.unneeded_snapshot_objects (storage_path)
    select distinct storage_path from gone -- one that another page shares is left out by claim_unneeded_objects()
    order by 1
    on conflict do nothing
  )
  select count(*) into v_count from gone;
  return v_count;
end
$$;

create or replace function private.give_back_facts(k public.vehicles, o public.vehicles, p_merge public.vehicle_merges) returns void
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles := jsonb_populate_record(null::public.vehicles, p_merge.before -> 'kept');
  v_fields text[];
  v_other_urls text[] := array(
    select d ->> 'url' from jsonb_array_elements(p_merge.before -> 'downloads') d
    where not p_merge.before -> 'kept_urls' ? (d ->> 'url'));
begin
  -- What was changed since stays.
  v_fields := array(
    select f from unnest(p_merge.fields_taken) f where to_jsonb(k) -> f is not distinct from to_jsonb(o) -> f);
  v := jsonb_populate_record(k, (select coalesce(jsonb_object_agg(f, to_jsonb(v) -> f), '{}') from unnest(v_fields) f));
  update public.vehicles
  set year = v.year, make = v.make, model = v.model, trim = v.trim, vin = v.vin, mileage = v.mileage,
      color = v.color, interior_color = v.interior_color, engine = v.engine,
      transmission = v.transmission, drivetrain = v.drivetrain, body_style = v.body_style,
      sale_price = v.sale_price, high_bid = v.high_bid, asking_price = v.asking_price,
      currency = v.currency, sale_status = v.sale_status, sale_date = v.sale_date,
      seller_name = v.seller_name, location = v.location, description = v.description,
      description_source = case
        when 'description' = any (v_fields) then p_merge.before -> 'kept' ->> 'description_source' else description_source
      end,
      field_state = (field_state - v_fields) || (
        select coalesce(jsonb_object_agg(f, p_merge.before -> 'kept' -> 'field_state' -> f), '{}')
        from unnest(v_fields) f
        where p_merge.before -> 'kept' -> 'field_state' ? f),
      origin_metadata = origin_metadata || case
        when origin_metadata ? 'image_urls' and v_other_urls <> '{}' then (
          select jsonb_build_object('image_urls', coalesce(jsonb_agg(u), '[]'), 'image_count', count(*))
          from jsonb_array_elements(private.image_url_list(origin_metadata -> 'image_urls')) u
          where u #>> '{}' <> all (v_other_urls))
        else '{}'
      end,
      discovery_url = case
        when canonical_url = o.canonical_url then p_merge.before -> 'kept' ->> 'discovery_url' else discovery_url
      end
  where id = k.id;

  delete from public.extraction_metadata m
  using jsonb_populate_recordset(null::public.extraction_metadata, p_merge.before -> 'metadata') t
  where m.vehicle_id = k.id
    and not p_merge.before -> 'kept_metadata' ? m.id::text
    and (m.field_name, m.value_hash, m.extraction_method) = (t.field_name, t.value_hash, t.extraction_method)
    and m.scraper_version is not distinct from t.scraper_version;
  update public.extraction_metadata m
  set validation_status = h.value
  from jsonb_each_text(p_merge.before -> 'kept_metadata') h
  where m.id = h.key::bigint
    and m.vehicle_id = k.id
    and m.field_name = any (v_fields)
    and m.validation_status = 'superseded';
end
$$;

create or replace function private.give_back_images(k public.vehicles, o public.vehicles, p_before jsonb) returns void
language plpgsql
set search_path = ''
as $$
begin
  update public.vehicle_images i
  set vehicle_id = o.id, is_primary = t.is_primary
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where i.id = t.id and i.vehicle_id = k.id;
  -- Pictures that both had went with the row; their files are the kept vehicle's still.
  insert into public.vehicle_images
  select t.*
  from jsonb_populate_recordset(null::public.vehicle_images, p_before -> 'images') t
  where exists (
    select from public.vehicle_images i
    where i.content_hash = t.content_hash and i.storage_path = t.storage_path)
  on conflict do nothing;

  delete from public.image_downloads where vehicle_id = o.id; -- as an insert makes them: none was tried
  insert into public.image_downloads (
    vehicle_id, url, position, wave, status, attempts, next_attempt_at, outcome, http_status, last_error,
    last_attempt_at, blocked_days, last_blocked_on, content_hash, duplicate_of, created_at)
  select t.vehicle_id, t.url, t.position, t.wave, t.status, t.attempts, t.next_attempt_at, t.outcome, t.http_status,
    t.last_error, t.last_attempt_at, t.blocked_days, t.last_blocked_on, t.content_hash, t.duplicate_of, t.created_at
  from jsonb_populate_recordset(null::public.image_downloads, p_before -> 'downloads') t;
  delete from public.image_downloads d
  where d.vehicle_id = k.id
    and d.url in (select t ->> 'url' from jsonb_array_elements(p_before -> 'downloads') t)
    and not p_before -> 'kept_urls' ? d.url
    and not exists (
      select from public.image_downloads c where c.vehicle_id = k.id and c.duplicate_of = d.url);
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
    select r.canonical_url from public.remembered_addresses r where r.vehicle_id = old.id
  );
begin
  perform private.remember_addresses(v_addresses, old.id, v_kept, v_title, v_reason);
  if v_kept is null then
    perform private.forget_pages(v_addresses);
    -- Also the row of a worker: it loses its lease, and what it has read makes no vehicle.
    delete from public.import_queue where canonical_url = any (v_addresses) and status in ('pending', 'processing');
  end if;
  return old;
end
$$;

create or replace function private.remember_addresses(
  p_addresses text[], p_former uuid, p_kept uuid, p_title text, p_reason text
) returns void
language sql
set search_path = ''
as $$
  insert into public.remembered_addresses as held
    (canonical_url, kind, vehicle_id, former_vehicle_id, title, reason, remembered_by)
  select a, case when p_kept is null then 'forgotten' else 'merged' end, p_kept, p_former, p_title, p_reason,
    private.who_asks()
  from unnest(p_addresses) a
  where a is not null
  order by a
  on conflict (canonical_url) do update
  set kind = excluded.kind, vehicle_id = excluded.vehicle_id, former_vehicle_id = excluded.former_vehicle_id,
      title = excluded.title, reason = excluded.reason, remembered_by = excluded.remembered_by, created_at = now()
$$;

create or replace function private.vehicle_of_listing(p_url text) returns uuid
language sql stable
set search_path = ''
as $$
  select coalesce(
    (select id from public.vehicles where canonical_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.auction_events where source_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.import_queue where canonical_url = public.canonical_listing_url(p_url)),
    (select vehicle_id from public.remembered_addresses where canonical_url = public.canonical_listing_url(p_url)))
$$;

create or replace function private.who_asks() returns text
language sql stable
set search_path = ''
as $$
  select coalesce(auth.jwt() ->> 'email', auth.jwt() ->> 'sub', auth.jwt() ->> 'role', current_user)
$$;

create or replace function public.bring_back_address(p_url text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_url text := public.canonical_listing_url(p_url);
  r public.remembered_addresses;
begin
  select * into r from public.remembered_addresses where canonical_url = v_url for update;
  if not found then
    raise exception 'nothing is remembered of "%"', p_url using errcode = 'P0002';
  elsif r.kind = 'merged' then
    raise exception 'the listing % is vehicle % since a merge', v_url, r.vehicle_id using
      errcode = '22023', hint = format('Take the merge back: select unmerge_vehicle(%L);', r.former_vehicle_id);
  end if;
  delete from public.remembered_addresses where canonical_url = v_url;
  insert into public.import_queue (listing_url, priority) values (btrim(p_url), 10)
  on conflict (canonical_url) do update
  set status = 'pending';
  return jsonb_build_object('queued', v_url, 'title', r.title, 'reason', r.reason);
end
$$;

create or replace function public.enqueue_listings(p_items jsonb, p_from text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_result jsonb;
begin
  if jsonb_typeof(p_items) is distinct from 'array' then
    raise exception 'enqueue_listings takes a JSON array of items' using errcode = '22023';
  end if;
  with found as (
    select distinct on (public.canonical_listing_url(i.url))
      i.*, public.canonical_listing_url(i.url) as canonical
    from jsonb_to_recordset(p_items) as i(
      url text, source text, title text, price numeric, price_kind text, currency text, ends_at timestamptz,
      year integer, make text, model text, thumbnail_url text, raw jsonb, priority integer)
    where public.canonical_listing_url(i.url) is not null
    order by public.canonical_listing_url(i.url)
  ),
  known as materialized (
    select f.canonical
    from found f
    where exists (select from public.vehicles v where v.canonical_url = f.canonical)
      or exists (select from public.auction_events e where e.source_url = f.canonical)
      or exists (select from public.remembered_addresses r where r.canonical_url = f.canonical)
  ),
  queued as (
    insert into public.import_queue as held (
      listing_url, source, listing_title, listing_year, listing_make, listing_model, listing_price, price_kind,
      currency, ends_at, thumbnail_url, discovered_from, raw_data, priority
    )
    select
      btrim(f.url), f.source, f.title, f.year, f.make, f.model, f.price, f.price_kind,
      f.currency, f.ends_at, f.thumbnail_url, p_from, coalesce(f.raw, '{}'), coalesce(f.priority, 100)
    from found f
    where f.canonical not in (select canonical from known)
    order by f.canonical
    on conflict (canonical_url) do update
    set listing_title = coalesce(excluded.listing_title, held.listing_title),
        listing_price = coalesce(excluded.listing_price, held.listing_price),
        price_kind = coalesce(excluded.price_kind, held.price_kind),
        currency = coalesce(excluded.currency, held.currency),
        ends_at = coalesce(excluded.ends_at, held.ends_at),
        thumbnail_url = coalesce(held.thumbnail_url, excluded.thumbnail_url)
    where held.status = 'pending'
      and (held.listing_title, held.listing_price, held.price_kind, held.currency, held.ends_at)
        is distinct from (
          coalesce(excluded.listing_title, held.listing_title),
          coalesce(excluded.listing_price, held.listing_price),
          coalesce(excluded.price_kind, held.price_kind),
          coalesce(excluded.currency, held.currency),
          coalesce(excluded.ends_at, held.ends_at))
    returning (xmax = 0) as is_new
  )
  select jsonb_build_object(
    'queued', (select count(*) from queued where is_new),
    'refreshed', (select count(*) from queued where not is_new),
    'known', (select count(*) from found) - (select count(*) from queued where is_new))
  into v_result;
  return v_result;
end
$$;

create or replace function public.forget_vehicle(p_vehicle_id uuid, p_reason text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_images integer;
  v_addresses jsonb;
begin
  perform from public.vehicles where id = p_vehicle_id for update;
  if not found then
    raise exception 'no vehicle has the id %', p_vehicle_id using errcode = 'P0002';
  end if;
  select count(*) into v_images from public.vehicle_images where vehicle_id = p_vehicle_id;
  perform set_config('vehicles.reason', coalesce(p_reason, ''), true);
  delete from public.vehicles where id = p_vehicle_id;
  perform set_config('vehicles.reason', '', true);
  select coalesce(jsonb_agg(canonical_url order by canonical_url), '[]')
  into v_addresses
  from public.remembered_addresses
  where former_vehicle_id = p_vehicle_id and kind = 'forgotten';
  return jsonb_build_object('forgotten', p_vehicle_id, 'addresses', v_addresses, 'images', v_images);
end
$$;

create or replace function public.merge_vehicles(p_keep uuid, p_other uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  k public.vehicles;
  o public.vehicles;
  v_later boolean;
  v_taken text[];
  v_before jsonb;
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

  v_later := coalesce((
    select max(ends_at) filter (where vehicle_id = o.id)
        > coalesce(max(ends_at) filter (where vehicle_id = k.id), '-infinity')
    from public.auction_events
    where vehicle_id in (k.id, o.id)), false);
  perform set_config('vehicles.rescore', 'by the writer', true);
  v_before := private.before_merge(k.id, o.id);
  v_taken := private.take_facts(k, o, v_later);
  perform private.take_history(k.id, o.id, v_taken);
  perform private.take_images(k.id, o.id);
  insert into public.vehicle_merges
    (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note, before)
  values (k.id, o.id, to_jsonb(o), v_taken, private.who_asks(), p_note, v_before);
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.merged_into', k.id::text, true);
  perform set_config('vehicles.reason', coalesce(p_note, 'merged'), true);
  delete from public.vehicles where id = o.id;
  perform set_config('vehicles.merged_into', '', true);
  perform set_config('vehicles.reason', '', true);
  if v_later then
    update public.vehicles set discovery_url = o.discovery_url where id = k.id;
    perform private.remember_addresses(
      array[k.canonical_url], o.id, k.id, nullif(concat_ws(' ', k.year, k.make, k.model), ''), coalesce(p_note, 'merged'));
  end if;
  -- Both listings lead to it from now on.
  insert into public.import_queue as held (listing_url, status, vehicle_id, outcome_code, processed_at)
  select u.url, 'complete', k.id, 'ok', now()
  from unnest(array[k.discovery_url, o.discovery_url]) u(url)
  where public.canonical_listing_url(u.url) is not null
  on conflict (canonical_url) do update
  set vehicle_id = excluded.vehicle_id;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;

create or replace function public.resolve_merge_candidate(
  p_id uuid, p_decision text, p_note text default null, p_keep uuid default null
) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  c public.vehicle_merge_candidates;
  v_keep uuid;
begin
  if p_decision is null or p_decision not in ('same_vehicle', 'different_vehicles') then
    raise exception 'a decision is same_vehicle or different_vehicles, not "%"', p_decision using errcode = '22023';
  end if;
  select * into c from public.vehicle_merge_candidates where id = p_id;
  if not found then
    raise exception 'no pair of vehicles has the id %: it may have been resolved', p_id using errcode = '22023';
  end if;
  if p_keep is not null and p_keep not in (c.vehicle_id, c.other_vehicle_id) then
    raise exception 'vehicle % is not one of the pair: keep % or %', p_keep, c.vehicle_id, c.other_vehicle_id
      using errcode = '22023';
  end if;
  if p_decision = 'different_vehicles' then
    update public.vehicle_merge_candidates
    set status = p_decision, note = p_note, resolved_at = now()
    where id = p_id;
    return jsonb_build_object('decision', p_decision, 'kept', null, 'merged', null);
  end if;

  v_keep := coalesce(p_keep, (
    select id from public.vehicles where id in (c.vehicle_id, c.other_vehicle_id) order by created_at, id limit 1));
  return jsonb_build_object('decision', p_decision) || public.merge_vehicles(
    v_keep, case when v_keep = c.vehicle_id then c.other_vehicle_id else c.vehicle_id end, p_note);
end
$$;

create or replace function public.unmerge_vehicle(p_vehicle_id uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  m public.vehicle_merges;
  k public.vehicles;
  o public.vehicles;
begin
  select * into m
  from public.vehicle_merges
  where merged_vehicle_id = p_vehicle_id and unmerged_at is null
  order by created_at desc
  limit 1
  for update;
  if not found then
    raise exception 'no merge of the vehicle % is on record', p_vehicle_id
      using errcode = 'P0002', hint = 'vehicle_merges names them: merged_vehicle_id is the one that went';
  elsif m.before is null then
    raise exception 'the merge of % was made by 0.1.0, which kept too little of it', p_vehicle_id
      using errcode = '55000', hint = 'vehicle_merges.merged_vehicle holds the row: insert it again by hand';
  end if;
  select * into k from public.vehicles where id = m.kept_vehicle_id for update;
  if not found then
    raise exception 'the vehicle that % went into is gone', p_vehicle_id using errcode = '55000';
  elsif private.is_leased(k.id) then
    raise exception 'a worker holds vehicle % under lease: try again in a minute', k.id using errcode = '55006';
  end if;
  o := jsonb_populate_record(null::public.vehicles, m.merged_vehicle);

  perform set_config('vehicles.writer', 'apply_extractions', true); -- each keeps its provenance
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.rescore', 'by the writer', true);
  delete from public.remembered_addresses where former_vehicle_id = o.id and vehicle_id = k.id;
  perform private.give_back_facts(k, o, m);
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
  insert into public.extraction_metadata (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version, confidence_score,
    validation_status, evidence, source_url, snapshot_id, extracted_at, last_confirmed_at, reviewed_at, reviewed_by,
    review_note)
  select t.vehicle_id, t.field_name, t.field_value, t.previous_value, t.extraction_method, t.scraper_version,
    t.confidence_score, t.validation_status, t.evidence, t.source_url, t.snapshot_id, t.extracted_at,
    t.last_confirmed_at, t.reviewed_at, t.reviewed_by, t.review_note
  from jsonb_populate_recordset(null::public.extraction_metadata, m.before -> 'metadata') t
  on conflict do nothing;
  update public.auction_events set vehicle_id = o.id
  where vehicle_id = k.id and m.before -> 'auctions' ? id::text;
  update public.scrape_steps set vehicle_id = o.id
  where vehicle_id = k.id and m.before -> 'steps' ? id::text;
  update public.import_queue set vehicle_id = o.id
  where vehicle_id = k.id and (m.before -> 'imports' ? id::text or canonical_url = o.canonical_url);
  perform private.give_back_images(k, o, m.before);
  perform set_config('vehicles.writer', '', true);
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id, o.id]);
  perform set_config('vehicles.rescore', '', true);

  insert into public.vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin, status, note, resolved_at)
  values (least(k.id, o.id), greatest(k.id, o.id), coalesce(o.vin, k.vin, ''), 'different_vehicles', p_note, now())
  on conflict (vehicle_id, other_vehicle_id) do update
  set status = excluded.status, note = excluded.note, resolved_at = excluded.resolved_at;
  update public.vehicle_merges set unmerged_at = now() where id = m.id;
  return jsonb_build_object('kept', k.id, 'unmerged', o.id);
end
$$;

alter table public.remembered_addresses
  add constraint remembered_addresses_vehicle_id_fkey foreign key (vehicle_id)
    references public.vehicles(id) on delete set null;

alter table public.vehicle_merges
  add constraint vehicle_merges_before_check check ((jsonb_typeof(before) = 'object'::text));

create index if not exists remembered_addresses_by_former on public.remembered_addresses using btree (former_vehicle_id);

create index if not exists remembered_addresses_by_vehicle on public.remembered_addresses using btree (vehicle_id)
  where (vehicle_id is not null);

create trigger check_remembered_address_of_moved
  after update of discovery_url, listing_url, bat_auction_url on public.vehicles
  for each row
  when (((new.canonical_url is distinct from old.canonical_url) and (new.canonical_url is not null)))
  execute function private.check_remembered_address();

create trigger check_remembered_address_of_new
  after insert on public.vehicles
  for each row
  when ((new.canonical_url is not null))
  execute function private.check_remembered_address();

create trigger note_inserted_provenance after insert on public.vehicles
  referencing new table as added for each statement when (
  private .is_written_by_a_person()
) execute function private.note_inserted_provenance();

create trigger remember_deleted_vehicle
  before delete on public.vehicles
  for each row
  execute function private.on_vehicle_deleted();

create policy operators_read on public.remembered_addresses
  for select
  to authenticated
  using (( select private.is_operator() as is_operator));

comment on column public.remembered_addresses.former_vehicle_id is 'The vehicle that stood there: unmerge_vehicle() takes it.';

comment on column public.vehicle_merges.before is 'What the merge changed, as it was before: unmerge_vehicle() puts it back. Null for merges of 0.1.0.';

comment on function private.before_merge(uuid, uuid) is 'What a merge changes, as it is before.';

comment on function private.check_remembered_address() is 'A person who puts a vehicle on a forgotten address brings it back; the address of a merged vehicle makes no second one.';

comment on function private.forget_pages(text[]) is 'Forgets the pages of these addresses; prune-snapshots then removes their files. Gives how many.';

comment on function private.give_back_facts(public.vehicles, public.vehicles, public.vehicle_merges) is
  'Gives the vehicle that was kept what it held before the merge, but for what was changed since.';

comment on function private.give_back_images(public.vehicles, public.vehicles, jsonb) is
  'Gives the vehicle that comes back its pictures, and the state of each of its image URLs.';

comment on function private.on_vehicle_deleted() is 'However a vehicle is deleted: its addresses are remembered, its pages forgotten, its waiting imports ended.';

comment on function private.remember_addresses(text[], uuid, uuid, text, text) is
  'Remembers the addresses of a vehicle that goes: for good, or because they are another''s now.';

comment on function private.who_asks() is 'Who makes this call, as the history names him.';

comment on function public.bring_back_address(text) is 'Lets a forgotten listing become a vehicle again: it is queued for import at once. Gives {queued, title, reason}.';

comment on function public.enqueue_listings(jsonb, text) is 'Queues listings as [{url, source, title, price, price_kind, currency, ends_at, year, make, model, thumbnail_url, raw, priority}], only url is needed. One row a listing whatever its spelling; one that is a vehicle, was one and is remembered (remembered_addresses), was queued before or was found to be none is known. Gives {queued, known, refreshed}.';

comment on function public.forget_vehicle(uuid, text) is 'Deletes a vehicle for good, with all that hangs on it, its pages, and its files in Storage (within the hour). remembered_addresses says why, and keeps its listings from coming back by themselves. Gives {forgotten, addresses, images}.';

comment on function public.merge_vehicles(uuid, uuid, text) is 'Makes one vehicle of two, as a person says: the first is kept, with the facts, provenance, auctions, images and listings of both. vehicle_merges keeps the row that went, and unmerge_vehicle() takes it back.';

comment on function public.unmerge_vehicle(uuid, text) is 'Takes a merge back: the vehicle that went comes back as it was, under its id, with its auctions, images and provenance; the kept one loses what it took, but for what was changed since. The pair counts as different_vehicles. Gives {kept, unmerged}.';

comment on table public.remembered_addresses is 'One row a listing that does not become a vehicle by itself: forgotten, because its vehicle was deleted, or merged, because it is vehicle_id''s now.';

revoke all on function private.before_merge(uuid, uuid) from public;

grant execute on function private.before_merge(uuid, uuid) to postgres, service_role;

revoke all on function private.check_remembered_address() from public;

grant execute on function private.check_remembered_address() to postgres;

revoke all on function private.forget_pages(text[]) from public;

grant execute on function private.forget_pages(text[]) to postgres, service_role;

revoke all
  on function private.give_back_facts(public.vehicles, public.vehicles, public.vehicle_merges)
  from public;

grant execute
  on function private.give_back_facts(public.vehicles, public.vehicles, public.vehicle_merges)
  to postgres, service_role;

revoke all on function private.give_back_images(public.vehicles, public.vehicles, jsonb) from public;

grant execute
  on function private.give_back_images(public.vehicles, public.vehicles, jsonb)
  to postgres, service_role;

revoke all on function private.on_vehicle_deleted() from public;

grant execute on function private.on_vehicle_deleted() to postgres;

revoke all on function private.remember_addresses(text[], uuid, uuid, text, text) from public;

grant execute
  on function private.remember_addresses(text[], uuid, uuid, text, text)
  to postgres, service_role;

revoke all on function private.who_asks() from public;

grant execute on function private.who_asks() to postgres, service_role;

revoke all on function public.bring_back_address(text) from public;

grant execute on function public.bring_back_address(text) to postgres, service_role;

revoke all on function public.forget_vehicle(uuid, text) from public;

grant execute on function public.forget_vehicle(uuid, text) to postgres, service_role;

revoke all on function public.merge_vehicles(uuid, uuid, text) from public;

grant execute on function public.merge_vehicles(uuid, uuid, text) to postgres, service_role;

revoke all on function public.unmerge_vehicle(uuid, text) from public;

grant execute on function public.unmerge_vehicle(uuid, text) to postgres, service_role;

grant select on table public.remembered_addresses to authenticated;

grant all on table public.remembered_addresses to postgres, service_role;
