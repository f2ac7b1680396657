begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
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
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.passes() returns text language sql as $$ select state || ' ' || no_gain_passes from micro_scrape_state $$;
select pg_temp.run(1), pg_temp.pass(), pg_temp.run(2), pg_temp.pass(), pg_temp.run(3), pg_temp.pass();

select is(pg_temp.passes(), 'waiting 3', 'three passes without a gain are counted');
select pg_temp.run(4, '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}, "location": {"value": "Reno", "confidence": 0.9, "evidence": "e"}}'), pg_temp.pass();
select is(pg_temp.passes(), 'waiting 1', 'a pass that closes a gap starts the waits anew');
select pg_temp.run(5, '{"location": {"value": "Elko", "confidence": 0.9, "evidence": "e"}}'), pg_temp.pass();
select is((select location from vehicles), 'Elko', 'a pass may change the value of a field that is held');
select is(pg_temp.passes(), 'waiting 2', 'a pass that only changes a value closes no gap and is counted');
do $$ begin for n in 6 .. 20 loop perform pg_temp.run(n, jsonb_build_object('location', jsonb_build_object('value', 'Reno ' || n, 'confidence', 0.9, 'evidence', 'e')), 'h' || n), pg_temp.pass(); end loop; end $$;
select is((select state from micro_scrape_state), 'exhausted', 'a vehicle whose passes only change a value rests in the end');
select is((select count(*) from reads where run > 4), 5::bigint, 'a vehicle rests after five more reads that only change a value');

select * from finish();
rollback;
