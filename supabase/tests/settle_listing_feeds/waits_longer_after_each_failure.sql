begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

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
  'a feed that was read is checked again after its check_interval');
select results_eq($$select last_found, last_new, last_known, last_skipped, failures, last_error from pg_temp.feed()$$,
  $$values (36, 4, 32, 2, 0, null::text)$$, 'a feed that was read holds how many listings were found, new, known and skipped');

select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '6 hours'::interval, 'a feed behind a bot wall waits six hours');
select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '12 hours'::interval, 'a feed that is blocked a second time waits twelve hours');
select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '1 day'::interval, 'a feed that is blocked a third time waits a day');
select is(pg_temp.checked('{"outcome": "blocked", "error": "a wall"}'), '1 day'::interval, 'a feed that is blocked a fourth time still waits one day');
select is((pg_temp.feed()).last_found, 36, 'a feed that is blocked keeps the last_found of its last reading');
select is(pg_temp.checked('{"outcome": "not_modified"}'), '30 minutes'::interval, 'a feed that is not modified after failures waits for its check_interval again');
select is((pg_temp.feed()).failures, 0, 'a feed that is not modified after failures has no failures');

select is(pg_temp.checked('{"outcome": "unreadable", "error": "a shell"}'), '1 hour'::interval, 'a feed that cannot be read waits an hour');
select is(pg_temp.checked('{"outcome": "unreadable", "error": "a shell"}'), '2 hours'::interval, 'a feed that cannot be read a second time waits two hours');
select is(pg_temp.checked('{"outcome": "robots_disallowed", "error": "no"}'), '1 day'::interval, 'a feed that robots.txt forbids waits a day');
select cmp_ok(pg_temp.checked('{"outcome": "timeout", "error": "late"}'), '<', '10 minutes'::interval, 'a feed that timed out is checked again within ten minutes');
select is(pg_temp.checked(jsonb_build_object('outcome', 'rate_limited', 'error', '429', 'retry_at', now() + interval '5 hours')),
  '5 hours'::interval, 'a feed that is rate limited waits as long as its site says');
select is(pg_temp.checked(jsonb_build_object('outcome', 'rate_limited', 'error', '429', 'retry_at', now() + interval '1 year')),
  '7 days'::interval, 'a feed whose site asks for a year waits seven days');

select is(pg_temp.checked(jsonb_build_object('retry_at', now() + interval '3 minutes')), '3 minutes'::interval,
  'a feed that was not asked waits until its host may be asked');
select is((pg_temp.feed()).failures, 6, 'a feed that was not asked has no more failures than before');

select * from finish();
rollback;
