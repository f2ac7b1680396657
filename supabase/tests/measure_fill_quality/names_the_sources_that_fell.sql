begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
select s, s, 'dealer', array[s || '.example'], 'general', 'v1.0.0' from unnest(array['a', 'b', 'c', 'd', 'e']) s;
insert into fill_cycles (cycle_id, slot, target, status, completed_at)
select 'c' || n, date_bin('2 hours', now(), 'epoch') - n * interval '2 hours', 2000, 'completed', now() from generate_series(1, 5) n;
insert into source_health (source_id, cycle_id, vehicles_extracted, avg_quality_score, fields)
select s.id, 'c' || n, 100, 0.9, '{"vin": {"of": 100, "held": 90, "unsure": 0}}' from scrape_sources s, generate_series(2, 5) n where length(s.slug) = 1;
insert into source_health (source_id, cycle_id, vehicles_extracted, avg_quality_score, baseline_quality_score, fields)
select s.id, 'c1', 100, 0.8, 0.9, jsonb_build_object('vin', jsonb_build_object('of', 100, 'unsure', 0, 'held', case s.slug when 'a' then 85 else ascii(s.slug) - 90 end))
from scrape_sources s where length(s.slug) = 1;

select private.finish_quality_metrics('c1', now());
select is((select issues from quality_metrics where field_name = 'vin'),
  array['377 of 500 vehicles lack it', 'b: 8 of 100 hold it, usually 90', 'c: 9 of 100 hold it, usually 90', 'd: 10 of 100 hold it, usually 90'],
  'the three sources that lose most are named, and none that is nearly as usual');
update source_health set baseline_quality_score = 0.8 where cycle_id = 'c1';
select private.finish_quality_metrics('c1', now());
select is((select issues from quality_metrics where field_name = 'vin'), array['377 of 500 vehicles lack it'], 'a source whose vehicles are as complete as ever is not');
select is((select completeness from quality_metrics where field_name = 'vin'), 0.2460, 'what is measured stays the same');

select * from finish();
rollback;
