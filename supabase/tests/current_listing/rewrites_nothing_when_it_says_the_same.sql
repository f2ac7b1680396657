-- The listing that is followed states neither price nor status: reading it again moves nothing to it once more.
begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.read(p_url text, p_facts jsonb) returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', p_url, 'page_at', clock_timestamp(),
    'method', 'm', 'scraper_version', 'v1.0.0', 'facts', (
      select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)))) -> 0
$$;

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://one.example/1');
select pg_temp.read('https://one.example/1', '{"year": 1990, "currency": "USD"}');
update vehicles set listing_url = 'https://two.example/2';
select pg_temp.read('https://two.example/2', '{"year": 1990, "currency": "USD"}');
select is((select field_state -> 'currency' ->> 'listing' from vehicles), (select id::text from vehicle_listings where listing_url = 'https://two.example/2'),
  'the newest listing is followed, although it states no more than a currency');

create temp table before as select field_state from vehicles;
select pg_temp.read('https://two.example/2', '{"year": 1990, "currency": "USD"}');
select is((select field_state from vehicles), (select field_state from before), 'reading it again writes nothing anew');

select pg_temp.read('https://two.example/2', '{"year": 1990, "currency": "USD", "asking_price": 5000, "sale_status": "for_sale"}');
select is((select concat_ws(' ', sale_status, asking_price::integer) from vehicles), 'for_sale 5000', 'and what it states later is taken over');

select * from finish();
rollback;
