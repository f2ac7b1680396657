begin;
create extension if not exists pgtap with schema extensions;
select plan(11);

insert into vehicles (id, discovery_url)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://a.example/' || n from generate_series(1, 4) n;

create function pg_temp.item(n integer, p_facts jsonb) returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-00000000000' || n, 'outcome', 'ok',
    'source_url', 'https://a.example/' || n, 'method', 'a_scraper', 'facts', p_facts)
$$;

create temp table r as
select r ->> 'outcome' as outcome, (r ->> 'index')::integer as index, r ->> 'error' as error, r ->> 'vehicle_id' as vehicle_id
from jsonb_array_elements(apply_extractions(jsonb_build_array(
  pg_temp.item(3, '{"year": {"value": 1990, "confidence": 0.9}}'),
  pg_temp.item(2, '{"year": {"value": 1492, "confidence": 0.9}}'),
  pg_temp.item(1, '{"make": {"value": "BMW", "confidence": 0.9}}'),
  pg_temp.item(9, '{"make": {"value": "BMW", "confidence": 0.9}}'),
  pg_temp.item(4, '{"year": {"value": "soon", "confidence": 0.9}, "make": {"value": "BMW", "confidence": 0.9}}'),
  pg_temp.item(3, '{"make": {"value": "Audi", "confidence": 7}}'),
  pg_temp.item(3, '{"model": {"value": "M3", "confidence": 0.9}}'),
  pg_temp.item(1, '{"model": {"value": "M3", "confidence": 0.9}}') || '{"request": {"queue": "no_such_queue", "id": "x"}}',
  pg_temp.item(1, '{"model": {"value": "M5", "confidence": 0.9}}') || '{"request": {"queue": "backfill_queue", "id": "x", "lease_token": "y"}}',
  '{"vehicle_id": "not an id", "outcome": "ok"}'::jsonb, '{}'::jsonb, '7'::jsonb, 'null'::jsonb
))) r;

select results_eq('select index from r', 'select generate_series(0, 12)', 'a batch has a result for each of its items, in their order');
select results_eq('select outcome from r', $$values ('ok'), ('server_error'), ('ok'), ('no_such_vehicle'), ('server_error'), ('server_error'), ('ok'),
  ('server_error'), ('server_error'), ('server_error'), ('no_such_vehicle'), ('no_such_vehicle'), ('no_such_vehicle')$$, 'the result of an item says whether it is applied (ok), could not be written (server_error), or has no such vehicle');
select ok((select bool_and(error <> '') from r where outcome <> 'ok'), 'an item that was not applied has an error that says why');
select is((select year || ' ' || coalesce(make, '-') || ' ' || model from vehicles where discovery_url = 'https://a.example/3'), '1990 - M3',
  'a batch writes the good items of a vehicle and leaves out its bad ones');
select is((select year from vehicles where discovery_url = 'https://a.example/2'), null, 'an item with a value that cannot be written leaves its vehicle as it was');
select is((select make from vehicles where discovery_url = 'https://a.example/4'), null, 'of an item with one bad fact the good fact is not written either');
select is((select count(*) from extraction_metadata m join vehicles v on v.id = m.vehicle_id where v.discovery_url in ('https://a.example/2', 'https://a.example/4')),
  0::bigint, 'an item that was not written leaves no provenance');
select is((select make || coalesce(model, '') from vehicles where discovery_url = 'https://a.example/1'), 'BMW', 'the items of one vehicle are spoilt by no bad item of another');

select is(apply_extractions('[]'), '[]', 'a batch without items has no results');
select throws_ok($$select apply_extractions('{"vehicle_id": "x"}')$$, '22023', null, 'a batch that is no array is refused');
select throws_ok('select apply_extractions(null)', '22023', null, 'a batch that is null is refused');

select * from finish();
rollback;
