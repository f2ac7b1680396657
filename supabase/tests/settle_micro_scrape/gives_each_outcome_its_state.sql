begin;
create extension if not exists pgtap with schema extensions;
select plan(30);

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

-- Ends.
select is(s.state || ' ' || s.last_outcome || ' ' || s.last_error, 'ended gone it was gone', 'a listing that is gone ends its vehicle') from pg_temp.pass('gone') s;
select is((select listing_ended_at from vehicles), now(), 'and is marked ended');
select is((select why from vehicles_not_improving), 'the listing was removed', 'the view says so');
select is(claim_micro_scrape(1), '[]', 'nobody looks again');
select is(s.state, 'failed', code || ' fails it')
from unnest(array['not_a_listing', 'invalid', 'too_large']) code, lateral (select pg_temp.anew(), code as c) a, lateral pg_temp.pass(a.c) s;
select is((select why from vehicles_not_improving), 'it was too_large', 'with the reason');

-- Failures on the way.
select pg_temp.anew();
select ok(s.state = 'waiting' and s.failures = 1 and s.no_gain_passes = 0 and s.due_at between now() + interval '30 seconds' and now() + interval '2 minutes',
  'a time-out waits a little; it is no pass without a gain') from pg_temp.pass('timeout') s;
select is(s.failures::text || s.state, '2waiting', 'the network too') from pg_temp.pass('network') s;
select is(s.failures::text || s.no_gain_passes || s.state, '01waiting', 'a page that came makes up for it') from pg_temp.pass('not_modified') s;
do $$ begin for n in 1 .. 4 loop perform pg_temp.pass('server_error'); end loop; end $$;
select is(s.failures::text || s.state, '5failed', 'five in a row fail it') from pg_temp.pass('server_error') s;
select pg_temp.anew();
select ok(s.due_at >= now() + interval '3 hours', 'a server that says when is asked then') from pg_temp.pass('server_error', jsonb_build_object('retry_at', now() + interval '3 hours')) s;
select ok(s.due_at <= now() + interval '7 days', 'but not in a hundred years') from pg_temp.pass('server_error', jsonb_build_object('retry_at', now() + interval '100 years')) s;

-- The site's word.
select pg_temp.anew();
select is(s.state || s.failures || s.no_gain_passes || s.blocked_days || (s.due_at = now() + interval '20 minutes'), 'waiting000true', 'rate limited: obeyed, nothing counted')
from pg_temp.pass('rate_limited', jsonb_build_object('retry_at', now() + interval '20 minutes')) s;
select is(s.due_at, now() + interval '1 hour', 'an hour when it does not say') from pg_temp.pass('rate_limited') s;
select is(s.state || s.blocked_days, 'waiting1', 'blocked: it waits') from pg_temp.pass('blocked') s;
select is(s.state || s.blocked_days, 'waiting1', 'twice on a day is one day') from pg_temp.pass('blocked') s;
update micro_scrape_state set last_blocked_on = current_date - 1;
select is(s.state || s.blocked_days, 'waiting2', 'the second day') from pg_temp.pass('blocked') s;
update micro_scrape_state set last_blocked_on = current_date - 1;
select is(s.state || s.blocked_days, 'failed3', 'on the third it is failed') from pg_temp.pass('blocked') s;
select pg_temp.anew();
select is(s.state || s.blocked_days, 'waiting1', 'and a person can reopen it') from pg_temp.pass('robots_disallowed') s;
select is(s.blocked_days, 0::smallint, 'a page that came takes the wall away') from pg_temp.pass('ok') s;

-- A live auction is due at its end.
select pg_temp.anew();
select is(s.state || s.no_gain_passes || (s.due_at = now() + interval '2 days 10 minutes'), 'waiting0true', 'a live auction is read again when it is over')
from pg_temp.pass('ok', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '2 days'),
  'facts', '{"sale_status": {"value": "live", "confidence": 0.99, "evidence": "e"}}'::jsonb)) s;
select is((select recommended_actions @> array['comprehensive-bat-extraction'] from vehicles_needing_micro_scrape), true, 'that is listed, with what will be done');
select is(s.state || (s.due_at = now() + interval '5 minutes'), 'waitingtrue', 'one whose end has passed waits as others do')
from pg_temp.pass('ok', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() - interval '1 minute'))) s;
select ok(s.due_at < now() + interval '31 days', 'an end in a hundred years is not waited for')
from pg_temp.pass('ok', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '100 years'))) s;

-- Complete.
select pg_temp.anew();
create temp table done as select s.* from pg_temp.pass('ok', '{"facts": {
  "sale_status": {"value": "sold", "confidence": 0.99, "evidence": "e"}, "year": {"value": 1990, "confidence": 0.9, "evidence": "e"}, "make": {"value": "BMW", "confidence": 0.9, "evidence": "e"},
  "model": {"value": "M3", "confidence": 0.9, "evidence": "e"}, "vin": {"value": "WBSBA91070AE84214", "confidence": 0.9, "evidence": "e"}, "sale_price": {"value": 28000, "confidence": 0.9, "evidence": "e"},
  "description": {"value": "d", "confidence": 0.9, "evidence": "e"}, "mileage": {"value": 1, "confidence": 0.9, "evidence": "e"}, "color": {"value": "c", "confidence": 0.9, "evidence": "e"},
  "engine": {"value": "e", "confidence": 0.9, "evidence": "e"}, "transmission": {"value": "t", "confidence": 0.9, "evidence": "e"}}}') s;
select results_eq('select state, score, lease_token from done', $$values ('complete', 85.0, null::uuid)$$, 'a vehicle that has all is complete');
select is((select origin_metadata ->> 'micro_scrape_complete' from vehicles), 'true', 'and marked in the same transaction');
select is(s.state, 'complete', 'a pass by name that gains nothing leaves it so') from pg_temp.pass('ok') s;
select is(s.state, 'complete', 'and so does the watch') from micro_scrape_state s, lateral (select private.invoke_micro_scrape()) r;

select * from finish();
rollback;
