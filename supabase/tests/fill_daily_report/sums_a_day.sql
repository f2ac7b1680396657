begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into fill_cycles (cycle_id, slot, completed_at, status, target, vehicles_added, vehicles_queued, on_target, data_quality_score, sources_active, sources_discovered)
select 'c' || n, '2025-12-24T00:00:00Z'::timestamptz + n * interval '2 hours', now(), 'completed', 2000,
  case when n = 0 then 1000 else 2300 end, 1000, n > 0, case when n = 0 then 0.5 else 0.92 end, 10 + n, (n = 3)::integer * 3
from generate_series(0, 11) n;
insert into fill_cycles (cycle_id, slot, completed_at, status, target, vehicles_added)
values ('before', '2025-12-23T22:00:00Z', now(), 'completed', 2000, 1), ('after', '2025-12-25T00:00:00Z', now(), 'completed', 2000, 1);
select is(fill_daily_report('2025-12-24')::text,
  '{"date" : "2025-12-24", "vehicles_added" : 26300, "vehicles_queued" : 12000, "cycles_completed" : 12, "cycles_on_target" : 11, "avg_quality" : 0.90, "sources_active" : 21, "sources_discovered" : 3, "status" : "ON_TARGET"}',
  'the keys stand in their order, and the mean quality is that of the vehicles');
update fill_cycles set target = 2300 where cycle_id like 'c%';
select is(fill_daily_report('2025-12-24') ->> 'status', 'BELOW_TARGET', 'a day is below its target where its cycles together are');
update fill_cycles set status = 'missed', vehicles_added = null, vehicles_queued = null, on_target = false, data_quality_score = null where cycle_id = 'c5';
select is((fill_daily_report('2025-12-24') ->> 'cycles_completed')::integer, 11, 'a slot that nobody ran is not completed');
update fill_cycles set target = 2000;
select is(fill_daily_report('2025-12-24') ->> 'status', 'ON_TARGET', '24,000 vehicles are enough, whichever cycle they came in');
update fill_cycles set vehicles_added = 1900 where cycle_id = 'c6';
select is(fill_daily_report('2025-12-24') ->> 'status', 'BELOW_TARGET', 'what a slot that nobody ran was to bring is missed');
select is(fill_daily_report('2020-01-01')::text,
  '{"date" : "2020-01-01", "vehicles_added" : null, "vehicles_queued" : null, "cycles_completed" : 0, "cycles_on_target" : 0, "avg_quality" : null, "sources_active" : null, "sources_discovered" : null, "status" : null}',
  'of a day without cycles nothing is known');
select is(fill_daily_report() ->> 'date', (now() at time zone 'UTC')::date::text, 'without a date it is today');

select * from finish();
rollback;
