begin;
create extension if not exists pgtap with schema extensions;
select plan(23);

insert into listing_feeds (id, url, check_interval)
values ('00000000-0000-4000-8000-000000000001', 'https://www.cars.example/new/?utm_source=x', '30 minutes');

create function pg_temp.checked(result jsonb) returns interval language plpgsql as $$
declare
  v_feed jsonb := claim_listing_feeds(1, array['00000000-0000-4000-8000-000000000001']::uuid[]) -> 0;
  v_item jsonb := result || jsonb_build_object('id', v_feed -> 'id', 'lease_token', v_feed -> 'lease_token');
begin
  if result ? 'outcome' then
    perform settle_listing_feeds(jsonb_build_array(v_item));
  else
    perform release_listing_feeds(jsonb_build_array(v_item));
  end if;
  return (select next_check_at - now() from listing_feeds where id = (v_feed ->> 'id')::uuid);
end
$$;
create function pg_temp.feed() returns listing_feeds language sql as
  $$select * from listing_feeds where id = '00000000-0000-4000-8000-000000000001'$$;

select is(pg_temp.checked('{"outcome": "ok", "found": 36, "new": 4, "known": 32, "skipped": 2}'), '30 minutes'::interval,
  'a feed that works is looked at again after its interval');
select results_eq($$select last_found, last_new, last_known, last_skipped, failures, last_error from pg_temp.feed()$$,
  $$values (36, 4, 32, 2, 0, null::text)$$, 'and what it showed is on record');

select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '6 hours'::interval, 'a wall is left alone for six hours');
select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '12 hours'::interval, 'then for twelve');
select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '1 day'::interval, 'then for a day');
select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '1 day'::interval, 'and no longer');
select is((pg_temp.feed()).last_found, 36, 'what was found last is still known');
select is(pg_temp.checked('{"outcome": "not_modified"}'), '30 minutes'::interval, 'one good answer, and all is forgotten');
select is((pg_temp.feed()).failures, 0, 'the count too');

select is(pg_temp.checked('{"outcome": "unreadable", "error": "a shell"}'), '1 hour'::interval, 'what cannot be read waits an hour');
select is(pg_temp.checked('{"outcome": "unreadable", "error": "a shell"}'), '2 hours'::interval, 'then two');
select is(pg_temp.checked('{"outcome": "robots_disallowed", "error": "no"}'), '1 day'::interval, 'robots.txt is asked again after a day');
select cmp_ok(pg_temp.checked('{"outcome": "timeout", "error": "late"}'), '<', '10 minutes'::interval, 'a timeout is tried again within minutes');
select is(pg_temp.checked(jsonb_build_object('outcome', 'rate_limited', 'error', '429', 'retry_at', now() + interval '5 hours')),
  '5 hours'::interval, 'a site that says when to come back is believed');
select is(pg_temp.checked(jsonb_build_object('outcome', 'rate_limited', 'error', '429', 'retry_at', now() + interval '1 year')),
  '7 days'::interval, 'within reason');

select is(pg_temp.checked(jsonb_build_object('retry_at', now() + interval '3 minutes')), '3 minutes'::interval,
  'a feed that was not asked waits for its host');
select is((pg_temp.feed()).failures, 6, 'and nothing is held against it');

update listing_feeds set next_check_at = now() + interval '1 day', enabled = false;
update listing_feeds set enabled = true;
select is((pg_temp.feed()).next_check_at, now(), 'a feed that is switched on is due now');
select is(pg_temp.checked('{"outcome": "ok", "found": 0, "new": 0, "known": 0, "skipped": 0}'), '30 minutes'::interval, 'it works');
update listing_feeds set check_interval = '10 minutes';
select is((pg_temp.feed()).next_check_at - now(), '10 minutes'::interval, 'a shorter interval counts at once');
select throws_ok($$insert into listing_feeds (url) values ('HTTPS://cars.example/new')$$, '23505', null, 'one page is one feed, however it is spelled');


insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
values ('cars_example', 'Cars', 'auction', '{cars.example}', 'cars_scraper', 'v1.0.0');
update listing_feeds set source = 'cars_example', next_check_at = now() - interval '2 hours';
select is((select state from pipeline_status where part = 'listing_feeds'), 'stuck', 'a feed that nobody checks is seen');
update scrape_sources set is_active = false where slug = 'cars_example';
select is((select state from pipeline_status where part = 'listing_feeds'), 'off', 'one of a site that is switched off is not to be checked');

select * from finish();
rollback;
