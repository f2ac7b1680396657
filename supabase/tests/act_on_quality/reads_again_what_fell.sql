begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0'), ('b', 'B', 'dealer', '{b.example}', 'b', 'v1.0.0');
insert into fill_cycles (cycle_id, slot, target, status, completed_at)
select 'c' || n, date_bin('2 hours', now(), 'epoch') - n * interval '2 hours', 2000, 'completed', now() from generate_series(1, 4) n;
insert into source_health (source_id, cycle_id, vehicles_extracted, fields)
select s.id, 'c' || n, 10, jsonb_build_object('mileage', jsonb_build_object('of', 10, 'held', 9), 'color', jsonb_build_object('of', 10, 'held', 5))
from scrape_sources s, generate_series(2, 4) n where s.slug in ('a', 'b');

set local vehicles.writer = 'import';
insert into vehicles (discovery_url, created_at, year, make, model, vin, description, sale_status, asking_price, field_state)
select 'https://a.example/' || n, c.slot + n * interval '1 second', 2004, 'Audi', 'A4', 'WAUZZZ8E04A00000' || n, 'text', 'for_sale', 100,
  (select jsonb_object_agg(f, '{"confidence": 0.9, "method": "a"}'::jsonb)
    from unnest(array['year', 'make', 'model', 'vin', 'description', 'asking_price']) f)
from fill_cycles c, generate_series(1, 9) n where c.cycle_id = 'c1';
insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
select id, repeat('a', 64), 'https://a.example/i.jpg', repeat('a', 64), 'image/jpeg', 1, 1, 1, 0 from vehicles where vin = 'WAUZZZ8E04A000001';
update micro_scrape_state set state = 'exhausted' where vehicle_id = (select id from vehicles where vin = 'WAUZZZ8E04A000002');
update vehicles set field_state = field_state || '{"mileage": {"why": "removed_by_hand"}}' where vin = 'WAUZZZ8E04A000003';
update micro_scrape_state set state = 'exhausted' where vehicle_id = (select id from vehicles where vin = 'WAUZZZ8E04A000003');
insert into source_health (source_id, cycle_id, vehicles_extracted, hosts, fields)
select id, 'c1', 9, hosts, jsonb_build_object('mileage', jsonb_build_object('of', 9, 'held', 0), 'color', jsonb_build_object('of', 9, 'held', 4))
from scrape_sources where slug = 'a';
insert into source_health (source_id, cycle_id, vehicles_extracted, fields)
select id, 'c1', 9, '{"mileage": {"of": 10, "held": 8}}' from scrape_sources where slug = 'b';

update source_health set avg_quality_score = 0.6, baseline_quality_score = 0.7 where cycle_id = 'c1';

select results_eq($$select field, completeness, usual from private.fields_that_fell('c1')$$,
  $$values ('mileage', 0.0000, 0.9000)$$, 'a field fell where it is a tenth under what is usual for its source, and no other');
select is(act_on_quality('c1'), '{"micro_scrape": 1, "backfill": 1, "joined": 0, "caps_lowered": 0, "caps_raised": 0}', 'what lacks it is read again');
select results_eq($$select v.vin, b.reason, b.triggered_by from backfill_queue b join vehicles v on v.id = b.vehicle_id$$,
  $$values ('WAUZZZ8E04A000001', 'quality_fell', 'database-fill-agent')$$, 'by backfill the one that is complete without it');
select is((select state from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where v.vin = 'WAUZZZ8E04A000002'), 'due', 'by gap filling the one that was given up');
select is((select state from micro_scrape_state s join vehicles v on v.id = s.vehicle_id where v.vin = 'WAUZZZ8E04A000003'), 'exhausted', 'but not where a person took the value away');
select results_eq($$select lever, subject, to_value from fill_decisions order by lever$$,
  $$values ('backfill', 'a mileage', '1'), ('micro_scrape', 'a mileage', '1')$$, 'each action is on record');
select is((select reason from fill_decisions where lever = 'micro_scrape'),
  'mileage of a is held by 0 of 100 vehicles, usually by 90: 1 are looked at again', 'with its reason in words');
select is((select metrics ->> 'usual' from fill_decisions where lever = 'micro_scrape'), '0.9000', 'and the metrics behind it');

select is(act_on_quality('c1'), '{"micro_scrape": 0, "backfill": 0, "joined": 0, "caps_lowered": 0, "caps_raised": 0}', 'a second time on the same day nothing happens');
update micro_scrape_state set state = 'exhausted' where state = 'due';
update fill_decisions set decided_at = now() - interval '25 hours';
select is((act_on_quality('c1') ->> 'micro_scrape')::integer, 7, 'a day later it is tried again');
update fill_policy set quality_floor = 0.01;
update fill_decisions set decided_at = now() - interval '25 hours';
update source_health set fields = '{"mileage": {"of": 9, "held": 1}}' where cycle_id = 'c1';
select is(act_on_quality('c1'), '{"micro_scrape": 0, "backfill": 0, "joined": 0, "caps_lowered": 0, "caps_raised": 0}', 'nothing is done about what is above the floor');
select throws_like($$select act_on_quality('never')$$, 'no cycle has the id "never"', 'an unknown cycle is refused by name');

select * from finish();
rollback;
