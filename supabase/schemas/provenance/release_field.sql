create function public.release_field(p_vehicle_id uuid, p_field text) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  v_state jsonb;
  m public.extraction_metadata;
begin
  if p_field is null or p_field <> all (private.fact_columns()) then
    raise exception 'vehicles have no field "%"', p_field
      using errcode = '22023', hint = 'fields are ' || array_to_string(private.fact_columns(), ', ');
  end if;
  select * into v from public.vehicles where id = p_vehicle_id for no key update;
  if not found then
    raise exception 'no vehicle has the id %', p_vehicle_id using errcode = 'P0002';
  end if;
  v_state := coalesce(v.field_state -> p_field, '{}');
  if coalesce(v_state ->> 'method', '') not like 'manual%'
    and not v_state ? 'rejected' and coalesce(v_state ->> 'why', '') <> 'removed_by_hand'
  then
    return jsonb_build_object('released', false, 'old', to_jsonb(v) -> p_field, 'new', to_jsonb(v) -> p_field);
  end if;

  -- What a page said last, whether a person overruled it or rejected it, is held from now on; without such a
  -- reading the value stays until a page says another.
  select * into m
  from public.extraction_metadata
  where vehicle_id = p_vehicle_id
    and field_name = p_field
    and field_value is not null
    and extraction_method not like 'manual%'
  order by last_confirmed_at desc, id desc
  limit 1;
  update public.extraction_metadata
  set validation_status = 'superseded'
  where vehicle_id = p_vehicle_id
    and field_name = p_field
    and (extraction_method like 'manual%' or id <> m.id)
    and validation_status in ('accepted', 'conflict');
  update public.extraction_metadata set validation_status = 'accepted' where id = m.id;

  perform set_config('vehicles.writer', 'apply_extractions', true); -- the provenance is written here
  execute format(
    $sql$
      update public.vehicles
      set %1$I = case when $2 is null then %1$I
            else (jsonb_populate_record(null::public.vehicles, jsonb_build_object(%1$L, $2))).%1$I end,
          description_source = case when %1$L = 'description' and $2 is not null then $4 else description_source end,
          field_state = (field_state - %1$L) || $3
      where id = $1
    $sql$, p_field)
  using p_vehicle_id, m.field_value,
    case when m.id is null then '{}' else jsonb_build_object(p_field, jsonb_build_object(
      'confidence', m.confidence_score, 'method', m.extraction_method, 'version', m.scraper_version,
      'source', private.url_host(m.source_url), 'at', now(), 'page_at', m.last_confirmed_at)) end,
    m.extraction_method;
  perform set_config('vehicles.writer', '', true);
  perform public.reopen_micro_scrape(array[p_vehicle_id]);
  return jsonb_build_object('released', true, 'old', to_jsonb(v) -> p_field, 'new', (
    select to_jsonb(k) -> p_field from public.vehicles k where k.id = p_vehicle_id));
end
$$;
comment on function public.release_field(uuid, text) is
  'Gives a field that a person set or emptied back to the pages: what a page said last is held at once, and the listing is looked at again. Gives {released, old, new}.';
grant execute on function public.release_field(uuid, text) to service_role;
