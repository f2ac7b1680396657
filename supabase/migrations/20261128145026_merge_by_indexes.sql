-- Merge by indexes.

-- A function may name what comes below it.
set check_function_bodies = off;

create or replace function private.on_vehicle_deleted() returns trigger
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
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

create or replace function public.merge_vehicles(p_keep uuid, p_other uuid, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
set enable_seqscan = off -- also for a plan made while the tables were small
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
set enable_seqscan = off -- also for a plan made while the tables were small
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
