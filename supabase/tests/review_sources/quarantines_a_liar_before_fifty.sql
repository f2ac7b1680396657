begin;
create extension if not exists pgtap with schema extensions;
select plan(17);
create function pg_temp.is_now(p_slug text) returns text language sql as $$select lifecycle from public.scrape_sources where slug = p_slug$$;
create function pg_temp.take_in(p_host text) returns void language sql as $$
  select public.add_source_candidate('https://' || p_host || '/');
  select private.set_lifecycle(private.source_of_host(p_host), 'probation', 'passed');
  update public.scrape_sources set confidence_cap = 0.79, listings_allowed = 20 where hosts = array[p_host];
$$;
create function pg_temp.list(p_host text, p_n integer, p_facts jsonb) returns jsonb language sql as $$
  select public.import_listings(jsonb_build_array(jsonb_build_object(
    'source_url', format('https://%s/cars/%s', p_host, p_n), 'method', 'general_scraper', 'scraper_version', 'v1.0.0', 'outcome', 'ok',
    'facts', (select jsonb_object_agg(key, jsonb_build_object('value', value, 'confidence', 0.92)) from jsonb_each(p_facts))))) -> 0
$$;

-- One that shows one car on all its pages.
select pg_temp.take_in('one.test');
insert into vehicles (discovery_url) select 'https://one.test/cars/' || n from generate_series(1, 6) n;
update vehicles set year = 1990, make = 'BMW', model = 'M3', mileage = 50000 where source_host = 'one.test';
update vehicle_listings set page_at = now(), price = 20000 where source_host = 'one.test';
-- One with one VIN.
select pg_temp.take_in('vin.test');
insert into vehicles (discovery_url, vin) select 'https://vin.test/cars/' || n, 'WBSBL92061JR10001' from generate_series(1, 3) n;
update vehicle_listings set page_at = now() where source_host = 'vin.test';
-- One that says something else than other sites of the same cars.
select pg_temp.take_in('other.test');
insert into vehicles (discovery_url, vin, year, make, model)
select 'https://known.test/' || n, format('WBSBL9206%sJR1000%s', 2, n), 1990, 'Porsche', '911' from generate_series(1, 5) n;
insert into vehicles (discovery_url, vin, year, make, model)
select 'https://other.test/cars/' || n, format('WBSBL9206%sJR1000%s', 2, n), 1995 , 'Ford', 'Focus' from generate_series(1, 5) n;
update vehicle_listings set page_at = now() where source_host = 'other.test';
-- One that says the same make and year, and another mileage and colour.
select pg_temp.take_in('copy.test');
insert into vehicles (discovery_url, vin, year, make, model, mileage, color)
select 'https://known.test/copied/' || n, format('WBSBL9206%sJR3000%s', 2, n), 1990, 'Porsche', '911', 20000 + n, 'Guards Red' from generate_series(1, 5) n;
insert into vehicles (discovery_url, vin, year, make, model, mileage, color)
select 'https://copy.test/cars/' || n, format('WBSBL9206%sJR3000%s', 2, n), 1990, 'Porsche', '911', 95000 + n, 'Jet Black' from generate_series(1, 5) n;
update vehicle_listings set page_at = now() where source_host = 'copy.test';
-- An honest one.
select pg_temp.take_in('good.test');
insert into vehicles (discovery_url, vin, year, make, model, mileage)
select 'https://good.test/cars/' || n, format('WBSBL9206%sJR2%s', 3, lpad(n::text, 4, '0')), 1990, 'BMW', 'M3', 1000 + n from generate_series(1, 12) n;
update vehicle_listings set page_at = now(), price = 20000 where source_host = 'good.test';
-- One that a person keeps off.
select pg_temp.take_in('off.test');
insert into vehicles (discovery_url, vin) select 'https://off.test/cars/' || n, 'WBSBL92061JR10009' from generate_series(1, 3) n;
update vehicle_listings set page_at = now() where source_host = 'off.test';
update scrape_sources set is_active = false where slug = 'off_test';

-- Two on probation that contradict each other: one was known before the other. A third was quarantined.
select pg_temp.take_in(h) from unnest('{elder.test,younger.test,gone.test,later.test}'::text[]) h;
update scrape_sources set created_at = now() - interval '1 hour' where slug = 'elder_test';
insert into vehicles (discovery_url, vin, year, make, model, mileage, color)
select format('https://%s/%s', h.host, n), format('WBSBL9206%sJR%s000%s', 4, h.cars, n), 1990, 'Porsche', '911', h.miles + n, h.color
from (values
  ('elder.test', 4, 20000, 'Midnight Blue Metallic'), ('younger.test', 4, 95000, 'Arctic Silver Metallic'),
  ('gone.test', 5, 20000, 'Guards Red'), ('later.test', 5, 95000, 'Jet Black')) h(host, cars, miles, color)
cross join generate_series(1, 5) n;
update vehicle_listings set page_at = now() where source_host in ('elder.test', 'younger.test', 'gone.test', 'later.test');
select private.set_lifecycle(private.source_of_host('gone.test'), 'rejected', 'quarantined: it lied');

create temp table moved as select review_sources(null) as r;
select is(pg_temp.is_now('elder_test'), 'probation', 'what a newcomer says of its cars is not held against a source');
select is(pg_temp.is_now('younger_test'), 'rejected', 'but the other way round; paint that is metallic is no common colour');
select is(pg_temp.is_now('later_test'), 'probation', 'what a quarantined source says counts for nothing');
select is(pg_temp.is_now('one_test'), 'rejected', 'many cars told alike');
select is(pg_temp.is_now('vin_test'), 'rejected', 'one VIN on several cars');
select is(pg_temp.is_now('other_test'), 'rejected', 'other sites say something else of the same VIN');
select is(pg_temp.is_now('copy_test'), 'rejected', 'cars with the VINs of others');
select is(pg_temp.is_now('good_test'), 'probation', 'cars of one model are no lie');
select is(pg_temp.is_now('off_test'), 'probation', 'what a person switched off stays as it is');
select results_eq($$select r -> 'rejected' from moved$$, $$values ('["copy_test", "one_test", "other_test", "vin_test", "younger_test"]'::jsonb)$$, 'who was moved is told');
select matches((select lifecycle_reason from scrape_sources where slug = 'vin_test'), '^quarantined: the VIN WBSBL92061JR10001 stands on 3', 'and why');
select is((select listings_allowed from scrape_sources where slug = 'good_test'), 32, 'an honest one may go on');
select ok((select bool_and(listings < 50) from source_lifecycle where state = 'rejected'), 'all of that before fifty');
select ok((select what_to_do like 'look at its vehicles%' from source_lifecycle where slug = 'vin_test'), 'an operator is told what to look at');
select review_sources(null);
select is((select count(*) from source_lifecycle_events e join scrape_sources s on s.id = e.source_id where s.slug = 'vin_test' and to_lifecycle = 'rejected'), 1::bigint, 'a second review says nothing more');

-- The cap is on what is written.
create temp table read as select pg_temp.list('good.test', 100, '{"year": 1999, "make": "Saab", "model": "900"}') as r;
select is(
  (select max((f.value ->> 'confidence')::numeric) from vehicles v cross join jsonb_each(v.field_state) f where v.id = (select (r ->> 'vehicle_id')::uuid from read)),
  0.79, 'in probation no fact is held with more than 0.79');
update scrape_sources set confidence_cap = null;
create temp table later as select pg_temp.list('good.test', 101, '{"year": 1998, "make": "Saab", "model": "9000"}') as r;
select is(
  (select max((f.value ->> 'confidence')::numeric) from vehicles v cross join jsonb_each(v.field_state) f where v.id = (select (r ->> 'vehicle_id')::uuid from later)),
  0.92, 'without a cap as the reader says');

select * from finish();
rollback;
