begin;
create extension if not exists pgtap with schema extensions;
select plan(11);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.part(p_part text) returns table (state text, waits text, what_to_type text) language sql as $$
  select state, waits, what_to_type from pipeline_status where part = p_part
$$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://dead.example/' || n from generate_series(1, 3) n;
insert into vehicles (id, discovery_url) values (pg_temp.id(4), 'https://well.example/4');
update micro_scrape_state
set state = 'waiting', due_at = now() + interval '2 hours', last_outcome = 'network'
where vehicle_id <> pg_temp.id(4);
insert into image_downloads (vehicle_id, url, position, wave, next_attempt_at) values (pg_temp.id(1), 'https://dead.example/1.jpg', 0, 0, now() + interval '1 hour');
insert into listing_feeds (url, failures, next_check_at, last_outcome, last_error, last_checked_at)
values ('https://dead.example/new', 2, now() + interval '1 hour', 'network', 'no address', now());
insert into import_queue (listing_url, attempts, outcome_code, next_attempt_at) values ('https://dead.example/9', 1, 'network', now() + interval '1 hour');
insert into source_hosts (host, breaker, opened_at, opened_because, retry_at, times_opened)
values ('dead.example', 'open', now() - interval '20 minutes', 'no address for dead.example', now() + interval '10 minutes', 2), ('well.example', 'closed', null, null, null, 0);
insert into scraping_health (source, host, url, outcome, ms, message)
select 'x', 'dead.example', 'https://dead.example/' || n, 'network', 5, 'no address for dead.example' from generate_series(1, 3) n;
insert into scraping_health (source, host, url, outcome, ms) select 'x', 'well.example', 'https://well.example/4', 'ok', 5 from generate_series(1, 3) n;

select results_eq($$select * from pg_temp.part('host dead.example')$$,
  $$values ('failing', '3 vehicles, 1 image, 1 feed', 'when it serves again: select resume_host(''dead.example'');')$$,
  'a host that does not serve is failing, with what waits for it, and what to type');
select matches((select why from pipeline_status where part = 'host dead.example'), 'no address for dead.example', 'it says why');
select matches((select by_itself from pipeline_status where part = 'host dead.example'), '^one request tries at .* whether it serves', 'it says what happens by itself, and when');
select is((select count(*) from pg_temp.part('host well.example')), 0::bigint, 'a host that serves has no row');

-- A host that is dead, and whose breaker never opened.
update source_hosts set breaker = 'closed', opened_at = null, opened_because = null, retry_at = null, times_opened = 0 where host = 'dead.example';
select is((select state from pg_temp.part('host dead.example')), 'failing', 'a host that served nothing in an hour is failing before its breaker opens');
update source_hosts set breaker = 'open', opened_at = now(), opened_because = 'network', retry_at = now() + interval '1 hour', times_opened = 1 where host = 'dead.example';

-- A worker that does not answer, and a run in which nothing succeeded.
insert into worker_invocations (function_name, request_id, answered_at, status_code) values ('process-import-queue', 7, now(), 401);
select results_eq($$select state, what_to_type like 'select vault.update_secret%' from pg_temp.part('worker process-import-queue')$$, $$values ('failing', true)$$,
  'a worker that refuses the key is failing, with what to type');
insert into micro_scrape_runs (started_at, completed_at, status, actions_executed, actions_failed, error_message)
values (now(), now(), 'completed', 3, 3, 'every action failed: network 3; the first: https://dead.example/1: no address');
select results_eq($$select state, why from pipeline_status where part = 'micro_scrape'$$,
  $$values ('failing', 'every action failed: network 3; the first: https://dead.example/1: no address')$$, 'gap filling in which every action failed is failing, and says why');

-- It serves again.
select is(resume_host('https://www.dead.example/anything'),
  '{"host": "dead.example", "vehicles": 3, "queued": 1, "images": 1, "feeds": 1, "more": false}', 'resume_host() makes due all that waited because of a host');
select results_eq($$select breaker, times_opened, retry_at from source_hosts where host = 'dead.example'$$, $$values ('closed', 0, null::timestamptz)$$, 'its breaker is closed');
select is((select count(*) from micro_scrape_state where state = 'due'), 4::bigint, 'its vehicles are due');
select throws_ok($$select resume_host('nowhere.example')$$, '22023', 'no host "nowhere.example" was ever asked, and no vehicle is listed there', 'an unknown host is an error');

select * from finish();
rollback;
