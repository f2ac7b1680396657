-- A look costs the same however many vehicles there are: by the vehicle, in each table.
begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

insert into vehicles (discovery_url) select 'https://many.example/' || n from generate_series(1, 500) n;
insert into backfill_queue (vehicle_id, reason) select id, 'w' from vehicles where discovery_url like 'https://many.%';
insert into bat_extraction_queue (vehicle_id, bat_url) select id, 'https://bringatrailer.com/listing/' || id from vehicles where discovery_url like 'https://many.%';
analyze micro_scrape_state, bat_extraction_queue, backfill_queue, listing_checks, scrape_retry_queue;
set local enable_seqscan = off;
create function pg_temp.plan() returns text language plpgsql as $$
declare
  v_line text;
  v_all text := '';
begin
  for v_line in execute 'explain select ' || private.leased_condition('v.id') || ' from vehicles v' loop
    v_all := v_all || v_line || E'\n';
  end loop;
  return v_all;
end
$$;

select is(
  (select count(*) from regexp_matches(pg_temp.plan(), 'Index Cond: \(+vehicle_id = v\.id', 'g')), 5::bigint,
  'whether a vehicle is leased is looked up in each of the five tables by the vehicle');

select * from finish();
rollback;
