begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://one.example/1');
insert into vehicle_listings (vehicle_id, listing_url, kind) values
  ('00000000-0000-4000-8000-000000000001', 'https://two.example/1', 'classified'), ('00000000-0000-4000-8000-000000000001', 'https://three.example/1', 'classified');
create function pg_temp.read(p_site text, p_facts jsonb) returns void language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://' || p_site || '.example/1', 'page_at', now(),
    'method', 'general', 'scraper_version', 'v1.0.0', 'facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f))))
$$;
create function pg_temp.said() returns text language sql as $$
  select string_agg(format('%s: %s and %s %s', field_name, split_part(host, '.', 1), split_part(other_host, '.', 1), case when agrees then 'agree' else 'disagree' end), '; ' order by field_name, host)
  from source_comparisons
$$;
select pg_temp.read('one', '{"year": 2004, "make": "Porsche", "model": "911", "color": "Red", "transmission": "Manual"}');
select is(pg_temp.said(), null, 'one site alone says nothing of how right it is');
select pg_temp.read('one', '{"year": 2004, "make": "Porsche", "model": "911", "color": "Red", "transmission": "Manual"}');
select is(pg_temp.said(), null, 'also when its page is read again');
select pg_temp.read('two', '{"year": 2004, "make": "Porsche", "model": "911 Carrera", "color": "red", "transmission": "Automatic", "engine": "3.6"}');
select is(pg_temp.said(), 'color: two and one agree; model: two and one agree; transmission: two and one disagree', 'another site that speaks of the same fields is compared; a longer name is no contradiction, and what makes it the same car no proof');
select pg_temp.read('two', '{"transmission": "Manual"}');
select is(pg_temp.said(), 'color: two and one agree; model: two and one agree; transmission: two and one agree', 'what it says now is what counts');
update vehicles set color = 'Blue' where id = '00000000-0000-4000-8000-000000000001';
select pg_temp.read('three', '{"color": "Red"}');
select is((select count(*) from source_comparisons where host = 'three.example'), 0::bigint, 'a person''s value is no other site''s');

delete from vehicles;
select set_config('vehicles.writer', 'import', true);
insert into vehicles (id, discovery_url, year, make, model, vin, color, field_state)
select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://' || site || '.example/9', 2003, 'Honda', 'Accord', '1HGCM82633A004352', color, (
  select jsonb_object_agg(f, jsonb_build_object('confidence', 0.95, 'method', 'general', 'source', site || '.example')) from unnest(array['year', 'make', 'model', 'vin', 'color']) f)
from (values (2, 'one', 'Silver'), (3, 'two', 'Black')) x(n, site, color);
select set_config('vehicles.writer', '', true);
insert into vehicle_merge_candidates (vehicle_id, other_vehicle_id, vin) values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000003', '1HGCM82633A004352') on conflict do nothing;
insert into fill_cycles (cycle_id, slot, target) values ('now', date_bin('2 hours', now(), 'epoch'), 2000);
select is((act_on_quality('now') ->> 'joined')::integer, 1, 'two vehicles that are proved to be one car are joined');
select is(pg_temp.said(), 'color: two and one disagree; model: two and one agree', 'and what they said of it is compared');
select is((select to_value from fill_decisions where lever = 'join'), '1', 'the join is on record');
select results_eq($$select host, field_name, compared, agreed, hosts_that_disagree from source_agreement where field_name = 'color'$$,
  $$values ('one.example', 'color', 1::bigint, 0::bigint, 1::bigint), ('two.example', 'color', 1, 0, 1)$$, 'source_agreement shows both sides');
select unmerge_vehicle('00000000-0000-4000-8000-000000000003');
select is(pg_temp.said(), null, 'of two that turn out to be two cars nothing is compared');

select * from finish();
rollback;
