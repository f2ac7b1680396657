begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into micro_scrape_runs (id, started_at) values (pg_temp.id(1), now() - interval '6 minutes'), (pg_temp.id(2), now() - interval '4 minutes');
insert into micro_scrape_runs (id, started_at, completed_at, status) values (pg_temp.id(3), now() - interval '91 days', now() - interval '91 days', 'completed');
select private.invoke_micro_scrape();

select results_eq('select right(id::text, 1), status, completed_at, runtime_ms from micro_scrape_runs order by id',
  $$values ('1', 'timed_out', now(), 360000), ('2', 'running', null::timestamptz, null::integer)$$, 'a run that has not ended after five minutes is timed_out, and runs are kept for 90 days');

select * from finish();
rollback;
