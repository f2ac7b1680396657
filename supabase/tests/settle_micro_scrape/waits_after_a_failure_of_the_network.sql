begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

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

select ok(s.state = 'waiting' and s.failures = 1 and s.no_gain_passes = 0 and s.due_at between now() + interval '30 seconds' and now() + interval '2 minutes',
  'a pass that timed out waits up to two minutes, and is no pass without a gain') from pg_temp.pass('timeout') s;
select is(s.failures::text || s.state, '2waiting', 'a pass that fails in the network is a second failure') from pg_temp.pass('network') s;
select is(s.failures::text || s.no_gain_passes || s.state, '01waiting', 'a pass that reads the page resets the failures') from pg_temp.pass('not_modified') s;
do $$ begin for n in 1 .. 4 loop perform pg_temp.pass('server_error'); end loop; end $$;
select is(s.failures::text || s.state, '5failed', 'five passes that fail in a row fail the vehicle') from pg_temp.pass('server_error') s;
select pg_temp.anew();
select ok(s.due_at >= now() + interval '3 hours', 'a pass whose server says when to come back waits at least until then') from pg_temp.pass('server_error', jsonb_build_object('retry_at', now() + interval '3 hours')) s;
select ok(s.due_at <= now() + interval '7 days', 'a pass whose server says to come back in a hundred years waits seven days at most') from pg_temp.pass('server_error', jsonb_build_object('retry_at', now() + interval '100 years')) s;

select * from finish();
rollback;
