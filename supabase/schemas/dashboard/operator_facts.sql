-- A person's word on what is held of a vehicle. Two persons at one value: the second is told, and overwrites nothing.

create function private.value_seen(p_held text, p_state jsonb, p_status text default null, p_value text default null) returns text
language sql immutable parallel safe
return md5(jsonb_build_array(p_held, p_state -> 'method', p_state -> 'at', p_state -> 'confidence', p_status, p_value)::text);
comment on function private.value_seen(text, jsonb, text, text) is
  'What an operator saw of a field, or of a reading beside it, to tell whether it is still so.';
grant execute on function private.value_seen(text, jsonb, text, text) to authenticated, service_role;

create function private.do_review(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_id bigint := (p_args ->> 'p_id')::bigint;
  v_decision text := p_args ->> 'p_decision';
  v_value text := nullif(btrim(p_args ->> 'p_value'), '');
  v_note text := nullif(btrim(p_args ->> 'p_note'), '');
  v_subject text;
  m public.extraction_metadata;
  v public.vehicles;
  v_other public.operator_actions;
  v_held text;
  v_before jsonb;
  v_did jsonb;
begin
  if v_decision is null or v_decision not in ('accept', 'reject', 'correct') then
    raise exception 'a decision is accept, reject or correct, not "%"', v_decision using errcode = '22023';
  end if;
  if v_decision = 'correct' and v_value is null then
    raise exception 'say what it is: a correction needs a value; reject takes the value away' using errcode = '22023';
  end if;
  select vehicle_id into m.vehicle_id from public.extraction_metadata where id = v_id;
  -- The vehicle first, as everybody does who writes: who comes second waits here, and then sees what the first decided.
  select * into v from public.vehicles where id = m.vehicle_id for no key update;
  select * into m from public.extraction_metadata where id = v_id for update;
  if m.id is null then
    raise exception 'no reading has the id %: its vehicle may have been merged or forgotten', v_id using errcode = '22023';
  end if;
  v_subject := format('vehicle %s %s', v.id, m.field_name);
  v_held := to_jsonb(v) ->> m.field_name;
  v_before := jsonb_build_object('vehicle_id', v.id, 'field', m.field_name, 'held', v_held, 'reading', m.field_value, 'status', m.validation_status);
  if m.validation_status not in ('accepted', 'conflict') then
    v_other := private.last_done(v_subject);
    if v_other.id is not null then
      return private.did('already_done', format('already decided%s: %s is "%s" now',
          coalesce(' (' || (v_other.args ->> 'p_decision') || ')', ''), m.field_name, coalesce(v_held, 'empty')),
        v_subject, v_before, null, v_other.operator_id, v_other.at);
    end if;
    return private.did('changed', format('nothing is left to decide: the reading is %s, and %s is "%s" now', m.validation_status, m.field_name,
      coalesce(v_held, 'empty')), v_subject, v_before, v_before);
  end if;
  if p_args ->> 'p_seen' <> private.value_seen(v_held, v.field_state -> m.field_name, m.validation_status, m.field_value) then
    v_other := private.last_done(v_subject);
    return private.did('changed', format('%s is "%s" now, which is not what you saw: look again', m.field_name, coalesce(v_held, 'empty')),
      v_subject, v_before, v_before, v_other.operator_id, v_other.at);
  end if;

  if v_decision = 'correct' and lower(v_value) is not distinct from lower(m.field_value) then
    v_decision := 'accept';
  end if;
  if v_decision = 'correct' then
    perform private.write_reviewed_value(v.id, m.field_name, v_value, v_note);
    update public.extraction_metadata
    set validation_status = 'rejected', reviewed_at = now(), reviewed_by = auth.jwt() ->> 'email', review_note = v_note
    where id = v_id;
  else
    v_did := public.review_extraction(v_id, v_decision, v_note);
  end if;
  select to_jsonb(k) ->> m.field_name into v_held from public.vehicles k where k.id = v.id;
  return private.did('done', format('%s: %s is "%s" now', case v_decision when 'accept' then 'accepted' when 'reject' then 'rejected' else 'corrected' end,
    m.field_name, coalesce(v_held, 'empty')), v_subject, v_before,
    jsonb_build_object('vehicle_id', v.id, 'field', m.field_name, 'held', v_held,
      'score', (select overall_score from public.vehicle_quality_scores where vehicle_id = v.id)));
end
$$;
comment on function private.do_review(jsonb) is
  'Accept, reject or correct one reading that is unsure, in conflict, or drawn by the audit.';

create function private.do_set_field(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_field text := p_args ->> 'p_field';
  v_value text := nullif(btrim(p_args ->> 'p_value'), '');
  v_subject text := format('vehicle %s %s', p_args ->> 'p_vehicle_id', v_field);
  v public.vehicles;
  v_other public.operator_actions;
  v_held text;
  v_state jsonb;
begin
  if v_field is null or v_field <> all (private.fact_columns()) then
    raise exception 'vehicles have no field "%"', v_field using errcode = '22023';
  end if;
  select * into v from public.vehicles where id = (p_args ->> 'p_vehicle_id')::uuid for no key update;
  if not found then
    raise exception 'no vehicle has the id %', p_args ->> 'p_vehicle_id' using errcode = '22023';
  end if;
  v_held := to_jsonb(v) ->> v_field;
  v_state := v.field_state -> v_field;
  if v_held is not distinct from v_value and v_state ->> 'method' like 'manual%' then
    return private.did('nothing_to_do', format('%s is "%s" already, by a person', v_field, coalesce(v_held, 'empty')), v_subject);
  end if;
  if p_args ->> 'p_seen' <> private.value_seen(v_held, v_state) then
    v_other := private.last_done(v_subject);
    return private.did('changed', format('%s is "%s" now, which is not what you saw: look again', v_field, coalesce(v_held, 'empty')), v_subject,
      null, jsonb_build_object('held', v_held), v_other.operator_id, v_other.at);
  end if;
  perform private.write_reviewed_value(v.id, v_field, v_value, nullif(btrim(p_args ->> 'p_note'), ''));
  return private.did('done', format('%s is "%s" now', v_field, coalesce(v_value, 'empty')), v_subject,
    jsonb_build_object('held', v_held, 'state', v_state),
    (select jsonb_build_object('held', to_jsonb(k) ->> v_field) from public.vehicles k where k.id = v.id));
end
$$;
comment on function private.do_set_field(jsonb) is 'Sets a field of a vehicle, or empties it, as a person''s word.';

create function private.do_release_field(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_field text := p_args ->> 'p_field';
  v_subject text := format('vehicle %s %s', p_args ->> 'p_vehicle_id', v_field);
  v_vehicle public.vehicles;
  v_other public.operator_actions;
  v jsonb;
begin
  select * into v_vehicle from public.vehicles where id = (p_args ->> 'p_vehicle_id')::uuid for no key update;
  if p_args ->> 'p_seen' <> private.value_seen(to_jsonb(v_vehicle) ->> v_field, v_vehicle.field_state -> v_field) then
    v_other := private.last_done(v_subject);
    return private.did('changed', format('%s is "%s" now, which is not what you saw: look again', v_field,
      coalesce(to_jsonb(v_vehicle) ->> v_field, 'empty')), v_subject, null, null, v_other.operator_id, v_other.at);
  end if;
  v := public.release_field(v_vehicle.id, v_field);
  return private.did(
    case when (v ->> 'released')::boolean then 'done' else 'nothing_to_do' end,
    case when (v ->> 'released')::boolean then format('%s is the pages'' again: "%s"', p_args ->> 'p_field', coalesce(v ->> 'new', 'empty'))
      else format('no person has set %s', p_args ->> 'p_field') end,
    v_subject, jsonb_build_object('held', v -> 'old'), jsonb_build_object('held', v -> 'new'));
end
$$;
comment on function private.do_release_field(jsonb) is 'Gives a field that a person set back to the pages.';

create function private.do_resolve_candidate(p_args jsonb) returns jsonb
language plpgsql
set search_path = ''
as $$
declare
  v_subject text := 'pair ' || coalesce(p_args ->> 'p_id', '');
  v_decision text := case p_args ->> 'p_decision' when 'merge' then 'same_vehicle' when 'different' then 'different_vehicles' end;
  v_status text := (select status from public.vehicle_merge_candidates where id = (p_args ->> 'p_id')::uuid);
  v_other public.operator_actions;
  v jsonb;
begin
  if v_decision is null then
    raise exception 'a decision is merge or different, not "%"', p_args ->> 'p_decision' using errcode = '22023';
  end if;
  v_other := private.last_done(v_subject);
  if v_status is distinct from 'open' and v_other.id is not null then
    return private.did('already_done', format('already decided: %s', v_other.args ->> 'p_decision'), v_subject, null, null,
      v_other.operator_id, v_other.at);
  end if;
  v := public.resolve_merge_candidate((p_args ->> 'p_id')::uuid, v_decision, nullif(btrim(p_args ->> 'p_note'), ''));
  return private.did('done', case v_decision when 'same_vehicle' then 'they are one vehicle now' else 'they stay two vehicles' end,
    v_subject, null, v);
end
$$;
comment on function private.do_resolve_candidate(jsonb) is 'Says of a pair that may be one car what it is.';

grant execute on function
  private.do_review(jsonb),
  private.do_set_field(jsonb),
  private.do_release_field(jsonb),
  private.do_resolve_candidate(jsonb)
to service_role;
