begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

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
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://a.example/' || n, now() - n * interval '1 day' from generate_series(1, 45) n;
do $$
begin
  for n in 1 .. 50 loop
    perform pg_temp.pass();
    perform pg_temp.run(n);
  end loop;
end
$$;

select is((select max(n) from (select count(*) as n from reads group by vehicle_id) r), 6::bigint, 'in fifty runs over 45 vehicles without a gain no page is read more than six times');
select is((select min(n) from (select count(*) as n from reads group by vehicle_id) r), 6::bigint, 'in fifty runs over 45 vehicles without a gain each page is read six times');
select is((select array_agg(distinct state) from micro_scrape_state), array['exhausted'], 'after fifty runs all vehicles without a gain rest');
update micro_scrape_state set state = 'due', no_gain_passes = 0;
delete from reads;
select pg_temp.run(1), pg_temp.run(2), pg_temp.run(3), pg_temp.run(4);
select is((select count(distinct vehicle_id) || ' of ' || count(*) from reads), '45 of 45', 'three runs of twenty read 45 vehicles once each, for those that were read wait');

select * from finish();
rollback;
