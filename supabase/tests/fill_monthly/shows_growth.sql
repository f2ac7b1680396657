begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into fill_cycles (cycle_id, slot, status, completed_at, target, vehicles_added, data_quality_score, on_target, verdict)
select 'c' || n, '2026-03-01T00:00:00Z'::timestamptz + n * interval '2 hours', 'completed', now(), 2000,
  case when n < 372 then 1900 else 2000 end, case when n < 372 then 0.85 else 0.95 end, n >= 372, case when n < 3 then 'capacity_limited' end
from generate_series(0, 371 + 360) n; -- March has 31 days, April 30
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0');
insert into vehicle_score_history (day, source_id, vehicles_count, mean_score, complete_count)
select d::date, id, 100 * extract(day from d)::integer, 50, 0
from scrape_sources, generate_series('2026-03-01'::date, '2026-03-31', '1 day') d where slug = 'a';

select results_eq($$select month, vehicles_added, vehicles_target, on_target from fill_monthly$$,
  $$values ('2026-04-01'::date, 720000::bigint, 720000::bigint, true), ('2026-03-01', 706800, 744000, false)$$, 'a month of 30 days is wanted to bring 720,000');
select results_eq($$select vehicles_added_before, avg_quality, avg_quality_before from fill_monthly$$,
  $$values (706800::bigint, 0.95, 0.85), (null, 0.85, null)$$, 'growth and quality stand beside those of the month before');
select results_eq($$select vehicles_at_end from fill_monthly$$, $$values (null::bigint), (3100)$$, 'how many there are is what the last count of the month says');
select results_eq($$select cycles_capacity_limited, source_uptime from fill_monthly$$, $$values (0::bigint, null::numeric), (3, null)$$, 'cycles for which the workers were too slow are counted; what was not measured is null');

select * from finish();
rollback;
