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
create temp table done as select s.* from pg_temp.pass('ok', '{"facts": {
  "sale_status": {"value": "sold", "confidence": 0.99, "evidence": "e"}, "year": {"value": 1990, "confidence": 0.9, "evidence": "e"}, "make": {"value": "BMW", "confidence": 0.9, "evidence": "e"},
  "model": {"value": "M3", "confidence": 0.9, "evidence": "e"}, "vin": {"value": "WBSBA91070AE84214", "confidence": 0.9, "evidence": "e"}, "sale_price": {"value": 28000, "confidence": 0.9, "evidence": "e"},
  "description": {"value": "d", "confidence": 0.9, "evidence": "e"}, "mileage": {"value": 1, "confidence": 0.9, "evidence": "e"}, "color": {"value": "c", "confidence": 0.9, "evidence": "e"},
  "engine": {"value": "e", "confidence": 0.9, "evidence": "e"}, "transmission": {"value": "t", "confidence": 0.9, "evidence": "e"}}}') s;

select results_eq('select state, score, lease_token from done', $$values ('complete', 85.0, null::uuid)$$, 'a pass that brings all fields completes its vehicle and frees its lease');
select is((select origin_metadata ->> 'micro_scrape_complete' from vehicles), 'true', 'a vehicle that a pass completes is marked in the same transaction');
select is(s.state, 'complete', 'a complete vehicle stays complete after a pass without a gain') from pg_temp.pass('ok') s;
select is(s.state, 'complete', 'a complete vehicle stays complete when cron looks for due ones') from micro_scrape_state s, lateral (select private.invoke_micro_scrape()) r;

select * from finish();
rollback;
