begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into micro_scrape_runs (id, started_at) values (pg_temp.id(1), now() - interval '6 minutes'), (pg_temp.id(2), now() - interval '4 minutes');

select throws_ok($$update micro_scrape_runs set status = 'completed'$$, '23514', null, 'a completed run without completed_at is refused');
select throws_ok($$insert into micro_scrape_runs (actions_executed, actions_succeeded, actions_failed) values (2, 2, 1)$$, '23514', null, 'a run with more actions ended than begun is refused');

select * from finish();
rollback;
