begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

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

select is(s.state || s.no_gain_passes || (s.due_at = now() + interval '2 days 10 minutes'), 'waiting0true', 'a pass that finds a live auction waits until ten minutes after its end')
from pg_temp.pass('ok', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '2 days'),
  'facts', '{"sale_status": {"value": "live", "confidence": 0.99, "evidence": "e"}}'::jsonb)) s;
select is((select recommended_actions @> array['comprehensive-bat-extraction'] from vehicles_needing_micro_scrape), true, 'vehicles_needing_micro_scrape names comprehensive-bat-extraction for a live auction');
select is(s.state || (s.due_at = now() + interval '5 minutes'), 'waitingtrue', 'a pass that finds an auction past its end waits as after any pass')
from pg_temp.pass('ok', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() - interval '1 minute'))) s;
select ok(s.due_at < now() + interval '31 days', 'a pass that finds an auction ending in a hundred years waits a month at most')
from pg_temp.pass('ok', jsonb_build_object('auction', jsonb_build_object('outcome', 'live', 'ends_at', now() + interval '100 years'))) s;

select * from finish();
rollback;
