begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
insert into scrape_steps (vehicle_id, step_name, status, created_at)
select '00000000-0000-4000-8000-000000000001', 'extract_data', 'success', now() - interval '91 days' from generate_series(1, 10500);
insert into scrape_steps (vehicle_id, step_name, status, created_at) values ('00000000-0000-4000-8000-000000000001', 'extract_data', 'success', now() - interval '89 days');
insert into worker_invocations (function_name, invoked_at, error) values ('a', now() - interval '4 days', 'e'), ('a', now() - interval '2 days', 'e');
insert into private.host_metrics (host, began_at) values ('a.example', now() - interval '15 days'), ('a.example', now() - interval '13 days');

select lives_ok('select private.prune_history()', 'prune_history() runs over 10,500 old steps');
select is((select count(*) from scrape_steps), 501::bigint, 'one call forgets the oldest 10,000 steps and no more');
select lives_ok('select private.prune_history()', 'prune_history() runs a second time');
select is((select count(*) from scrape_steps), 1::bigint, 'the second call forgets the rest, and no step younger than 90 days');
select is((select count(*) from worker_invocations where function_name = 'a'), 1::bigint, 'prune_history() forgets worker_invocations older than three days and keeps younger ones');
select is((select count(*) from private.host_metrics), 1::bigint, 'prune_history() forgets what was asked of hosts more than 14 days ago');

select * from finish();
rollback;
