-- What is kept of each value that a reading states, whether it came to stand or not.

create function private.add_readings(
  p_vehicle_ids uuid[], p_items jsonb[], p_decisions private.fact_decision[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_is_offer boolean := coalesce((p_items[1] ->> 'is_offer')::boolean, false); -- such a one comes alone
begin
  insert into public.extraction_metadata as held (
    vehicle_id, field_name, field_value, previous_value, extraction_method, scraper_version,
    confidence_score, validation_status, evidence, source_url, snapshot_id,
    reading_way, declared_confidence, calibration_version
  )
  select
    r.vehicle_id, d.field, d.new, d.held, d.method, r.version, d.confidence,
    case d.decision when 'conflict' then 'conflict' when 'cleared' then 'retracted' else 'accepted' end,
    d.evidence, r.url, r.snapshot_id, d.way, d.declared, d.calibration
  from unnest(p_decisions) with ordinality d
  join (
    select
      u.place, u.vehicle_id, u.item ->> 'scraper_version' as version, u.item ->> 'source_url' as url,
      (u.item ->> 'snapshot_id')::uuid as snapshot_id
    from unnest(p_vehicle_ids, p_items) with ordinality u(vehicle_id, item, place)
    offset 0 -- once a reading, not once a field
  ) r on r.place = d.place
  where d.decision <> 'nothing'
    and not (d.decision = 'confirmed' and exists (
      select from public.extraction_metadata m
      where m.vehicle_id = any (p_vehicle_ids)
        and m.vehicle_id = r.vehicle_id
        and m.field_name = d.field
        and m.validation_status = 'accepted'))
  order by d.ordinality
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
comment on function private.add_readings(uuid[], jsonb[], private.fact_decision[]) is
  'Adds the values of readings to the provenance of their vehicles, or says of those that are there that they were read again.';
grant execute on function private.add_readings(uuid[], jsonb[], private.fact_decision[]) to service_role;

create function private.add_readings(p_vehicle_ids uuid[], p_items jsonb[], p_decisions jsonb[]) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.add_readings(p_vehicle_ids, p_items, private.fact_decisions(p_decisions));
end
$$;
comment on function private.add_readings(uuid[], jsonb[], jsonb[]) is
  'Does so by the decisions of readings as decide_facts() gives them.';
grant execute on function private.add_readings(uuid[], jsonb[], jsonb[]) to service_role;

create function private.note_provenance(
  p_vehicle_ids uuid[], p_items jsonb[], p_decisions private.fact_decision[], p_values jsonb[]
) returns void
language plpgsql
set search_path = ''
set enable_seqscan = off -- the plan may be made while the table is small, and is kept
as $$
declare
  v_sources text[] := array(select private.url_host(i ->> 'source_url') from unnest(p_items) i);
  v_place integer;
begin
  -- What is no longer held or no longer disputed, what is confirmed, then what was read.
  if exists (select from unnest(p_values) r(new_values) where r.new_values <> '{}') then
    update public.extraction_metadata m
    set validation_status = case when r.new_values -> m.field_name = 'null' then 'retracted' else 'superseded' end
    from unnest(p_vehicle_ids, p_values) r(vehicle_id, new_values)
    where m.vehicle_id = any (p_vehicle_ids) -- by the index, whatever the order of the join
      and m.vehicle_id = r.vehicle_id
      and m.validation_status = 'accepted'
      and r.new_values ? m.field_name;
  end if;
  update public.extraction_metadata m
  set validation_status = 'superseded'
  from unnest(p_decisions) d
  where m.vehicle_id = any (p_vehicle_ids)
    and m.vehicle_id = p_vehicle_ids[d.place]
    and m.field_name = d.field
    and m.validation_status = 'conflict'
    and d.decision in ('filled', 'replaced', 'cleared', 'confirmed')
    and (
      private.url_host(m.source_url) = v_sources[d.place]
      or private.normal_value(d.field, m.field_value) = private.normal_value(d.field, d.new)
    );
  update public.extraction_metadata m
  set last_confirmed_at = now(),
      confidence_score = greatest(
        m.confidence_score, case when d.is_stronger then d.confidence else m.confidence_score end),
      reading_way = coalesce(m.reading_way, case when private.url_host(m.source_url) = v_sources[d.place] then d.way end)
  from unnest(p_decisions) d
  where m.vehicle_id = any (p_vehicle_ids)
    and m.vehicle_id = p_vehicle_ids[d.place]
    and m.field_name = d.field
    and m.validation_status = 'accepted'
    and d.decision = 'confirmed';

  perform private.add_readings(p_vehicle_ids, p_items, p_decisions);
  -- Most are what the same source said before.
  for v_place in
    select distinct d.place
    from unnest(p_decisions) d
    where d.state ->> 'source' <> v_sources[d.place]
    order by 1
  loop
    perform private.compare_sources(p_vehicle_ids[v_place], v_sources[v_place], (
      select jsonb_agg(to_jsonb(d)) from unnest(p_decisions) d where d.place = v_place));
  end loop;
end
$$;
comment on function private.note_provenance(uuid[], jsonb[], private.fact_decision[], jsonb[]) is
  'Writes down what became of each field of readings: p_values is what their vehicles hold from now on.';
grant execute on function private.note_provenance(uuid[], jsonb[], private.fact_decision[], jsonb[]) to service_role;

create function private.note_provenance(
  p_vehicle_ids uuid[], p_items jsonb[], p_decisions jsonb[], p_values jsonb[]
) returns void
language plpgsql
set search_path = ''
as $$
begin
  perform private.note_provenance(p_vehicle_ids, p_items, private.fact_decisions(p_decisions), p_values);
end
$$;
comment on function private.note_provenance(uuid[], jsonb[], jsonb[], jsonb[]) is
  'Does so by the decisions of readings as decide_facts() gives them.';
grant execute on function private.note_provenance(uuid[], jsonb[], jsonb[], jsonb[]) to service_role;
