begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into extraction_maps (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
values ('cars.test', '{cars.test}', 'template 1', 1, 'serving', 'unreadable', '{}', '{vin}', 20, 20, 0, now() - interval '2 hours');
insert into scrape_steps (step_name, status, source, url, outcome_code, created_at)
select 'extract_data', 'success', 'cars.test', 'https://cars.test/' || n, 'ok', now() - interval '1 hour' from generate_series(1, 4) n;
select is(private.queue_map_jobs(), 0, 'four pages since it serves are too few');
insert into scrape_steps (step_name, status, source, url, outcome_code, created_at) values ('extract_data', 'success', 'cars.test', 'https://cars.test/5', 'ok', now() - interval '1 hour');
select is(private.queue_map_jobs(), 1, 'five make a job that looks at it');
select results_eq('select source, cause from extraction_map_jobs', $$values ('cars.test', 'watch')$$, 'which is a watch');
update extraction_map_jobs set status = 'completed', processed_at = now() - interval '30 minutes', created_at = now() - interval '30 minutes';
select is(private.queue_map_jobs(), 0, 'pages that it has seen make no second');

select * from finish();
rollback;
