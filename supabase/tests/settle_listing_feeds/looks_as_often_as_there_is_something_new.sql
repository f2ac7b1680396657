begin;
create extension if not exists pgtap with schema extensions;
select plan(17);

delete from listing_feeds;
update fill_policy set feed_interval_floor = '5 minutes';
insert into listing_feeds (url) values ('https://cars.example/new');
create function pg_temp.checked(p_after interval, p_new integer, p_outcome text default 'ok') returns interval language plpgsql as $$
declare
  v_feed jsonb;
begin
  update listing_feeds set last_found_at = last_found_at - p_after, last_checked_at = last_checked_at - p_after;
  v_feed := claim_listing_feeds(1, array(select id from listing_feeds)) -> 0;
  perform settle_listing_feeds(jsonb_build_array(jsonb_build_object(
    'id', v_feed -> 'id', 'lease_token', v_feed -> 'lease_token', 'outcome', p_outcome, 'error', p_outcome,
    'found', 50, 'new', p_new, 'known', greatest(50 - p_new, 0), 'skipped', 0)));
  return (select next_check_at - now() from listing_feeds);
end
$$;

select is(pg_temp.checked('0 seconds', 50), '30 minutes'::interval, 'all is new at the first look: that says nothing of how often');
select is((select new_per_hour from listing_feeds), null, 'nor is a rate known');
select is(pg_temp.checked('30 minutes', 5), '30 minutes'::interval, 'five new ones in half an hour: half an hour is right');
select is((select round(new_per_hour, 2) from listing_feeds), 10.00, 'ten new ones an hour');
select is(pg_temp.checked('3 hours', 90), '00:15:00'::interval, 'thirty an hour count for a half after three hours: 20 an hour, a quarter of an hour');
select results_eq(
  $$select lever, subject, from_value, to_value, reason from fill_decisions$$,
  $$values ('feed_interval', 'https://cars.example/new', '00:30:00', '00:15:00', '20.00 new listings an hour: five of them in this time')$$,
  'a move is a decision, with why');
select is(pg_temp.checked('15 minutes', 5), '00:15:00'::interval, 'what goes on like that changes nothing');
select is((select count(*) from fill_decisions), 1::bigint, 'and is no decision');
select is(pg_temp.checked('1 day', 5000), '5 minutes'::interval, 'not more often than feed_interval_floor allows');
select is(pg_temp.checked('1 day', 0, 'not_modified') > interval '1 hour', true, 'nothing new for a day: more rarely');
select is(pg_temp.checked('5 days', 0), '1 day'::interval, 'but once a day');
select is(pg_temp.checked('1 hour', 0, 'timeout') < interval '10 minutes', true, 'an error of the site is tried again as ever');
select results_eq($$select interval_now, interval_because, new_per_hour < 0.2 from listing_feed_status$$,
  $$values ('1 day'::interval, 'as often as it shows five new listings, between feed_interval_floor and a day', true)$$, 'listing_feed_status says how often, and why');

update listing_feeds set check_interval = '2 hours';
select is(pg_temp.checked('1 hour', 50), '2 hours'::interval, 'an interval that an operator set is kept');
update listing_feeds set check_interval = '30 minutes', is_adaptive = false;
select is(pg_temp.checked('1 hour', 0), '30 minutes'::interval, 'and one that is not to be moved');
update listing_feeds set is_adaptive = true;
select is(pg_temp.checked('3 hours', 60) > interval '15 minutes', true, 'let go again, it follows what it shows');
update fill_policy set is_enabled = false;
select is(pg_temp.checked('1 hour', 0), '30 minutes'::interval, 'where fill_policy is off check_interval holds');

select * from finish();
rollback;
