-- A person's decision on one reading: what is shown for review ends here.

alter table public.extraction_metadata
  add column reviewed_at timestamptz,
  add column reviewed_by text,
  add column review_note text,
  add check (reviewed_at is not null or (reviewed_by is null and review_note is null));

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

create function public.review_extraction(p_id bigint, p_decision text, p_note text default null) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  m public.extraction_metadata;
  v_vehicle_id uuid;
  v_held text;
  v_value text;
  v_state jsonb;
  v_before numeric;
  v_by text := coalesce(auth.jwt() ->> 'email', auth.jwt() ->> 'sub', auth.jwt() ->> 'role', current_user);
begin
  if p_decision is null or p_decision not in ('accept', 'reject') then
    raise exception 'a decision is accept or reject, not "%"', p_decision using errcode = '22023';
  end if;
  select vehicle_id into v_vehicle_id from public.extraction_metadata where id = p_id;
  if not found then
    raise exception 'no reading has the id %', p_id using errcode = 'P0002';
  end if;
  -- The vehicle first, as everybody does who writes.
  perform from public.vehicles where id = v_vehicle_id for no key update;
  select * into m from public.extraction_metadata where id = p_id for update;
  if not found then
    raise exception 'no reading has the id %', p_id using errcode = 'P0002';
  end if;
  if m.validation_status not in ('accepted', 'conflict') then
    raise exception 'nothing is left to decide on reading %: it is % already', p_id, m.validation_status
      using errcode = '22023', hint = 'extraction_conflicts and low_confidence_extractions show what is open';
  end if;

  select to_jsonb(v) ->> m.field_name, v.field_state -> m.field_name into v_held, v_state
  from public.vehicles v where v.id = m.vehicle_id;
  select overall_score into v_before from public.vehicle_quality_scores where vehicle_id = m.vehicle_id;

  if p_decision = 'accept' then
    v_value := m.field_value; -- null: the page took the value back, and is right
    perform private.write_reviewed_value(m.vehicle_id, m.field_name, v_value, p_note);
  elsif m.validation_status = 'accepted' then
    v_value := null;
    perform private.write_reviewed_value(m.vehicle_id, m.field_name, null, p_note);
  else
    -- What is held stays as it is; what disagreed is not shown again.
    v_value := v_held;
    update public.vehicles
    set field_state = field_state || jsonb_build_object(m.field_name,
      coalesce(v_state, '{}') - 'conflict'
        || jsonb_strip_nulls(jsonb_build_object('rejected', private.rejected_values(v_state, m.field_value, v_held))))
    where id = m.vehicle_id;
  end if;

  update public.extraction_metadata
  set validation_status = case when p_decision = 'reject' then 'rejected' else 'superseded' end,
      reviewed_at = now(),
      reviewed_by = v_by,
      review_note = p_note
  where id = p_id
    and (extraction_method <> 'manual_review' or p_decision = 'reject');
  return jsonb_build_object(
    'vehicle_id', m.vehicle_id,
    'field', m.field_name,
    'decision', p_decision,
    'old', v_held,
    'new', v_value,
    'score_before', v_before,
    'score_after', (select overall_score from public.vehicle_quality_scores where vehicle_id = m.vehicle_id)
  );
end
$$;
comment on function public.review_extraction(bigint, text, text) is
  'A person''s word on one reading of low_confidence_extractions or extraction_conflicts: accept makes its value the person''s, reject takes it away for good (of a conflict: keeps what is held). Rescored at once.';
grant execute on function private.write_reviewed_value(uuid, text, text, text) to service_role;
grant execute on function public.review_extraction(bigint, text, text) to service_role;
