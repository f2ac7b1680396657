-- Read from private.leased_tables, so that a table that is leased later is looked at too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
select is_empty(
  $$select table_name from private.leased_tables where to_regprocedure(format('private.%I(integer)', 'rescue_' || table_name)) is null$$,
  'every leased table has a function that rescues its rows');
select is_empty(
  $$select table_name from private.leased_tables where to_regclass(format('public.%I', table_name || '_leased')) is null$$,
  'and an index of the rows that are leased');
select set_eq(
  $$select c.relname::text from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.attname = 'lease_token' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace$$,
  'select table_name from private.leased_tables', 'every table with a lease token is a leased table');
select is_empty(
  $$select t.table_name from private.leased_tables t
    where not exists (
      select from pg_constraint
      where conrelid = format('public.%I', t.table_name)::regclass and conname = 'a_lease_has_a_token_and_an_end')$$,
  'whose token has an end');

-- A row in each, leased.
insert into vehicles (id, discovery_url, origin_metadata)
values (pg_temp.id(1), 'https://bringatrailer.com/listing/1', '{"image_urls": ["https://i.example/1.jpg"]}');
insert into backfill_queue (vehicle_id, reason) values (pg_temp.id(1), 'r');
insert into scrape_retry_queue (vehicle_id, step_name) values (pg_temp.id(1), 'extract_vin');
insert into import_queue (listing_url) values ('https://cars.example/2');
update vehicle_listings set status = 'for_sale';
insert into listing_feeds (url) values ('https://cars.example/new');
select claim_queue(q, 1, case when q <> 'import_queue' then array[pg_temp.id(1)] end)
from unnest(array['backfill_queue', 'scrape_retry_queue', 'bat_extraction_queue', 'import_queue', 'listing_checks']) q;
select claim_micro_scrape(1, array[pg_temp.id(1)]);
select * from claim_image_downloads(1);
select claim_listing_feeds(1);
select claim_pipeline_run();
insert into fill_cycles (cycle_id, slot, target) values ('a cycle', '2026-01-01T02:00:00Z', 2000);
insert into fill_cycle_steps (cycle_id, step, status, lease_token, lease_expires_at)
values ('a cycle', 'assess_state', 'processing', gen_random_uuid(), now() + interval '1 minute');
select add_source_candidate('https://a-probe.test/');
select claim_source_probes(1);
select learn_extraction_map('cars.example');
select claim_queue('extraction_map_jobs', 1);
select is(count_expired_leases(), (select jsonb_object_agg(table_name, 0) from private.leased_tables), 'a lease that holds has not expired');
select is(rescue_expired_leases(), (select jsonb_object_agg(table_name, 0) from private.leased_tables), 'nor is its row rescued');

do $$
declare
  v_table text;
begin
  for v_table in select table_name from private.leased_tables loop
    execute format('update public.%I set lease_expires_at = now() - interval ''1 second'' where lease_token is not null', v_table);
  end loop;
end
$$;
select is(count_expired_leases(), (select jsonb_object_agg(table_name, 1) from private.leased_tables), 'a count of expired leases finds one in each table');
select is(rescue_expired_leases(), (select jsonb_object_agg(table_name, 1) from private.leased_tables), 'and a rescue takes it back');
select is(rescue_expired_leases(), (select jsonb_object_agg(table_name, 0) from private.leased_tables), 'once');
select results_eq(
  $$select status, attempts, outcome, last_error, lease_token from image_downloads$$,
  $$values ('pending', 1, 'timeout', 'the worker stopped without reporting', null::uuid)$$, 'an image is due again, and its attempt counts');
select results_eq('select failures, next_check_at, lease_token from listing_feeds', $$values (0, now(), null::uuid)$$,
  'a feed is as due as it was');
select results_eq('select status, error_message, ended_at is null from pipeline_runs', $$values ('abandoned', 'the worker stopped without reporting', false)$$,
  'a run of the pipeline is abandoned');
select results_eq('select state, last_outcome, failures from micro_scrape_state', $$values ('due', 'timeout', 1::smallint)$$, 'a vehicle is due again, and its failure counts');
select results_eq('select status, outcome_code, attempts from import_queue', $$values ('pending', 'timeout', 1)$$, 'a row of a queue too');

select * from finish();
rollback;
