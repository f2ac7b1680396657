begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

create function pg_temp.health(p_success numeric, p_error numeric, p_quality numeric, p_usual_success numeric, p_usual_quality numeric) returns text language sql as $$
  select coalesce(status, 'unknown') from private.health_of_source(p_success, p_error, p_quality, 100, 100, 100, p_usual_success, p_usual_quality)
$$;
select is(pg_temp.health(0.98, 0.02, 0.9, 0.98, 0.9), 'healthy', 'a source that is as it was is healthy');
select is(pg_temp.health(0.6, 0.02, 0.9, 0.62, 0.9), 'healthy', 'also one that was never better');
select is(pg_temp.health(0.8, 0.02, 0.9, 0.98, 0.9), 'degraded', 'a tenth under what is usual is degraded');
select is(pg_temp.health(0.2, 0.02, 0.9, 0.98, 0.9), 'failing', 'under half of what is usual is failing');
select is(pg_temp.health(0.98, 0.02, 0.6, 0.98, 0.9), 'degraded', 'vehicles that hold less than is usual are degraded');
select is(pg_temp.health(null, 0.6, null, 0.98, 0.9), 'degraded', 'more than half of the requests failing is degraded');
select is(pg_temp.health(0.0, 1.0, null, null, null), 'failing', 'no request working is failing, also without a history');
select is((private.health_of_source(0, 1, null, 4, 4, 0, null, null)).status, null, 'four requests say nothing');
select is((private.health_of_source(0.5, 0, 0.9, 100, 100, 100, 0.98, 0.9)).why, '50 of 100 readings work, usually 98', 'what is wrong is said in words');
select is((private.health_of_source(0.8, 0, 0.9, 5, 5, 5, 0.98, 0.9)).status, 'healthy', 'one page of five that cannot be read degrades no source');
select is((private.health_of_source(0.2, 0, 0.9, 5, 5, 5, 0.98, 0.9)).status, 'failing', 'four of five do more than that');
select is((private.health_of_source(1, 0, 0.5, 100, 100, 9, 0.98, 0.9)).status, 'healthy', 'nine vehicles that lack much say nothing of the source');
select is((private.health_of_source(1, 0, 0.5, 100, 100, 10, 0.98, 0.9)).status, 'degraded', 'ten do');

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0');
insert into fill_cycles (cycle_id, slot, target, status, completed_at)
select 'c' || n, date_bin('2 hours', now(), 'epoch') - n * interval '2 hours', 2000, 'completed', now() from generate_series(1, 250) n;
insert into source_health (source_id, cycle_id, readings, success_rate, vehicles_extracted)
select s.id, 'c' || n, case when n = 3 then 2 else 100 end, case when n > 168 then 0.1 when n = 3 then 0 else 0.9 end, 0
from scrape_sources s, generate_series(2, 250) n where s.slug = 'a';
insert into private.fill_quality_portions (cycle_id, part, portion, host, counts)
values ('c1', 'readings', 0, 'www2.a.example', '{"read": 10, "worked": 3}');
select private.finish_source_health('c1');
select is((select baseline_success_rate from source_health where cycle_id = 'c1'), 0.9000, 'usual is the median of its own last 14 days, without the cycles of too few readings');
select is((select status from source_health where cycle_id = 'c1'), 'failing', 'and decides how it is');

select * from finish();
rollback;
