begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://bringatrailer.com/listing/a');
create function pg_temp.pass(p_outcome text, p_more jsonb default '{}') returns micro_scrape_state language plpgsql as $$
declare
  v_token text;
  s micro_scrape_state;
begin
  v_token := claim_micro_scrape(1, array[pg_temp.id(1)]) -> 0 ->> 'lease_token';
  perform apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'outcome', p_outcome, 'error', 'it was ' || p_outcome,
    'source_url', 'https://bringatrailer.com/listing/a', 'method', 'bat', 'page_at', clock_timestamp(),
    'request', jsonb_build_object('queue', 'micro_scrape_state', 'lease_token', v_token)) || p_more));
  select * into s from micro_scrape_state;
  return s;
end
$$;
create function pg_temp.anew() returns void language sql as $$ select reopen_micro_scrape(array[pg_temp.id(1)]) $$;

select is(s.state || s.failures || s.no_gain_passes || s.blocked_days || (s.due_at = now() + interval '20 minutes'), 'waiting000true', 'a rate limited pass waits as long as the site says, and nothing is counted')
from pg_temp.pass('rate_limited', jsonb_build_object('retry_at', now() + interval '20 minutes')) s;
select is(s.due_at, now() + interval '1 hour', 'a rate limited pass waits an hour when the site does not say') from pg_temp.pass('rate_limited') s;
select is(s.state || s.blocked_days, 'waiting1', 'a blocked pass waits, with one blocked day') from pg_temp.pass('blocked') s;
select is(s.state || s.blocked_days, 'waiting1', 'a pass that is blocked twice on one day has one blocked day') from pg_temp.pass('blocked') s;
update micro_scrape_state set last_blocked_on = current_date - 1;
select is(s.state || s.blocked_days, 'waiting2', 'a pass that is blocked on a second day has two blocked days') from pg_temp.pass('blocked') s;
update micro_scrape_state set last_blocked_on = current_date - 1;
select is(s.state || s.blocked_days, 'failed3', 'a vehicle that is blocked on three days is failed') from pg_temp.pass('blocked') s;
select pg_temp.anew();
select is(s.state || s.blocked_days, 'waiting1', 'a vehicle that was failed for blocks waits with one blocked day after it is reopened and forbidden by robots.txt') from pg_temp.pass('robots_disallowed') s;
select is(s.blocked_days, 0::smallint, 'a pass that reads the page resets the blocked days') from pg_temp.pass('ok') s;

select * from finish();
rollback;
