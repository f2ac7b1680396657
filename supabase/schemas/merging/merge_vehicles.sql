create function public.merge_vehicles(p_keep uuid, p_other uuid, p_note text default null) returns jsonb
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
  perform private.add_listings(array[k.id, o.id]);
  v_order := private.order_of_offers(k, o);
  v_before := private.before_merge(k, o, v_order);
  if coalesce(current_setting('vehicles.merged_by_itself', true) = 'on', false) then
    perform private.compare_vehicles(k, o);
  end if;
  v_taken := private.facts_to_take(k, o, v_order, private.fact_columns());
  if v_taken <> '{}' then
    perform private.write_facts(k.id, private.with_facts(to_jsonb(k), to_jsonb(o), v_taken));
  end if;
  perform private.take_provenance(k, v_before, v_taken, private.fact_columns());
  update public.vehicle_listings set vehicle_id = k.id where vehicle_id = o.id;
  update public.auction_events set vehicle_id = k.id where vehicle_id = o.id;
  update public.scrape_steps set vehicle_id = k.id where vehicle_id = o.id;
  update public.import_queue set vehicle_id = k.id where vehicle_id = o.id;
  v_before := v_before || jsonb_build_object('kept_downloads', private.take_images(k.id, v_before));
  insert into public.vehicle_merges
    (kept_vehicle_id, merged_vehicle_id, merged_vehicle, fields_taken, merged_by, note, before, by_itself)
  values (
    k.id, o.id, to_jsonb(o), v_taken, private.who_asks(), p_note, v_before,
    coalesce(current_setting('vehicles.merged_by_itself', true) = 'on', false));
  perform set_config('vehicles.importing', 'on', true); -- its page is known
  perform set_config('vehicles.merged_into', k.id::text, true);
  perform set_config('vehicles.reason', coalesce(p_note, 'merged'), true);
  delete from public.vehicles where id = o.id;
  perform set_config('vehicles.merged_into', '', true);
  perform set_config('vehicles.reason', '', true);
  perform private.sync_addresses(k.id);
  update public.vehicles
  set listing_ended_at = o.listing_ended_at
  where id = k.id and listing_url = o.listing_url and listing_ended_at is distinct from o.listing_ended_at;
  perform set_config('vehicles.importing', '', true);
  perform private.vehicles_changed(array[k.id]);
  perform set_config('vehicles.rescore', '', true);
  return jsonb_build_object('kept', k.id, 'merged', o.id, 'fields_taken', to_jsonb(v_taken));
end
$$;
comment on function public.merge_vehicles(uuid, uuid, text) is
  'Makes one vehicle of two, as a person says: the first is kept, with the facts, provenance, auctions, images and listings of both. vehicle_merges keeps the row that went, and unmerge_vehicle() takes it back.';
grant execute on function public.merge_vehicles(uuid, uuid, text) to service_role;
