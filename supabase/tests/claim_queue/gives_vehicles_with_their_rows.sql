begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into vehicles (id, discovery_url, year, make, model, sale_date)
values ('00000000-0000-4000-8000-000000000001', 'https://cars.test/1', 1991, 'Saab', '900', '2025-01-31');
insert into backfill_queue (vehicle_id, reason, priority) values ('00000000-0000-4000-8000-000000000001', 'manual', 2);
delete from backfill_queue where vehicle_id <> '00000000-0000-4000-8000-000000000001';

select is(
  preview_queue('backfill_queue', 1, p_with_vehicles => true) #> '{0,vehicle,held}',
  '{"year": 1991, "make": "Saab", "model": "900", "sale_date": "2025-01-31"}',
  'a preview gives what is held of a row''s vehicle, when it is asked to');
select ok(not preview_queue('backfill_queue', 1) -> 0 ? 'vehicle', 'and else the row alone');
select is(
  claim_queue('backfill_queue', 1, p_narrow => true, p_with_vehicles => true) #> '{0,vehicle}',
  '{"id": "00000000-0000-4000-8000-000000000001", "listing_url": "https://cars.test/1", "source_host": "cars.test",
    "description_source": null, "held": {"year": 1991, "make": "Saab", "model": "900", "sale_date": "2025-01-31"}}',
  'so does a claim');

update backfill_queue set status = 'pending';
select is(
  claim_queue('backfill_queue', 1, array['00000000-0000-4000-8000-000000000001']::uuid[], p_with_vehicles => true) #>> '{0,vehicle,held,make}',
  'Saab', 'and one for vehicles that are named');
update backfill_queue set status = 'pending';
select ok(not claim_queue('backfill_queue', 1) -> 0 ? 'vehicle', 'the call of the last release gives the row alone');

insert into scrape_retry_queue (vehicle_id, step_name) values (null, 'extract_data');
select is(
  claim_queue('scrape_retry_queue', 1, p_with_vehicles => true) #> '{0,vehicle}', 'null'::jsonb,
  'a row without a vehicle says so');

select * from finish();
rollback;
