begin;
create extension if not exists pgtap with schema extensions;
select plan(21);

insert into fill_cycles (cycle_id, slot, target) values ('now', date_bin('2 hours', now(), 'epoch'), 2000);
update fill_cycles set slot = slot - interval '2 hours' where cycle_id = 'now'; -- it is over
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0'),
  ('b', 'B', 'auction', '{b.example}', 'b', 'v1.0.0');
set local vehicles.writer = 'import';
create function pg_temp.state(p_confidence numeric) returns jsonb language sql as $$
  select jsonb_object_agg(f, jsonb_build_object('confidence', p_confidence, 'method', 'a'))
  from unnest(array['year', 'make', 'model', 'vin', 'sale_price', 'high_bid', 'asking_price', 'description', 'mileage']) f
$$;
insert into vehicles (discovery_url, created_at, year, make, model, vin, sale_status, asking_price, high_bid, sale_price, description, mileage, field_state)
select 'https://' || x.host || '/' || x.n, c.slot + x.n * interval '1 minute', 2004, 'Audi', 'A4', x.vin, x.status, x.asking, x.bid, x.sold, 'text', 10, pg_temp.state(0.9) || x.state
from fill_cycles c, (values
  ('a.example', 1, 'WAUZZZ8E04A000001', 'for_sale', 100, null, null, '{}'::jsonb),
  ('a.example', 2, 'WAUZZZ8E04A000002', 'for_sale', 100, null, null, '{"mileage": {"confidence": 0.4, "method": "a"}}'),
  ('a.example', 3, null, 'for_sale', null, null, null, '{}'),
  ('b.example', 4, 'WAUZZZ8E04A000004', 'no_sale', null, 100, null, '{}'),
  ('b.example', 5, 'WAUZZZ8E04A000005', 'sold', null, null, 100, '{}')
) x(host, n, vin, status, asking, bid, sold, state);
insert into vehicles (discovery_url, created_at, year, make, model, vin, field_state)
select 'https://b.example/1955', c.slot, 1955, 'Jaguar', 'XK140', '811234', pg_temp.state(0.9) from fill_cycles c;
-- What is not counted.
insert into vehicles (discovery_url, created_at, year, make, model, field_state)
select 'https://a.example/before', c.slot - interval '1 second', 2004, 'Audi', 'A4', pg_temp.state(0.9) from fill_cycles c;
insert into vehicles (discovery_url, created_at, year, make, model, field_state)
select 'https://a.example/after', c.slot + interval '2 hours', 2004, 'Audi', 'A4', pg_temp.state(0.9) from fill_cycles c;
insert into vehicles (discovery_url, created_at)
select 'https://a.example/empty', c.slot from fill_cycles c;
insert into vehicles (discovery_url, created_at, year, make, model, field_state)
select 'https://a.example/by-hand', c.slot, 2004, 'Audi', 'A4', '{"year": {"confidence": 1, "method": "manual"}}' from fill_cycles c;

insert into scraping_health (source, host, url, outcome, ms, created_at)
select 'a', h, 'https://' || h, o, 1, c.slot + interval '119 minutes'
from fill_cycles c, (values ('a.example', 'ok'), ('a.example', 'not_modified'), ('a.example', 'gone'), ('a.example', 'timeout'),
  ('b.example', 'ok')) x(h, o);
insert into scrape_steps (step_name, status, source, outcome_code, created_at)
select 'extract_data', s, 'a.example', o, c.slot
from fill_cycles c, (values ('success', 'ok'), ('success', 'ok'), ('success', 'ok'), ('failed', 'unreadable'), ('failed', 'gone')) x(s, o);

create function pg_temp.mean_score_of(p_most numeric) returns numeric language sql as $$
  select round(avg(overall_score) / p_most, 4)
  from fill_cycles c
  join vehicles v on v.created_at >= c.slot and v.created_at < c.slot + interval '2 hours'
  join vehicle_quality_scores q on q.vehicle_id = v.id
  where v.discovery_url !~ 'empty|by-hand'
$$;
create temp table last (answer jsonb);
insert into last values (measure_fill_quality('now', null));
create function pg_temp.go_on() returns integer language plpgsql as $$
begin
  for i in 1..50 loop
    exit when (select (answer ->> 'done')::boolean from last);
    update last set answer = measure_fill_quality('now', answer -> 'cursor');
  end loop;
  return 1;
end
$$;
select is((select answer -> 'cursor' ->> 'part' from last), 'sources', 'the first call counts what is little');
select pg_temp.go_on();
select is((select answer ->> 'done' from last), 'true', 'it ends');
select is((select (answer ->> 'vehicles')::integer from last), 6, 'it counts the vehicles of the slot that hold year, make and model from a page');

select results_eq(
  $$select s.slug, h.vehicles_extracted, h.readings, h.success_rate, h.requests, h.error_rate
    from source_health h join scrape_sources s on s.id = h.source_id where h.cycle_id = 'now' order by 1$$,
  $$values ('a', 3, 4, 0.7500, 4, 0.2500), ('b', 3, 0, null::numeric, 1, 0.0000)$$,
  'a source has its vehicles, readings and requests; what is gone counts for neither, and what was not read has no rate');
create function pg_temp.metric(p_field text) returns text language sql as $$
  select format('%s of %s', completeness, sample_size) from quality_metrics where cycle_id = 'now' and field_name = p_field
$$;
select is(pg_temp.metric('year'), '1.0000 of 6', 'a field that all hold is complete');
select is(pg_temp.metric('asking_price'), '0.6667 of 3', 'an asking price applies to what is for sale');
select is(pg_temp.metric('high_bid'), '1.0000 of 1', 'a high bid applies to what did not sell');
select is(pg_temp.metric('sale_price'), '0.5000 of 2', 'a sale price applies to what was sold, or where nothing is known of the sale');
select is(pg_temp.metric('vin'), '0.8333 of 6', 'a chassis number of 1955 counts as a VIN');
select is(pg_temp.metric('mileage'), '0.6667 of 6', 'a value of confidence 0.4 is not held');
select is(pg_temp.metric('images'), '0.0000 of 6', 'pictures are missed while they are wanted');
select is(pg_temp.metric('trim'), null, 'a field without points is not measured');
select is((select issues from quality_metrics where field_name = 'vin'), array['1 of 6 vehicles lack it'], 'what is missing is said in words');
select is((select issues from quality_metrics where field_name = 'mileage'), array['1 of 6 vehicles lack it', '1 of 6 hold it with too little confidence'], 'and what is unsure');
select is((select accuracy from quality_metrics where field_name = 'vin'), null, 'without audits there is no accuracy');
select is(
  (select data_quality_score from fill_cycles where cycle_id = 'now'),
  pg_temp.mean_score_of(100),
  'the score of the cycle is the mean score of its vehicles');
select is((select count(*) from private.fill_quality_portions), 0::bigint, 'nothing is left of the counting');

insert into image_downloads (vehicle_id, url, position, wave)
select id, 'https://a.example/' || id || '.jpg', 0, 0 from vehicles where discovery_url in ('https://a.example/1', 'https://a.example/2');
update image_downloads set attempts = 1 where vehicle_id = (select id from vehicles where discovery_url = 'https://a.example/2');
update last set answer = measure_fill_quality('now', null);
select pg_temp.go_on();
select is(pg_temp.metric('images'), '0.0000 of 5', 'pictures that wait for their first try are not known to be missing');
select is((select fields -> 'images' ->> 'of' from source_health h join scrape_sources s on s.id = h.source_id where s.slug = 'a'), '2', 'also of the source');

update fill_policy set galleries = 'none';
update last set answer = measure_fill_quality('now', null);
select pg_temp.go_on();
select is((select data_quality_score from fill_cycles where cycle_id = 'now'), pg_temp.mean_score_of(85), 'where no pictures are wanted none are missed');
select throws_like($$select measure_fill_quality('never', null)$$, 'no cycle has the id "never"', 'an unknown cycle is refused by name');

select * from finish();
rollback;
