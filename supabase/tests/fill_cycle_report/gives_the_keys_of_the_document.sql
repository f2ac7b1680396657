begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into fill_cycles (cycle_id, slot, started_at, completed_at, status, target, vehicles_added, vehicles_queued, on_target, data_quality_score, sources_active, sources_discovered)
values ('fill-20251224-18', '2025-12-24T18:00:00Z', '2025-12-24T18:00:00Z', '2025-12-24T18:15:00Z', 'completed', 2000, 2150, 3500, true, 0.9234, 15, 2);
select is(fill_cycle_report('fill-20251224-18')::text,
  '{"cycle_id" : "fill-20251224-18", "started_at" : "2025-12-24T18:00:00Z", "completed_at" : "2025-12-24T18:15:00Z", "vehicles_added" : 2150, "vehicles_queued" : 3500, "total_progress" : 5650, "target" : 2000, "on_target" : true, "data_quality" : 0.92, "sources_active" : 15, "sources_discovered" : 2, "next_cycle" : "2025-12-24T20:00:00Z"}',
  'the keys stand in their order');
insert into fill_cycles (cycle_id, slot, target) values ('begun', '2025-12-24T20:00:00Z', 2000);
select is((select count(*) from json_each(fill_cycle_report('begun')) where value::text = 'null'), 8::bigint, 'what was not measured is null, and no 0');
select is(fill_cycle_report('begun') ->> 'next_cycle', '2025-12-24T22:00:00Z', 'the next cycle begins with the next slot');
select throws_like($$select fill_cycle_report('never')$$, 'no cycle has the id "never"', 'an unknown cycle is refused by name');

select * from finish();
rollback;
