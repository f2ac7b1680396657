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
  v_order := case
    when l.before -> 'listings' @> to_jsonb(private.current_listing(array[k.id])) then 'later'
    when l.before ->> 'order' is not null then 'earlier'
  end;

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
  l.before := l.before || jsonb_build_object('order', v_order);
  update public.vehicle_merges
  set before = l.before, fields_taken = fields_taken || v_taken
  where id = l.id;
end
$$;
comment on function private.merge_again(uuid, public.vehicle_merges, text[]) is
  'Gives a vehicle what a merge had not given it because of an earlier one, which was taken back now: these facts, their provenance, images.';
grant execute on function private.merge_again(uuid, public.vehicle_merges, text[]) to service_role;
