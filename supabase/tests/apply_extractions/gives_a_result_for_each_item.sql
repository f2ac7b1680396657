begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

insert into vehicles (id, discovery_url)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://a.example/' || n from generate_series(1, 4) n;

create function pg_temp.item(n integer, p_facts jsonb) returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-00000000000' || n, 'outcome', 'ok',
    'source_url', 'https://a.example/' || n, 'method', 'a_scraper', 'facts', p_facts)
$$;

create temp table r as
select r ->> 'status' as status, (r ->> 'index')::integer as index, r ->> 'error' as error, r ->> 'vehicle_id' as vehicle_id
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

select results_eq('select index from r', 'select generate_series(0, 12)', 'there is a result for each item, in their order');
select results_eq('select status from r', $$values ('applied'), ('failed'), ('applied'), ('no_such_vehicle'), ('failed'), ('failed'), ('applied'),
  ('failed'), ('failed'), ('failed'), ('no_such_vehicle'), ('no_such_vehicle'), ('no_such_vehicle')$$, 'that says what became of it');
select ok((select bool_and(error <> '') from r where status <> 'applied'), 'with the reason');
select is((select year || ' ' || coalesce(make, '-') || ' ' || model from vehicles where discovery_url = 'https://a.example/3'), '1990 - M3',
  'the good items of a vehicle are written, the bad one is not');
select is((select year from vehicles where discovery_url = 'https://a.example/2'), null, 'a bad item writes nothing');
select is((select make from vehicles where discovery_url = 'https://a.example/4'), null, 'nor does the good half of one');
select is((select count(*) from extraction_metadata m join vehicles v on v.id = m.vehicle_id where v.discovery_url in ('https://a.example/2', 'https://a.example/4')),
  0::bigint, 'nor its provenance');
select is((select make || coalesce(model, '') from vehicles where discovery_url = 'https://a.example/1'), 'BMW', 'other items are spoilt by none of it');

select is(apply_extractions('[]'), '[]', 'no items, no results');
select throws_ok($$select apply_extractions('{"vehicle_id": "x"}')$$, '22023', null, 'what is no array is refused');
select throws_ok('select apply_extractions(null)', '22023', null, 'and nothing too');

-- A reading that cannot be written is an attempt that failed.
create temp table c as select c ->> 'lease_token' as token, c ->> 'vehicle_id' as id from jsonb_array_elements(claim_micro_scrape(1)) c;
create temp table f as select apply_extractions(jsonb_build_array(jsonb_build_object(
  'vehicle_id', id, 'outcome', 'ok', 'source_url', 'https://a.example/1', 'facts', '{"year": {"value": 1492, "confidence": 1}}'::jsonb,
  'request', jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', token)))) -> 0 as r from c;
select is((select r ->> 'state' from f), 'waiting', 'its vehicle waits');
select results_eq('select state, failures::integer, lease_token, due_at > now() from micro_scrape_state where vehicle_id = (select id::uuid from c)',
  $$values ('waiting', 1, null::uuid, true)$$, 'with the failure counted and its lease given back');
select matches((select last_error from micro_scrape_state where vehicle_id = (select id::uuid from c)), 'year', 'and the reason on record');

-- The marks that others wrote into origin_metadata may be anything.
update vehicles set origin_metadata = '{"micro_scrape_complete": "perhaps", "image_urls": "no list"}' where discovery_url = 'https://a.example/2';
select is(apply_extractions(jsonb_build_array(pg_temp.item(2, '{"year": {"value": 1990, "confidence": 0.9}}'))) -> 0 ->> 'status', 'applied',
  'nonsense in the metadata does not stop the work');

select * from finish();
rollback;
