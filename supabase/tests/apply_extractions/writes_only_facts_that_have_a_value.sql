begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into vehicles default values;

select is(
  (select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', id, 'outcome', 'ok', 'source_url', 'https://a.example/listing',
    'facts', '{"id": {"value": "00000000-0000-0000-0000-000000000000", "confidence": 1},
      "origin_metadata": {"value": {}, "confidence": 1}, "mileage": {"value": null, "confidence": 1}}'::jsonb)))
     -> 0 -> 'fields_updated'
   from vehicles order by created_at limit 1),
  '[]', 'facts with an unknown name or without a value are not written');

select * from finish();
rollback;
