create function private.merge_again(p_keep uuid, l public.vehicle_merges, p_fields text[]) returns void
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
comment on function private.merge_again(uuid, public.vehicle_merges, text[]) is
  'Gives a vehicle what a merge had not given it because of an earlier one, which was taken back now: these facts, their provenance, images, the listing.';
grant execute on function private.merge_again(uuid, public.vehicle_merges, text[]) to service_role;
