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
grant execute on function public.review_extraction(bigint, text, text) to service_role;
