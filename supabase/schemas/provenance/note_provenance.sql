-- What is kept of each value that a reading states, whether it came to stand or not.

create function private.add_readings(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb) returns void
language plpgsql
set search_path = ''
as $$
declare
  v_is_offer boolean := coalesce((p_item ->> 'is_offer')::boolean, false);
begin
  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id,
    reading_way, declared_confidence, calibration_version
  )
  select
    p_vehicle_id, d.field, d.new, d.held, d.method, p_item ->> 'scraper_version', d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, p_item ->> 'source_url', (p_item ->> 'snapshot_id')::uuid, d.way, d.declared, d.calibration
  from jsonb_to_recordset(p_decisions) as d(
    field text, new text, held text, method text, confidence numeric, evidence text, decision text,
    way text, declared numeric, calibration integer)
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = p_vehicle_id and m.field_name = d.field and m.validation_status = 'accepted'))
  on conflict (vehicle_id, field_name, value_hash, extraction_method, scraper_version) do update
  set last_confirmed_at = now(),
      -- What a person found wrong stays so, however often it is read.
      validation_status = case
        when held.validation_status = 'rejected' and excluded.validation_status = 'conflict' then 'rejected'
        else excluded.validation_status
      end,
      -- The offer of a listing that is followed is no reading: the one that the value was read by stays named.
      confidence_score = case when v_is_offer then held.confidence_score else excluded.confidence_score end,
      reading_way = coalesce(excluded.reading_way, held.reading_way),
      declared_confidence = case when v_is_offer then held.declared_confidence else excluded.declared_confidence end,
      calibration_version = case when v_is_offer then held.calibration_version else excluded.calibration_version end,
      evidence = case when v_is_offer then held.evidence else excluded.evidence end,
      source_url = case when v_is_offer then held.source_url else excluded.source_url end,
      snapshot_id = case when v_is_offer then held.snapshot_id else excluded.snapshot_id end,
      -- What was read before and comes to stand now has come now.
      extracted_at = case
        when v_is_offer or held.validation_status = excluded.validation_status then held.extracted_at
        else excluded.extracted_at
      end,
      previous_value = case
        when v_is_offer or held.validation_status = excluded.validation_status then held.previous_value
        else excluded.previous_value
      end;
end
$$;
comment on function private.add_readings(uuid, jsonb, jsonb) is
  'Adds the values of a reading to the provenance of a vehicle, or says of those that are there that they were read again.';
grant execute on function private.add_readings(uuid, jsonb, jsonb) to service_role;

create function private.note_provenance(p_vehicle_id uuid, p_item jsonb, p_decisions jsonb, p_values jsonb)
returns void
language plpgsql
set search_path = ''
as $$
declare
  v_source text := private.url_host(p_item ->> 'source_url');
begin
  -- What is no longer held or no longer disputed, what is confirmed, then what was read.
  if p_values <> '{}' then
    update public.extraction_metadata m
    set validation_status = case when p_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    where m.vehicle_id = p_vehicle_id
      and m.validation_status = 'accepted'
      and p_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from jsonb_to_recordset(p_decisions) as d(field text, new text, decision text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = v_source
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end),
      reading_way = coalesce(m.reading_way, case when private.url_host(m.source_url) = v_source then d.way end)
  from jsonb_to_recordset(p_decisions)
    as d(field text, confidence numeric, decision text, is_stronger boolean, way text)
  where m.vehicle_id = p_vehicle_id
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  perform private.add_readings(p_vehicle_id, p_item, p_decisions);
  perform private.compare_sources(p_vehicle_id, v_source, p_decisions);
end
$$;
comment on function private.note_provenance(uuid, jsonb, jsonb, jsonb) is
  'Writes down what became of each field of a reading: p_decisions as apply_facts() made them, p_values what is held from now on.';
grant execute on function private.note_provenance(uuid, jsonb, jsonb, jsonb) to service_role;
