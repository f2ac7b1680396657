begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

delete from listing_feeds;
insert into fill_cycles (cycle_id, slot, target)
values ('c', to_timestamp(floor(extract(epoch from now()) / 7200) * 7200), 2000);
update fill_policy set feed_interval_floor = '10 minutes';
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, is_active, lifecycle)
select s, s, 'dealer', array[s || '.example'], s, 'v1.0.0', a, l
from (values ('good', true, 'active'), ('new', true, 'probation'), ('off', false, 'active'), ('ill', true, 'degraded'), ('gone', true, 'retired'))
  v(s, a, l);
insert into listing_feeds (source, url, last_checked_at, next_check_at, last_outcome)
select s, 'https://' || s || '.example/list', now() - interval '20 minutes', now() + interval '40 minutes', 'ok'
from unnest(array['good', 'new', 'off', 'ill', 'gone']) s; -- the interval that nobody chose
insert into listing_feeds (source, url, last_checked_at, next_check_at, enabled, failures, last_outcome, last_error, is_adaptive, check_interval, code_enabled, code_interval) values
  (null, 'https://off.example/by-hand', now() - interval '20 minutes', now() + interval '40 minutes', true, 0, 'ok', null, true, '30 minutes', null, null),
  ('good', 'https://good.example/off', now() - interval '20 minutes', now() + interval '40 minutes', false, 0, 'ok', null, true, '30 minutes', null, null),
  ('good', 'https://good.example/failing', now() - interval '20 minutes', now() + interval '40 minutes', true, 2, 'blocked', 'wall', true, '30 minutes', null, null),
  ('good', 'https://good.example/fixed', now() - interval '20 minutes', now() + interval '40 minutes', true, 0, 'ok', null, false, '1 hour', null, null),
  ('good', 'https://good.example/set-by-hand', now() - interval '20 minutes', now() + interval '40 minutes', true, 0, 'ok', null, true, '1 hour', true, '30 minutes'),
  ('good', 'https://good.example/just-checked', now() - interval '4 minutes', now() + interval '26 minutes', true, 0, 'ok', null, true, '30 minutes', true, '30 minutes');
create function pg_temp.moved() returns text[] language sql as $$
  select array_agg(url order by url) from listing_feeds where next_check_at not in (now() + interval '40 minutes', now() + interval '26 minutes')
$$;

select is(activate_sources('c') - array['requests', 'requests_used', 'budgets'], '{"cycle_id": "c", "sources": 2, "feeds": 3, "more_pages": 0, "host_paces": 0}'::jsonb, 'it says what it moved');
select is(pg_temp.moved(), array['https://good.example/just-checked', 'https://good.example/list', 'https://new.example/list'],
  'feeds of sources that serve are due sooner; none that is off, failing, an operator''s, or of a source that is off, degraded or retired');
select is((select next_check_at from listing_feeds where url = 'https://good.example/list'), now(), 'one that was not checked within the floor is due now');
select is((select next_check_at from listing_feeds where url like '%just-checked'), now() + interval '6 minutes', 'one that was, when the floor allows');
select results_eq(
  $$select lever, subject, metrics ->> 'feeds', reason from fill_decisions where cycle_id = 'c' order by subject$$,
  $$values ('feed_interval', 'good', '2', 'below target: its feeds are checked as soon as the floor allows'),
    ('feed_interval', 'new', '1', 'below target: its feeds are checked as soon as the floor allows')$$, 'a decision a source');
select is(activate_sources('c') - array['cycle_id', 'requests', 'requests_used', 'budgets'], '{"sources": 0, "feeds": 0, "more_pages": 0, "host_paces": 0}'::jsonb, 'a second time there is nothing to move');
select throws_ok($$select activate_sources('x')$$, '22023', 'no cycle "x"', 'a cycle that is none is refused');

select * from finish();
rollback;
