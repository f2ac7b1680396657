begin;
create extension if not exists pgtap with schema extensions;
select plan(23);
create function pg_temp.is_now(p_slug text) returns text language sql as $$select lifecycle from public.scrape_sources where slug = p_slug$$;
select add_source_candidate('https://' || h || '.test/') from unnest('{wall,down,sick,dead,fine}'::text[]) h;
update scrape_sources set lifecycle = 'active' where hosts[1] like '%.test';
insert into listing_feeds (source, url) select h || '_test', 'https://' || h || '.test/cars' from unnest('{wall,down,sick,dead,fine}'::text[]) h;
insert into import_queue (listing_url, discovered_from) select 'https://wall.test/cars/' || n, 'https://wall.test/cars' from generate_series(1, 5) n;
insert into import_queue (listing_url) values ('https://wall.test/cars/by-hand');
insert into source_hosts (host, breaker, opened_at, opened_because, retry_at, times_opened, last_outcome, last_answered_at)
values
  ('wall.test', 'open', now(), '3 refusals in a row, the last one blocked', now() + interval '5 minutes', 1, 'blocked', now()),
  ('down.test', 'open', now(), '10 errors in a row, the last one server_error', now() + interval '5 minutes', 1, 'server_error', now());
insert into fill_cycles (cycle_id, slot, target, status, completed_at) values ('c1', '2026-01-01T02:00:00Z', 2000, 'completed', now());
insert into source_health (source_id, cycle_id, status, why, readings, success_rate, last_checked)
values (private.source_of_host('sick.test'), 'c1', 'degraded', '40 of 100 readings work, usually 98', 50, 0.4, now() + interval '1 second');

create temp table moved as select review_sources('c1') as r;
select is((select r -> 'degraded' from moved), '["down_test", "sick_test", "wall_test"]'::jsonb, 'a wall, errors and a drop under its own baseline degrade a source');
select is(pg_temp.is_now('fine_test'), 'active', 'one with which nothing is wrong stays');
select matches((select lifecycle_reason from scrape_sources where slug = 'sick_test'), 'usually 98', 'with the metrics in words');
select is((select next_look_at from scrape_sources where slug = 'wall_test'), date_trunc('day', now(), 'UTC') + interval '1 day', 'a wall is not asked again that day')
  where now() < date_trunc('day', now(), 'UTC') + interval '23 hours';
select pass('it is late') where now() >= date_trunc('day', now(), 'UTC') + interval '23 hours';
select ok((select retry_after > now() + interval '50 minutes' from source_hosts where host = 'wall.test'), 'by no worker');
select ok(not exists (select from jsonb_array_elements(preview_listing_feeds(100)) f where f ->> 'source' = 'wall_test'), 'nor is its feed checked');
select is((select count(*) from import_queue where discovered_from = 'https://wall.test/cars' and next_attempt_at = 'infinity'), 5::bigint, 'what it queued waits');
select is((select next_attempt_at from import_queue where discovered_from is null and listing_url like 'https://wall%'), null, 'what a person queued does not');
select ok(exists (select from jsonb_array_elements(preview_listing_feeds(100)) f where f ->> 'source' = 'down_test'), 'the feed of one that fails is still checked');
select is((select cycle_id from source_lifecycle_events where source_id = private.source_of_host('down.test') order by id desc limit 1), 'c1', 'the event names the cycle');

-- They serve again.
update scrape_sources set lifecycle_at = now() - interval '1 day' where slug in ('wall_test', 'down_test', 'sick_test');
update source_hosts set breaker = 'closed', opened_at = null, opened_because = null, retry_at = null, times_opened = 0, last_outcome = 'ok', last_answered_at = now();
select review_sources('c1');
select is(pg_temp.is_now('down_test'), 'active', 'one that answers again is active again');
select is(pg_temp.is_now('wall_test'), 'degraded', 'not one that still rests');
select is(pg_temp.is_now('sick_test'), 'degraded', 'nor one that answers and is not read as well as usual');
update scrape_sources set next_look_at = now() - interval '1 minute' where slug = 'wall_test';
insert into fill_cycles (cycle_id, slot, target, status, completed_at) values ('c2', '2026-01-01T04:00:00Z', 2000, 'completed', now());
insert into source_health (source_id, cycle_id, status, readings, success_rate, last_checked)
values (private.source_of_host('sick.test'), 'c2', 'healthy', 50, 0.98, now() + interval '2 seconds');
select is((select r ->> 'listings_let_go' from (select review_sources('c2') as r) x), '5', 'a wall that is gone lets its listings go');
select is(pg_temp.is_now('wall_test'), 'active', 'and is active');
select is(pg_temp.is_now('sick_test'), 'active', 'as is one that is well again');
select is((select count(*) from import_queue where next_attempt_at = 'infinity'), 0::bigint, 'nothing is held any more');

-- Fourteen days without a vehicle.
select private.set_lifecycle(private.source_of_host('dead.test'), 'degraded', 'its pages changed', null, '{"cause": "health"}');
update scrape_sources set lifecycle_at = now() - interval '13 days' where slug = 'dead_test';
select review_sources(null);
select is(pg_temp.is_now('dead_test'), 'degraded', 'for fourteen days it may come back');
update scrape_sources set lifecycle_at = now() - interval '15 days' where slug = 'dead_test';
select review_sources(null);
select is(pg_temp.is_now('dead_test'), 'retired', 'then it is retired');
select review_sources(null);
select is(pg_temp.is_now('dead_test'), 'retired', 'for a month');
update scrape_sources set next_look_at = now() where slug = 'dead_test';
select review_sources(null);
select is(pg_temp.is_now('dead_test'), 'candidate', 'and then probed again');

-- An operator's no.
update scrape_sources set lifecycle = 'active', is_active = false where slug = 'fine_test';
update source_hosts set breaker = 'open', opened_at = now(), opened_because = '3 refusals', retry_at = now(), times_opened = 1, last_outcome = 'blocked' where host = 'down.test';
insert into source_hosts (host, breaker, opened_at, opened_because, retry_at, times_opened, last_outcome) values ('fine.test', 'open', now(), '3 refusals', now(), 1, 'blocked');
select review_sources(null);
select is(pg_temp.is_now('fine_test'), 'active', 'a source that a person switched off is not moved');
select is((select state from source_lifecycle where slug = 'fine_test'), 'off', 'and is told as off');

select * from finish();
rollback;
