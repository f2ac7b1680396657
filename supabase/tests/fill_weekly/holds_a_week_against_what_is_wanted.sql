begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

-- A whole week of 84 cycles: 82 run, one of them faulty, two that nobody ran.
insert into fill_cycles (cycle_id, slot, status, completed_at, target, vehicles_added, data_quality_score, on_target, verdict)
select 'c' || n, '2026-03-02T00:00:00Z'::timestamptz + n * interval '2 hours', case when n in (5, 6) then 'missed' else 'completed' end, now(), 2000,
  case when n in (5, 6) then null else 2100 end, case when n in (5, 6) then null else 0.92 end, n not in (5, 6, 7), case when n = 7 then 'faulty' end
from generate_series(0, 83) n;
insert into fill_cycles (cycle_id, slot, target) values ('runs', '2026-03-09T00:00:00Z', 2000);
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0'), ('b', 'B', 'auction', '{b.example}', 'b', 'v1.0.0');
insert into source_health (source_id, cycle_id, status)
select s.id, 'c' || n, (array['healthy', 'degraded', 'failing', null])[case when s.slug = 'a' then 1 + n else 1 end]
from scrape_sources s, generate_series(0, 3) n where s.slug in ('a', 'b');
insert into source_lifecycle_events (source_id, from_lifecycle, to_lifecycle, reason, at)
select id, 'probing', 'probation', 'it passed', '2026-03-03T00:00:00Z' from scrape_sources where slug in ('a', 'b');
insert into source_lifecycle_events (source_id, from_lifecycle, to_lifecycle, reason, at)
select id, 'retired', 'probation', 'a second look', '2026-03-10T00:00:00Z' from scrape_sources where slug = 'a';

select is((select count(*) from fill_weekly), 1::bigint, 'a week whose only cycle still runs has no row');
select results_eq($$select week, vehicles_added, vehicles_target, on_target from fill_weekly$$,
  $$values ('2026-03-02'::date, 172200::bigint, 168000::bigint, true)$$, 'a week is wanted to bring what its cycles are, also those that nobody ran');
select results_eq($$select sources_added, sources_target from fill_weekly$$, $$values (2::bigint, 10)$$, 'a source is taken in once');
select results_eq($$select avg_quality, quality_target from fill_weekly$$, $$values (0.92, 0.90)$$, 'quality stands beside the floor');
select results_eq($$select source_uptime, source_uptime_target from fill_weekly$$, $$values (0.857, 0.95)$$, 'a source is up where it is not failing; where nothing is known of it, it does not count');
select results_eq($$select cycle_success_rate, cycle_success_target, cycles, cycles_missed from fill_weekly$$,
  $$values (0.964, 0.95, 84::bigint, 2::bigint)$$, 'a cycle succeeds that was run, and not for errors of ours missed its target');

select * from finish();
rollback;
