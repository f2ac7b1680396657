begin;
create extension if not exists pgtap with schema extensions;
select plan(20);
create function pg_temp.from_at() returns timestamptz language sql as $$select now() - interval '2 hours'$$;
create function pg_temp.verdict(p_added integer default 100, p_target integer default 2000) returns jsonb language sql as $$
  select private.fill_verdict(pg_temp.from_at(), now(), p_added, p_target)
$$;
-- Four sites, whose feeds are looked at and bring nothing new, and workers that answer.
update listing_feeds set enabled = false;
insert into listing_feeds (url, last_checked_at, last_outcome, last_found, last_new, next_check_at)
select 'https://site' || n || '.test/list', now() - interval '5 minutes', 'ok', 40, 0, now() + interval '5 minutes' from generate_series(1, 4) n;
insert into source_hosts (host) select 'site' || n || '.test' from generate_series(1, 4) n;
insert into scraping_health (source, host, url, outcome, status, ms, created_at)
select 'x', 'site' || n || '.test', 'https://site' || n || '.test/list', 'ok', 200, 100, now() - interval '10 minutes' from generate_series(1, 4) n;
insert into worker_invocations (function_name, request_id, invoked_at, answered_at, status_code)
select f, n, now() - interval '30 minutes', now() - interval '30 minutes', 202 from unnest('{process-import-queue,discover-listings}'::text[]) with ordinality x(f, n);

-- On target ---------------------------------------------------------------------------------------
select is(pg_temp.verdict(2000) ->> 'verdict', null, 'on target there is no verdict');

-- Supply dried up ---------------------------------------------------------------------------------
create temp table v as select pg_temp.verdict() as v;
select is((select v ->> 'verdict' from v), 'supply_limited', 'nothing new on any site: supply');
select is((select v -> 'metrics' -> 'held_back' ->> 'supply_limited' from v), '1900', 'all that is missing was offered by nobody');
select matches((select v -> 'next_actions' ->> 0 from v), 'add_source_candidate', 'more sources would help');

-- All hosts at their limit: their listings are due, and all their requests are spent.
savepoint pace;
insert into import_queue (listing_url) select 'https://site' || (n % 4 + 1) || '.test/car/' || n from generate_series(1, 3000) n;
update source_hosts set min_interval_ms = 60000;
insert into scraping_health (source, host, url, outcome, status, ms, created_at)
select 'x', 'site' || (n % 4 + 1) || '.test', 'https://site.test/' || n, 'ok', 200, 100, now() - (n % 7000) * interval '1 second' from generate_series(1, 460) n;
truncate v; insert into v select pg_temp.verdict();
select is((select v ->> 'verdict' from v), 'pace_limited', 'all hosts at their limit: pace');
select is((select (v -> 'metrics' -> 'hosts' -> 'at_limit' ->> 'hosts')::integer from v), 4, 'they are told');
select matches((select v ->> 'next_actions' from v), 'never pressed harder', 'and not pressed harder');
rollback to pace;

-- Workers off: nobody is invoked any more, or what is invoked is not there.
savepoint off;
insert into import_queue (listing_url) select 'https://site' || (n % 4 + 1) || '.test/car/' || n from generate_series(1, 3000) n;
update worker_invocations set status_code = 404;
truncate v; insert into v select pg_temp.verdict();
select is((select v ->> 'verdict' from v), 'capacity_limited', 'workers off: capacity');
select matches((select v -> 'next_actions' ->> 0 from v), 'supabase functions deploy', 'deploying them would help');
delete from worker_invocations;
select is(pg_temp.verdict() ->> 'verdict', 'capacity_limited', 'so it is when nobody invokes them');
delete from import_queue;
update listing_feeds set next_check_at = now() - interval '90 minutes';
select is(pg_temp.verdict() ->> 'verdict', 'capacity_limited', 'and when nobody looks at the feeds either, so that the queue is empty');
rollback to off;

-- Half the hosts blocked, the others have nothing more.
savepoint blocked;
insert into import_queue (listing_url, outcome_code, error_message, next_attempt_at)
select 'https://site' || (n % 2 + 1) || '.test/car/' || n, 'blocked', 'a wall', now() + interval '1 hour' from generate_series(1, 30) n;
update source_hosts set breaker = 'open', opened_at = now() - interval '1 hour', opened_because = 'a wall stands there', times_opened = 1, retry_at = now() + interval '1 hour' where host in ('site1.test', 'site2.test');
truncate v; insert into v select pg_temp.verdict();
select is((select v ->> 'verdict' from v), 'blocked', 'half the hosts behind a wall: blocked');
select is((select (v -> 'metrics' -> 'held_back' ->> 'blocked')::integer from v), 30 + 935, 'their listings, and their part of what no row accounts for');
select matches((select v ->> 'next_actions' from v), 'resume_host', 'what to type names the host');
update listing_feeds set failures = 3, last_outcome = 'robots_disallowed', last_error = 'robots.txt forbids it' where url like 'https://site3%';
update source_hosts set breaker = 'closed', opened_at = null, opened_because = null, times_opened = 0, retry_at = null where host = 'site2.test';
select is(pg_temp.verdict() ->> 'verdict', 'blocked', 'a robots.txt that forbids counts as a wall does');
rollback to blocked;

-- Our own error: what is read cannot be written, or the worker breaks, or a reader is behind.
savepoint faulty;
insert into import_queue (listing_url, outcome_code, error_message, next_attempt_at)
select 'https://site' || (n % 4 + 1) || '.test/car/' || n, 'server_error', 'could not be imported: relation "x" does not exist', now() + interval '1 minute' from generate_series(1, 500) n;
truncate v; insert into v select pg_temp.verdict();
select is((select v ->> 'verdict' from v), 'faulty', 'what we read cannot be written: faulty');
select matches((select v ->> 'next_actions' from v), 'relation .*x.* does not exist', 'the error is told');
rollback to faulty;
insert into import_queue (listing_url) select 'https://site' || (n % 4 + 1) || '.test/car/' || n from generate_series(1, 3000) n;
update worker_invocations set status_code = 500;
select is(pg_temp.verdict() ->> 'verdict', 'faulty', 'the worker breaks: faulty, though rows are due');
rollback to faulty;
update listing_feeds set failures = 2, last_outcome = 'unreadable', last_error = 'no cars' where url like 'https://site%';
select is(pg_temp.verdict() ->> 'verdict', 'faulty', 'no feed can be read: faulty');
rollback to faulty;

-- Some rows that are due at the moment are no cause.
insert into import_queue (listing_url) select 'https://site1.test/car/' || n from generate_series(1, 30) n;
select is(pg_temp.verdict() ->> 'verdict', 'supply_limited', 'a few rows that are due just now are no reason');

select * from finish();
rollback;
