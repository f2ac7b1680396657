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

-- Ends.
select is(s.state || ' ' || s.last_outcome || ' ' || s.last_error, 'ended gone it was gone', 'a pass that finds the listing gone ends its vehicle, with the error') from pg_temp.pass('gone') s;
select is((select listing_ended_at from vehicles), now(), 'a vehicle whose listing is gone has the time in listing_ended_at');
select is((select why from vehicles_not_improving), 'the listing was removed', 'vehicles_not_improving says that the listing was removed');
select is(claim_micro_scrape(1), '[]', 'a vehicle that has ended is not claimed');
select is(s.state, 'failed', 'a pass that ends ' || code || ' fails its vehicle')
from unnest(array['not_a_listing', 'invalid', 'too_large']) code, lateral (select pg_temp.anew(), code as c) a, lateral pg_temp.pass(a.c) s;
select is((select why from vehicles_not_improving), 'it was too_large', 'vehicles_not_improving shows the error of a failed vehicle');

select * from finish();
rollback;
