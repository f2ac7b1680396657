-- The merge table of docs/architecture.md, row by row, through apply_extractions().
begin;
create extension if not exists pgtap with schema extensions;
select plan(26);

-- What becomes of a field when a vehicle that holds the first reading meets the second: the value, and
-- whether it changed, stands in conflict, or neither. A reading without a value is a retraction.
create function pg_temp.item(p_vehicle uuid, p_field text, p_reading jsonb) returns jsonb language sql as $$
  select jsonb_build_object(
    'vehicle_id', p_vehicle,
    'outcome', 'ok',
    'source_url', 'https://' || coalesce(p_reading ->> 'site', 'a.example') || '/listing',
    'method', coalesce(p_reading ->> 'method', 'a_scraper'),
    'scraper_version', coalesce(p_reading ->> 'version', 'v1.9.0'),
    'page_at', coalesce(p_reading ->> 'page_at', '2026-01-10T00:00:00Z'),
    case when p_reading ? 'value' then 'facts' else 'retractions' end, jsonb_build_object(p_field, jsonb_build_object(
      'value', p_reading -> 'value', 'confidence', p_reading -> 'confidence', 'evidence', 'seen'))
  )
$$;
create function pg_temp.meet(p_field text, p_held jsonb, p_new jsonb) returns text language plpgsql as $$
declare
  v_id uuid;
  v_result jsonb;
begin
  insert into vehicles default values returning id into v_id;
  if p_held is not null then
    perform apply_extractions(jsonb_build_array(pg_temp.item(v_id, p_field, p_held)));
  end if;
  v_result := apply_extractions(jsonb_build_array(pg_temp.item(v_id, p_field, p_new))) -> 0;
  return concat_ws(' ',
    (select coalesce(to_jsonb(v) ->> p_field, '-') from vehicles v where id = v_id),
    case
      when v_result ->> 'outcome' <> 'ok' then v_result ->> 'error'
      when v_result -> 'fields_updated' ? p_field then 'changed'
      when v_result -> 'conflicts' ? p_field then 'conflict'
      else 'same'
    end);
end
$$;

-- Row 1: retracted with evidence.
select is(pg_temp.meet('sale_price', '{"value": 89500, "confidence": 0.9}', '{"confidence": 0.9}'),
  '- changed', 'a value that the page takes back with evidence is cleared');
select is(pg_temp.meet('sale_price', '{"value": 89500, "confidence": 0.99}', '{"confidence": 0.1, "site": "b.example"}'),
  '- changed', 'a retraction of low confidence from another source clears a value of high confidence');
select is(pg_temp.meet('sale_price', null, '{"confidence": 0.9}'), '- same', 'a retraction of a field that holds nothing changes nothing');

-- Row 2: nothing held.
select is(pg_temp.meet('mileage', null, '{"value": 52000, "confidence": 0.1}'), '52000 changed', 'an empty field takes a reading of any confidence');
select is(pg_temp.meet('sale_date', null, '{"value": "2026-01-09", "confidence": 0.9}'), '2026-01-09 changed', 'an empty date takes the date that was read');
select is(pg_temp.meet('sale_price', null, '{"value": 28000.5, "confidence": 0.9}'), '28000.50 changed', 'an empty price takes the price that was read');

-- Row 3: equal after normalising.
select is(pg_temp.meet('color', '{"value": "Guards Red", "confidence": 0.6}', '{"value": "  guards  RED ", "confidence": 0.99, "site": "b.example"}'),
  'Guards Red same', 'a text that differs in letter case and spaces is the same value');
select is(pg_temp.meet('sale_price', '{"value": 28000, "confidence": 0.6}', '{"value": "28000.00", "confidence": 0.99}'),
  '28000.00 same', 'a price that differs in zeros behind the point is the same value');
select is(pg_temp.meet('vin', '{"value": "WP0ZZZ99ZTS392124", "confidence": 0.6}', '{"value": "wp0zzz99zts392124", "confidence": 0.99}'),
  'WP0ZZZ99ZTS392124 same', 'a VIN that differs in letter case is the same value');
select is(pg_temp.meet('vin', '{"value": "113 042-10", "confidence": 0.6}', '{"value": "11304210", "confidence": 0.99}'),
  '113 042-10 same', 'a chassis number that differs in spaces and dashes is the same value');

-- Row 4, first half: at least 0.15 more confident.
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.75, "site": "b.example"}'),
  '25000 changed', 'a reading that is 0.15 more confident replaces the value of another source');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.749, "site": "b.example"}'),
  '52000 conflict', 'a reading that is 0.149 more confident is a conflict');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.7}', '{"value": 25000, "confidence": 0.85, "site": "b.example"}'),
  '25000 changed', '0.85 replaces 0.7: the margin of 0.15 is computed without rounding errors');

-- Row 4, second half: the same source, at least as confident, and a newer page or a higher version.
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-11T00:00:00Z"}'),
  '25000 changed', 'a newer page of the same source replaces a value with the same confidence');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.59, "page_at": "2026-01-11T00:00:00Z"}'),
  '52000 conflict', 'a newer page of the same source with less confidence is a conflict');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6}'),
  '52000 conflict', 'another value on the same page with the same confidence is a conflict');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-09T00:00:00Z"}'),
  '52000 conflict', 'an older page of the same source is a conflict');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-11T00:00:00Z", "site": "b.example"}'),
  '52000 conflict', 'a newer page of another source with the same confidence is a conflict');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-11T00:00:00Z", "site": "www.a.example"}'),
  '25000 changed', 'a host with www is the same source as one without');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "v1.10.0"}'),
  '25000 changed', 'v1.10.0 is higher than v1.9.0, and replaces what it read on the same page');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "v1.10.0", "page_at": "2026-01-09T00:00:00Z"}'),
  '25000 changed', 'a higher version replaces a value also from an older page');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6, "version": "v1.10.0"}', '{"value": 25000, "confidence": 0.6}'),
  '52000 conflict', 'v1.9.0 is lower than v1.10.0, and replaces nothing that it read');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "v2.0.0", "site": "b.example"}'),
  '52000 conflict', 'a higher version of another source''s scraper replaces nothing');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "nightly"}'),
  '52000 conflict', 'a version that is no semantic version replaces nothing');

-- A value held without state counts 0.5.
create function pg_temp.meet_bare(p_confidence numeric) returns text language plpgsql as $$
declare
  v_id uuid;
  v_result jsonb;
begin
  perform set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it
  insert into vehicles (mileage) values (52000) returning id into v_id;
  perform set_config('vehicles.writer', '', true);
  v_result := apply_extractions(jsonb_build_array(pg_temp.item(v_id, 'mileage',
    jsonb_build_object('value', 25000, 'confidence', p_confidence)))) -> 0;
  return (select mileage from vehicles where id = v_id) || ' ' || (v_result -> 'conflicts')::text;
end
$$;
select is(pg_temp.meet_bare(0.65), '25000 []', 'a value held without state counts 0.5: a reading of 0.65 replaces it');
select is(pg_temp.meet_bare(0.649), '52000 ["mileage"]', 'a value held without state counts 0.5: a reading of 0.649 is a conflict');

select * from finish();
rollback;
