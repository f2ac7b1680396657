begin;
create extension if not exists pgtap with schema extensions;
select plan(35);
create function pg_temp.verdict(p_added integer default 100, p_target integer default 2000) returns jsonb language sql as $$
  select private.fill_verdict(now() - interval '2 hours', now(), p_added, p_target)
$$;
create function pg_temp.advice(p_verdict jsonb) returns text language sql as $$ select string_agg(a, E'\n') from jsonb_array_elements_text(p_verdict -> 'next_actions') a $$;
create temp table v (v jsonb);
create function pg_temp.look(p_added integer default 100) returns text language sql as $$
  truncate v;
  insert into v select pg_temp.verdict(p_added) returning v ->> 'verdict';
$$;
-- Four sites whose feeds are looked at and bring nothing new, and workers that do their work.
update listing_feeds set enabled = false;
delete from worker_invocations;
insert into listing_feeds (url, last_checked_at, last_outcome, last_found, last_new, next_check_at)
select 'https://site' || n || '.test/list', now() - interval '5 minutes', 'ok', 40, 0, now() + interval '5 minutes' from generate_series(1, 4) n;
insert into source_hosts (host) select 'site' || n || '.test' from generate_series(1, 4) n;
insert into scraping_health (source, host, url, outcome, status, ms, created_at)
select 'x', 'site' || n || '.test', 'https://site' || n || '.test/list', 'ok', 200, 100, now() - interval '10 minutes' from generate_series(1, 4) n;
insert into worker_invocations (function_name, request_id, invoked_at, answered_at, status_code, rows_claimed)
select f, n * 100, now() - n * interval '10 minutes', now() - n * interval '10 minutes', 202, case f when 'process-import-queue' then 20 end
from unnest('{process-import-queue,pipeline-orchestrator}'::text[]) f, generate_series(1, 11) n;
insert into pipeline_runs (triggered_by, status, started_at, ended_at, steps)
select 'cron', 'completed', now() - n * interval '10 minutes', now() - n * interval '10 minutes', '[{"name": "discover_listings", "status": "ok"}]' from generate_series(1, 11) n;
create function pg_temp.queue(p_count integer, p_outcome text default null, p_error text default null, p_status text default 'pending', p_due timestamptz default null, p_sites integer default 4)
returns void language sql as $$
  insert into import_queue (listing_url, status, outcome_code, error_message, next_attempt_at, processed_at)
  select 'https://site' || (n % p_sites + 1) || '.test/car/' || p_count || '-' || n, p_status, p_outcome, p_error, p_due, case p_status when 'failed' then now() - interval '1 minute' end
  from generate_series(1, p_count) n;
$$;
savepoint quiet;

select is(pg_temp.look(), 'supply_limited', 'nothing new on any site');
select is((select v #>> '{metrics,hosts,serves,examples,0,why}' from v), 'at the last look at its lists 0 of 40 listings were new', 'its proof is what the lists showed');
select is((select v #> '{metrics,workers,pipeline-orchestrator}' from v), '{"state": "ok", "calls": 11, "why": null}', 'a worker that did its work is ok');

-- Workers: what they answered, and what came of it -------------------------------------------------
select pg_temp.queue(3000);
savepoint waiting;
update worker_invocations set status_code = 500, error = 'WORKER_ERROR: Function exited due to an error';
select is(pg_temp.look(), 'faulty', 'workers that break are an error of ours');
select unalike(pg_temp.advice(v), '%an error of ours%', 'of which no listing says anything') from v;
select alike(pg_temp.advice(v), '%process-import-queue: answered 500: WORKER_ERROR: Function exited due to an error: node scripts/invoke.js process-import-queue%', 'and the worker says what it is') from v;
rollback to waiting;
update worker_invocations set status_code = case id % 2 when 0 then 502 else 504 end, rows_claimed = null;
delete from pipeline_runs;
select is(pg_temp.look(), 'capacity_limited', 'a gateway that reaches nobody is no error of ours');
select unalike(pg_temp.advice(v), '%more workers side by side%', 'and more of what nobody reaches would not help') from v;
rollback to waiting;
update worker_invocations set status_code = 503, error = 'BOOT_ERROR: Function failed to start (please check logs)';
select is(pg_temp.look(), 'faulty', 'a function that does not start is an error of ours');
rollback to waiting;
update worker_invocations set answered_at = null, status_code = null, rows_claimed = null;
delete from pipeline_runs;
select is(pg_temp.look(), 'capacity_limited', 'workers of which no answer ever came are off');
select alike(pg_temp.advice(v), '%pg_net sends nothing, or keeps no answer: select net.worker_restart();%', 'which is told') from v;
select unalike(pg_temp.advice(v), '%nobody%invoked%', 'and not that nobody invoked them') from v;
rollback to waiting;
update worker_invocations set status_code = null, error = 'no answer within five seconds' where function_name = 'process-import-queue';
select is(pg_temp.look(), 'capacity_limited', 'listings wait');
select is((select v #>> '{metrics,workers,process-import-queue,state}' from v), 'ok', 'for a worker that is slow to answer and claims its rows');
rollback to waiting;
update worker_invocations set rows_claimed = null where function_name = 'process-import-queue';
select is(pg_temp.look(), 'faulty', 'a worker that accepts, and never claims, breaks behind its answer');
rollback to waiting;
update worker_invocations set status_code = 401, rows_claimed = null;
select cron.alter_job(jobid, active := false) from cron.job where jobname = 'look-after-queues';
select is(pg_temp.look(), 'capacity_limited', 'a key that is refused, and a job that is switched off');
select alike(pg_temp.advice(v), '%switched off in cron: select cron.alter_job(jobid, active := true) from cron.job where jobname in (''look-after-queues'');%', 'the job is named, and how it is switched on') from v;
rollback to waiting;
select is(pg_temp.look(), 'capacity_limited', 'workers that do their work, and are behind');
select alike(pg_temp.advice(v), '%more workers side by side: update fill_policy set workers_ceiling = least(workers_ceiling * 2, 50);%', 'more of them would help') from v;
select is((select sum(value::numeric) from v, jsonb_each_text(v #> '{metrics,held_back}')), 1900::numeric, 'more listings than vehicles are missing hold back no more than what is missing');
rollback to quiet;
update pipeline_runs set status = 'completed_with_errors', steps = '[{"name": "discover_listings", "status": "failed"}]', error_message = 'step 2: permission denied for table listing_feeds';
select is(pg_temp.look(), 'faulty', 'feeds that cannot be looked at because our own step breaks');
select alike(pg_temp.advice(v), '%permission denied for table listing_feeds%', 'with the words of the step') from v;
rollback to quiet;

-- Workers that died with their rows: what they held, and what was given up for it ------------------
select pg_temp.queue(300, 'timeout', private.worker_died(), 'failed');
select is(pg_temp.look(1800), 'faulty', 'listings whose worker stopped are an error of ours, and no host that is down');
select alike(pg_temp.advice(v), '%300 listings whose worker broke: the log of process-import-queue says why%', 'and what says why') from v;
rollback to quiet;
select pg_temp.queue(300);
update import_queue set status = 'processing', lease_token = gen_random_uuid(), lease_expires_at = now() + interval '20 seconds', outcome_code = 'timeout', error_message = private.worker_died();
select is(pg_temp.look(1800), 'faulty', 'so are those that a worker holds once more');
rollback to quiet;

-- Pace ---------------------------------------------------------------------------------------------
insert into private.host_metrics (host, began_at, pages, put_off, taken_ms)
select 'site1.test', private.metrics_slot(now()) - n * interval '10 minutes', 10, 5, 600000 from generate_series(0, 12) n;
update source_hosts set min_interval_ms = 1000, crawl_delay_ms = 60000 where host = 'site1.test';
select pg_temp.queue(2500, p_due => now() + interval '3 minutes', p_sites => 1);
select is(pg_temp.look(), 'pace_limited', 'listings that were put off to the next turn of a host at its limit are held by its pace');
select is((select v #>> '{metrics,hosts,at_limit,listings}' from v), '2500', 'and counted');
select unalike(pg_temp.advice(v), '%min_interval_ms = …%', 'a crawl-delay is not ours to change') from v;
select unalike(pg_temp.advice(v), '%galleries%', 'and fewer pictures leave no more where there were none') from v;
update private.host_metrics set taken_ms = 300000 where host = 'site1.test';
select is(pg_temp.look(), 'pace_limited', 'so are they on a host that had some time left: no worker may ask it before its turn');
update import_queue set next_attempt_at = null;
select is(pg_temp.look(), 'capacity_limited', 'those that are due on it wait for workers');
update private.host_metrics set taken_ms = 600000 where host = 'site1.test';
update listing_feeds set failures = 1, last_outcome = 'rate_limited', last_error = 'HTTP 429' where url like 'https://site1%';
select is(pg_temp.look(), 'pace_limited', 'nor is a host blocked whose feed was met with a 429 once');
rollback to quiet;

-- Blocked: what a wall hides is as much as the site gave before ------------------------------------
update listing_feeds set failures = 3, last_outcome = 'blocked', last_error = 'a wall of Cloudflare' where url like 'https://site1%';
select is(pg_temp.look(), 'supply_limited', 'one of four sites, which gave as little as the others');
insert into fill_cycles (cycle_id, slot, status, target, started_at, completed_at)
select 'fill-before', private.fill_slot(now() - interval '1 day'), 'completed', 2000, now() - interval '1 day', now() - interval '22 hours';
insert into scrape_sources (slug, name, kind, scraper_name, scraper_version, hosts) select 'before_' || n, 'before', 'dealer', 'x', 'v1.0.0', array['site' || n || '.test'] from generate_series(1, 4) n;
insert into source_health (source_id, cycle_id, vehicles_extracted, hosts)
select s.id, 'fill-before', case s.slug when 'before_1' then 900 else 20 end, s.hosts from scrape_sources s where s.slug like 'before\_%';
select is(pg_temp.look(), 'blocked', 'a wall before the one site that gave nearly all');
select is((select v #>> '{metrics,held_back,blocked}' from v), round(1900 * 901.0 / 964)::text, 'it holds back the part that the site gave in the week before') from v;

select * from finish();
rollback;
