-- The merge table of docs/architecture.md, row by row, through apply_extractions().
begin;
create extension if not exists pgtap with schema extensions;
select plan(27);

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
      when v_result ->> 'status' <> 'applied' then v_result ->> 'error'
      when v_result -> 'fields_updated' ? p_field then 'changed'
      when v_result -> 'conflicts' ? p_field then 'conflict'
      else 'same'
    end);
end
$$;

-- Row 1: retracted with evidence.
select is(pg_temp.meet('sale_price', '{"value": 89500, "confidence": 0.9}', '{"confidence": 0.9}'),
  '- changed', 'a value that the page takes back is cleared');
select is(pg_temp.meet('sale_price', '{"value": 89500, "confidence": 0.99}', '{"confidence": 0.1, "site": "b.example"}'),
  '- changed', 'whatever was held');
select is(pg_temp.meet('sale_price', null, '{"confidence": 0.9}'), '- same', 'there is nothing to take back from nothing');

-- Row 2: nothing held.
select is(pg_temp.meet('mileage', null, '{"value": 52000, "confidence": 0.1}'), '52000 changed', 'an empty field is filled');
select is(pg_temp.meet('sale_date', null, '{"value": "2026-01-09", "confidence": 0.9}'), '2026-01-09 changed', 'a date too');
select is(pg_temp.meet('sale_price', null, '{"value": 28000.5, "confidence": 0.9}'), '28000.50 changed', 'a price too');

-- Row 3: equal after normalising.
select is(pg_temp.meet('color', '{"value": "Guards Red", "confidence": 0.6}', '{"value": "  guards  RED ", "confidence": 0.99, "site": "b.example"}'),
  'Guards Red same', 'letter case and spaces make no difference');
select is(pg_temp.meet('sale_price', '{"value": 28000, "confidence": 0.6}', '{"value": "28000.00", "confidence": 0.99}'),
  '28000.00 same', 'nor do zeros behind the point');
select is(pg_temp.meet('vin', '{"value": "WP0ZZZ99ZTS392124", "confidence": 0.6}', '{"value": "wp0zzz99zts392124", "confidence": 0.99}'),
  'WP0ZZZ99ZTS392124 same', 'nor the case of a VIN');
select is(pg_temp.meet('vin', '{"value": "113 042-10", "confidence": 0.6}', '{"value": "11304210", "confidence": 0.99}'),
  '113 042-10 same', 'nor spaces and dashes of a chassis number');

-- Row 4, first half: at least 0.15 more confident.
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.75, "site": "b.example"}'),
  '25000 changed', '0.15 more confident replaces, whatever the source');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.749, "site": "b.example"}'),
  '52000 conflict', '0.149 does not');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.7}', '{"value": 25000, "confidence": 0.85, "site": "b.example"}'),
  '25000 changed', '0.7 and 0.15 make 0.85, not a hair more');

-- Row 4, second half: the same source, at least as confident, and a newer page or a higher version.
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-11T00:00:00Z"}'),
  '25000 changed', 'the same source may correct itself on a newer page');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.59, "page_at": "2026-01-11T00:00:00Z"}'),
  '52000 conflict', 'but not with less confidence');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6}'),
  '52000 conflict', 'nor on the same page');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-09T00:00:00Z"}'),
  '52000 conflict', 'nor on an older one');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-11T00:00:00Z", "site": "b.example"}'),
  '52000 conflict', 'and another source not by being newer');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "page_at": "2026-01-11T00:00:00Z", "site": "www.a.example"}'),
  '25000 changed', 'www makes no other source');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "v1.10.0"}'),
  '25000 changed', 'v1.10.0 is higher than v1.9.0 and may read the same page anew');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "v1.10.0", "page_at": "2026-01-09T00:00:00Z"}'),
  '25000 changed', 'also an older page');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6, "version": "v1.10.0"}', '{"value": 25000, "confidence": 0.6}'),
  '52000 conflict', 'v1.9.0 is lower than v1.10.0');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "v2.0.0", "site": "b.example"}'),
  '52000 conflict', 'the version of another source does not count');
select is(pg_temp.meet('mileage', '{"value": 52000, "confidence": 0.6}', '{"value": 25000, "confidence": 0.6, "version": "nightly"}'),
  '52000 conflict', 'nor does what is no version');

-- A value held without state counts 0.5.
create function pg_temp.meet_bare(p_confidence numeric) returns text language plpgsql as $$
declare
  v_id uuid;
  v_result jsonb;
begin
  insert into vehicles (mileage) values (52000) returning id into v_id;
  v_result := apply_extractions(jsonb_build_array(pg_temp.item(v_id, 'mileage',
    jsonb_build_object('value', 25000, 'confidence', p_confidence)))) -> 0;
  return (select mileage from vehicles where id = v_id) || ' ' || (v_result -> 'conflicts')::text;
end
$$;
select is(pg_temp.meet_bare(0.65), '25000 []', 'a value held without state counts 0.5: 0.65 replaces it');
select is(pg_temp.meet_bare(0.649), '52000 ["mileage"]', 'and 0.649 does not');

-- Facts of unknown names and without a value are passed over.
select is(
  (select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', id, 'outcome', 'ok', 'source_url', 'https://a.example/listing',
    'facts', '{"id": {"value": "00000000-0000-0000-0000-000000000000", "confidence": 1},
      "origin_metadata": {"value": {}, "confidence": 1}, "mileage": {"value": null, "confidence": 1}}'::jsonb)))
     -> 0 -> 'fields_updated'
   from vehicles order by created_at limit 1),
  '[]', 'only facts are written, and only values');

select * from finish();
rollback;
