begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

delete from worker_invocations;
insert into worker_invocations (function_name, invoked_at, error)
select 'a', now() - interval '4 days', 'e' from generate_series(1, 10500);
insert into worker_invocations (function_name, invoked_at, error) values ('a', now() - interval '2 days', 'e');
insert into private.host_metrics (host, began_at) values ('a.example', now() - interval '15 days'), ('a.example', now() - interval '13 days');

select lives_ok('select private.prune_history()', 'prune_history() runs over 10,500 old invocations');
select is((select count(*) from worker_invocations where function_name = 'a'), 501::bigint, 'one call forgets the oldest 10,000 invocations and no more');
select lives_ok('select private.prune_history()', 'prune_history() runs a second time');
select is((select count(*) from worker_invocations where function_name = 'a'), 1::bigint, 'the second call forgets the rest, and no invocation younger than three days');
select is((select count(*) from private.host_metrics), 1::bigint, 'prune_history() forgets what was asked of hosts more than 14 days ago');

select * from finish();
rollback;
