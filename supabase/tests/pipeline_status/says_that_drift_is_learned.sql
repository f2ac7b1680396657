begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (discovery_url) select 'https://cars.test/' || n from generate_series(1, 5) n;
insert into scrape_steps (vehicle_id, step_name, status, source, url, outcome_code) select id, 'extract_data', 'failed', 'cars.test', discovery_url, 'unreadable' from vehicles;
select matches((select by_itself from pipeline_status where part = 'source cars.test'), '^its pages are learned when five of one day were kept', 'a site that drifts is learned when its pages were kept');
select learn_extraction_map('cars.test');
select is((select by_itself from pipeline_status where part = 'source cars.test'), 'its pages are being learned (docs/learning.md)', 'it says so while that is under way');
update extraction_map_jobs set status = 'completed', result = '1 of 1 maps serve', processed_at = now();
select matches((select by_itself from pipeline_status where part = 'source cars.test'), '^its pages were learned: 1 of 1 maps serve;', 'and what came of it');

select * from finish();
rollback;
