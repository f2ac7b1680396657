-- Vehicles whose pages cannot improve: at most six reads each, and others get their turn. Time is moved by
-- moving due times back.
begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://a.example/' || n, now() - n * interval '1 day' from generate_series(1, 45) n;

-- A run over the vehicles of a claim, each of whose pages says this; the ids it read.
create temp table reads (vehicle_id uuid, run integer);
create function pg_temp.run(p_run integer, p_facts jsonb default '{}', p_hash text default 'h', p_outcome text default 'ok') returns integer language plpgsql as $$
declare
  v_work jsonb := claim_micro_scrape(20);
begin
  insert into reads select (w ->> 'vehicle_id')::uuid, p_run from jsonb_array_elements(v_work) w;
  perform apply_extractions((select coalesce(jsonb_agg(jsonb_build_object('vehicle_id', w -> 'vehicle_id', 'outcome', p_outcome, 'source_url', w -> 'source_url',
    'method', 'a_scraper', 'scraper_version', 'v1.9.0', 'page_at', clock_timestamp(), 'extraction_hash', p_hash, 'facts', p_facts,
    'request', jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', w -> 'lease_token'))), '[]') from jsonb_array_elements(v_work) w));
  return jsonb_array_length(v_work);
end
$$;
create function pg_temp.pass() returns void language sql as $$ update micro_scrape_state set due_at = now() - interval '1 second' where state = 'waiting' $$;

-- The waits, one after the other.
delete from vehicles where id <> pg_temp.id(1);
create temp table waits as select 0 as pass, null::interval as wait, null::text as state where false;
do $$
begin
  for n in 1 .. 6 loop
    perform pg_temp.pass();
    perform pg_temp.run(n);
    insert into waits select n, due_at - now(), state from micro_scrape_state;
  end loop;
end
$$;

select results_eq($$select pass, case when state = 'waiting' then wait end, state from waits order by pass$$,
  $$values (1, interval '5 minutes', 'waiting'), (2, interval '1 hour', 'waiting'), (3, interval '6 hours', 'waiting'), (4, interval '1 day', 'waiting'),
           (5, interval '7 days', 'waiting'), (6, null, 'exhausted')$$, 'a pass without a gain waits longer each time, and after the sixth the vehicle rests');
select is((select why from vehicles_not_improving), 'the source does not state year, make, model, vin, sale_price, description, images, mileage, color, engine, transmission',
  'vehicles_not_improving names the fields that the source of a resting vehicle does not state');
select is_empty('select * from vehicles_needing_micro_scrape', 'a resting vehicle is not shown in vehicles_needing_micro_scrape');
select pg_temp.pass();
select is(pg_temp.run(7), 0, 'a resting vehicle is not claimed');
update micro_scrape_state set due_at = now() - interval '1 year';
select is(pg_temp.run(7), 0, 'a resting vehicle is not claimed a year after it was due');

select * from finish();
rollback;
