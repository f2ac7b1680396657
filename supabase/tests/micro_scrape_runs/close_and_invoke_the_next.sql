begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

delete from worker_invocations;
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.close(n integer, p_invokes_next boolean) returns boolean language sql as $$
  select close_micro_scrape_run(pg_temp.id(n), jsonb_build_object(
    'status', 'completed', 'runtime_ms', 1200, 'error_message', null, 'vehicles_analyzed', 5, 'vehicles_improved', 4,
    'vehicles_marked_complete', 3, 'vehicles_exhausted', 1, 'actions_executed', 9, 'actions_succeeded', 7, 'actions_failed', 2), p_invokes_next)
$$;
create function pg_temp.invoked() returns bigint language sql as $$
  select count(*) from worker_invocations where function_name = 'micro-scrape-bandaid'
$$;
insert into micro_scrape_runs (id, vehicles_analyzed) select pg_temp.id(n), 0 from generate_series(1, 3) n;

select pg_temp.close(1, true);
select results_eq($$select status, runtime_ms, completed_at, error_message, vehicles_analyzed, vehicles_improved, vehicles_marked_complete,
    vehicles_exhausted, actions_executed, actions_succeeded, actions_failed from micro_scrape_runs where id = pg_temp.id(1)$$,
  $$values ('completed', 1200, now(), null::text, 5, 4, 3, 1, 9, 7, 2)$$, 'a closed run holds what it came to');
select is(pg_temp.invoked(), 0::bigint, 'a run that ends with nothing due invokes no next one');

insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://bringatrailer.com/listing/one/');
delete from worker_invocations;
select pg_temp.close(2, false);
select is(pg_temp.invoked(), 0::bigint, 'a run that is not asked to invokes no next one');
select pg_temp.close(3, true);
select is(pg_temp.invoked(), 1::bigint, 'a run that ends while a vehicle is due invokes the next one');

select * from finish();
rollback;
