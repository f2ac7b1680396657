-- Vehicles whose pages cannot improve: at most six reads each, and others get their turn. Time is moved by
-- moving due times back.
begin;
create extension if not exists pgtap with schema extensions;
select plan(22);

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
           (5, interval '7 days', 'waiting'), (6, null, 'exhausted')$$, 'after each pass without a gain it waits longer, and after the sixth it rests');
select is((select why from vehicles_not_improving), 'the source does not state year, make, model, vin, sale_price, description, images, mileage, color, engine, transmission',
  'the view says what the source does not state');
select is_empty('select * from vehicles_needing_micro_scrape', 'and nothing needs it any more');
select pg_temp.pass();
select is(pg_temp.run(7), 0, 'it is not read again');
update micro_scrape_state set due_at = now() - interval '1 year';
select is(pg_temp.run(7), 0, 'whatever time it is');

-- Fifty runs over 45 such vehicles, with time moved past each wait.
delete from reads;
delete from vehicles;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://a.example/' || n, now() - n * interval '1 day' from generate_series(1, 45) n;
do $$
begin
  for n in 1 .. 50 loop
    perform pg_temp.pass();
    perform pg_temp.run(n);
  end loop;
end
$$;
select is((select max(n) from (select count(*) as n from reads group by vehicle_id) r), 6::bigint, 'in fifty runs no page is read more than six times');
select is((select min(n) from (select count(*) as n from reads group by vehicle_id) r), 6::bigint, 'and each is read that often');
select is((select array_agg(distinct state) from micro_scrape_state), array['exhausted'], 'then all rest');
update micro_scrape_state set state = 'due', no_gain_passes = 0;
delete from reads;
select pg_temp.run(1), pg_temp.run(2), pg_temp.run(3), pg_temp.run(4);
select is((select count(distinct vehicle_id) || ' of ' || count(*) from reads), '45 of 45', 'while some wait others get their turn: three runs read 45 vehicles once each');

-- Lowest score first, recent first.
delete from reads;
delete from vehicles;
insert into vehicles (id, discovery_url, created_at, year, make) values
  (pg_temp.id(1), 'https://a.example/1', now() - interval '1 day', 1990, 'BMW'), (pg_temp.id(2), 'https://a.example/2', now() - interval '2 days', null, null),
  (pg_temp.id(3), 'https://a.example/3', now(), 1990, null), (pg_temp.id(4), 'https://a.example/4', now() - interval '1 hour', null, null);
select is((select string_agg(right(w ->> 'vehicle_id', 1), '' order by n) from jsonb_array_elements(preview_micro_scrape(10)) with ordinality as e(w, n)), '4231',
  'of the due, the lowest score first, the recent first');
select is((select count(*) from micro_scrape_state where state = 'leased'), 0::bigint, 'a preview takes nothing');
select is((select string_agg(right(w ->> 'vehicle_id', 1), '' order by n) from jsonb_array_elements(claim_micro_scrape(3)) with ordinality as e(w, n)), '423', 'the claim takes them in that order');
select is((select string_agg(right(w ->> 'vehicle_id', 1), '' order by n) from jsonb_array_elements(claim_micro_scrape(3)) with ordinality as e(w, n)), '1', 'each once');
select is(claim_micro_scrape(3), '[]', 'and then there is none');
select release_micro_scrape((select jsonb_agg(jsonb_build_object('vehicle_id', vehicle_id, 'lease_token', lease_token)) from micro_scrape_state));
select is((select array_agg(distinct state || no_gain_passes || failures || (due_at <= now())) from micro_scrape_state), array['due00true'], 'what is handed back is due as before, nothing counted against it');
select claim_micro_scrape(1);
select release_micro_scrape((select jsonb_agg(jsonb_build_object('vehicle_id', vehicle_id, 'lease_token', lease_token, 'retry_at', now() + interval '3 seconds')) from micro_scrape_state where state = 'leased'));
select is((select due_at from micro_scrape_state where state = 'waiting'), now() + interval '3 seconds', 'or waits for its host');

-- A gain starts the waits anew; a value that only changes does not.
delete from vehicles;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.passes() returns text language sql as $$ select state || ' ' || no_gain_passes from micro_scrape_state $$;
select pg_temp.run(1), pg_temp.pass(), pg_temp.run(2), pg_temp.pass(), pg_temp.run(3), pg_temp.pass();
select is(pg_temp.passes(), 'waiting 3', 'three passes without a gain');
select pg_temp.run(4, '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}, "location": {"value": "Reno", "confidence": 0.9, "evidence": "e"}}'), pg_temp.pass();
select is(pg_temp.passes(), 'waiting 1', 'a gap that is closed starts the waits anew');
select pg_temp.run(5, '{"location": {"value": "Elko", "confidence": 0.9, "evidence": "e"}}'), pg_temp.pass();
select is((select location from vehicles), 'Elko', 'a value may change at every look');
select is(pg_temp.passes(), 'waiting 2', 'that closes no gap');
do $$ begin for n in 6 .. 20 loop perform pg_temp.run(n, jsonb_build_object('location', jsonb_build_object('value', 'Reno ' || n, 'confidence', 0.9, 'evidence', 'e')), 'h' || n), pg_temp.pass(); end loop; end $$;
select is((select state from micro_scrape_state), 'exhausted', 'nor keeps a vehicle from resting');
select is((select count(*) from reads where run > 4), 5::bigint, 'after six reads since the gain');

select * from finish();
rollback;
