begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
insert into backfill_queue (id, vehicle_id, reason) values ('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000001', 'r');
create temp table c as select c ->> 'lease_token' as token from jsonb_array_elements(claim_queue('backfill_queue', 1)) c;

select is(apply_extractions((select jsonb_build_array(jsonb_build_object('vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'gone', 'error', 'HTTP 404', 'source_url', 'https://a.example/1',
  'request', jsonb_build_object('queue', 'backfill_queue', 'id', '00000000-0000-4000-8000-000000000001', 'lease_token', token))) from c)) -> 0 ->> 'state', 'failed', 'a reading that says the listing is gone fails the row that asked for it');
select is((select listing_ended_at from vehicles), now(), 'a reading that says the listing is gone marks the vehicle''s listing as ended');
select is((select state from micro_scrape_state), 'ended', 'a vehicle whose listing is gone is ended for the micro-scrape');
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s", "extraction_hash": "h"}]');
select results_eq('select listing_ended_at, (select state from micro_scrape_state) from vehicles', $$values (null::timestamptz, 'due')$$, 'a listing that is read again after it was gone is not ended, and its vehicle is due');

select * from finish();
rollback;
