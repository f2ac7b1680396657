begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.keys(c jsonb) returns text language sql as $$ select string_agg(k, ' ' order by k) from jsonb_object_keys(c) k $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 3) n;
insert into backfill_queue (id, vehicle_id, reason, source_url, fields_wanted, reextract)
select pg_temp.id(n), pg_temp.id(n), 'r', 'https://a.example/' || n, array['vin'], true from generate_series(1, 3) n;
create temp table c as select claim_queue('backfill_queue', 1, p_narrow => true) -> 0 as c;

select is((select pg_temp.keys(c) from c), 'fields_wanted id lease_token reason reextract source_url vehicle_id', 'a claim that asks for no more gives what the queue''s worker needs, id and lease_token');
select is((select c from c), (select to_jsonb(w) from (select id, lease_token, vehicle_id, reason, source_url, fields_wanted, reextract from backfill_queue where status = 'processing') w),
  'what a narrow claim gives is as it stands in the row that it leased');
select is(pg_temp.keys(claim_queue('backfill_queue', 1, array[pg_temp.id(2)], p_narrow => true) -> 0), (select pg_temp.keys(c) from c), 'a narrow claim of vehicles by name gives as much');
select is(pg_temp.keys(claim_queue('backfill_queue', 1) -> 0), (select string_agg(attname, ' ' order by attname::text) from pg_attribute where attrelid = 'backfill_queue'::regclass and attnum > 0 and not attisdropped),
  'a claim that says nothing gives whole rows');
-- A queue of which nobody said what its worker needs.
update private.queues set worker_columns = null where table_name = 'scrape_retry_queue';
select private.write_claim(q) from private.queues q where table_name = 'scrape_retry_queue';
insert into scrape_retry_queue (vehicle_id, step_name) values (pg_temp.id(1), 'extract_vin');
select is(claim_queue('scrape_retry_queue', 1, array[pg_temp.id(1)], p_narrow => true) -> 0 ->> 'step_name', 'extract_vin', 'a queue that does not say what its worker needs gives whole rows to narrow claims, too');

select * from finish();
rollback;
