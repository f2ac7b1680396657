begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0'), ('b', 'B', 'dealer', '{b.example}', 'b', 'v1.0.0');
create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
insert into vehicles (id) select pg_temp.id(n) from generate_series(1, 500) n;
-- Each vehicle fails, and is tried again so much later; so many of the tries work.
create function pg_temp.tries(p_from integer, p_host text, p_outcome text, p_wait interval, p_tries integer, p_works integer) returns void language sql as $$
  insert into scrape_steps (vehicle_id, step_name, status, source, outcome_code, created_at, metadata)
  select pg_temp.id(p_from + n), 'extract_data', s.status, p_host, s.outcome, s.at, '{"retried_by": "import_queue"}'
  from generate_series(1, p_tries) n
  cross join lateral (values ('failed', p_outcome, now() - interval '3 days'),
    (case when n <= p_works then 'success' else 'failed' end, case when n <= p_works then 'ok' else p_outcome end, now() - interval '3 days' + p_wait)
  ) s(status, outcome, at)
$$;
select pg_temp.tries(0, 'a.example', 'timeout', '90 seconds', 30, 10);
select pg_temp.tries(30, 'a.example', 'timeout', '10 minutes', 30, 27);
select pg_temp.tries(60, 'a.example', 'timeout', '40 minutes', 30, 29);
select pg_temp.tries(90, 'a.example', 'timeout', '3 hours', 19, 19);
select pg_temp.tries(110, 'a.example', 'server_error', '90 seconds', 30, 10);
select pg_temp.tries(140, 'b.example', 'network', '90 seconds', 30, 28);
select pg_temp.tries(170, 'b.example', 'network', '40 minutes', 30, 29);
select pg_temp.tries(200, 'b.example', 'rate_limited', '5 minutes', 30, 28);
select pg_temp.tries(230, 'b.example', 'rate_limited', '40 minutes', 30, 29);
select pg_temp.tries(260, 'b.example', 'gone', '90 seconds', 30, 0);

select is(private.learn_strategies(), 2, 'two sources have something to learn from');
select results_eq($$select o.key, o.value ->> 'wait', (o.value ->> 'success')::numeric, (o.value ->> 'best')::numeric, (o.value ->> 'n')::integer
    from source_strategies t join scrape_sources s on s.id = t.source_id, jsonb_each(retry_waits) o where slug = 'a'$$,
  $$values ('timeout', '00:10:00', 0.9, 0.967, 30)$$,
  'the first wait with nine tenths of the success of the best; not of one of which too few were tried, or that was the only one');
select is(private.learn_strategies(), 0, 'learned again, nothing has changed');

create function pg_temp.wait_after(p_host text, p_outcome text) returns interval language plpgsql as $$
declare v interval;
begin
  insert into scrape_steps (vehicle_id, step_name, status, source, outcome_code) values (pg_temp.id(500), 'extract_data', 'failed', p_host, p_outcome);
  delete from scrape_retry_queue where vehicle_id = pg_temp.id(500) returning next_retry_at - now() into v;
  return v;
end $$;
select ok(pg_temp.wait_after('a.example', 'timeout') between interval '10 minutes' and interval '12.5 minutes', 'a step that fails so waits so long, and not all together');
select ok(pg_temp.wait_after('a.example', 'network') between interval '30 seconds' and interval '90 seconds', 'after another error as ever');
select ok(pg_temp.wait_after('c.example', 'timeout') between interval '30 seconds' and interval '90 seconds', 'and on a host of which nothing is known');
select is(pg_temp.wait_after('b.example', 'rate_limited'), interval '1 hour', 'a site that would not be asked is not asked sooner, whatever was learned');
select ok(private.retry_wait('a.example', 'timeout', 2) between interval '20 minutes' and interval '25 minutes', 'after the second failure twice as long');
select ok(private.retry_wait('a.example', 'timeout', 12) between interval '6 hours' and interval '7.5 hours', 'and not for ever');

insert into source_strategies (source_id, pinned_retry_waits)
select id, '{"timeout": "2 hours", "rate_limited": "3 hours"}' from scrape_sources where slug in ('a', 'b')
on conflict (source_id) do update set pinned_retry_waits = excluded.pinned_retry_waits;
select ok(pg_temp.wait_after('a.example', 'timeout') between interval '2 hours' and interval '2.5 hours', 'what an operator pinned goes before what was learned');
select is(pg_temp.wait_after('b.example', 'rate_limited'), interval '3 hours', 'and may be longer after a refusal');
select private.learn_strategies();
select is((select count(*) from source_strategies where pinned_retry_waits <> '{}'), 2::bigint, 'learning leaves it');
select throws_ok($$update source_strategies set pinned_retry_waits = '{"timeout": "soon"}'$$, '23514', null, 'what is no wait cannot be pinned');
select throws_ok($$update source_strategies set pinned_retry_waits = '{"gone": "1 hour"}'$$, '23514', null, 'nor one for what cannot heal');

select results_eq($$select source, subject, state, what, learned_from from learning_status where kind = 'retry wait' and source = 'a' and subject = 'timeout'$$,
  $$values ('a', 'timeout', 'pinned', 'tried again after 2 hours', '30 tries after it, 90 % of which worked, the best wait 97 %')$$, 'learning_status says so');
delete from scrape_steps;
select is(private.learn_strategies(), 2, 'what no try of the last 30 days shows');
select is((select count(*) from source_strategies where retry_waits <> '{}'), 0::bigint, 'is no longer known');

select * from finish();
rollback;
