-- A person's decision on one reading: what is shown for review ends here.

create function private.write_reviewed_value(p_vehicle_id uuid, p_field text, p_value text, p_note text) returns void
language plpgsql
set search_path = ''
as $$
declare
  v public.vehicles;
  v_state jsonb;
  v_old text;
begin
  select * into v from public.vehicles where id = p_vehicle_id;
  v_state := v.field_state -> p_field;
  v_old := to_jsonb(v) ->> p_field;
  v_state := jsonb_strip_nulls(jsonb_build_object('rejected', private.rejected_values(v_state, v_old, p_value)))
    || case
      when p_value is null then jsonb_build_object('why', 'removed_by_hand', 'at', now())
      else jsonb_build_object('confidence', 1, 'method', 'manual_review', 'at', now())
    end;
  if v_old is not distinct from p_value then -- the same value, now a person's
    v_state := v_state - 'rejected' || private.kept_rejections(coalesce(v.field_state -> p_field, '{}'));
  end if;

  perform set_config('vehicles.writer', 'apply_extractions', true); -- the provenance is written here
  execute format(
    $sql$
      update public.vehicles
      set %1$I = (jsonb_populate_record(null::public.vehicles, jsonb_build_object(%1$L, $2))).%1$I,
          description_source = case when %1$L = 'description'
            then case when $2 is not null then 'manual_review' end else description_source end,
          field_state = field_state || jsonb_build_object(%1$L, $3)
      where id = $1
    $sql$, p_field)
  using p_vehicle_id, p_value, v_state;
  perform set_config('vehicles.writer', '', true);

  update public.extraction_metadata
  set validation_status = 'superseded'
  where vehicle_id = p_vehicle_id
    and field_name = p_field
    and validation_status in ('accepted', 'conflict');
  if p_value is not null then
    insert into public.extraction_metadata as held
      (vehicle_id, field_name, field_value, previous_value, extraction_method, confidence_score,
       validation_status, evidence)
    values (p_vehicle_id, p_field, p_value, v_old, 'manual_review', 1, 'accepted', p_note)
    on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
    set previous_value = excluded.previous_value,
        validation_status = 'accepted',
        evidence = excluded.evidence,
        last_confirmed_at = now();
  end if;
end
$$;
comment on function private.write_reviewed_value(uuid, text, text, text) is
  'Makes a value, or that there is none, a person''s word, with its provenance.';
grant execute on function private.write_reviewed_value(uuid, text, text, text) to service_role;
