begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1');
create function pg_temp.read(p_mileage integer, p_host text default 'a.example') returns jsonb language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object(
    'vehicle_id', '00000000-0000-4000-8000-000000000001', 'outcome', 'ok', 'source_url', 'https://' || p_host || '/1',
    'method', 'a_scraper', 'scraper_version', 'v1.0.0',
    'facts', jsonb_build_object(
      'mileage', jsonb_build_object('value', p_mileage, 'confidence', 0.9), 'color', '{"value": "Red", "confidence": 0.9}'::jsonb)))) -> 0
$$;
create function pg_temp.updates(out anywhere bigint, out in_place bigint) language sql as $$
  select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relid = 'public.extraction_metadata'::regclass
$$;
select pg_temp.read(52000);
select pg_temp.read(99000, 'b.example'); -- disagrees
update extraction_metadata set last_confirmed_at = now() - interval '2 days', extracted_at = now() - interval '2 days';
create temp table before as select u.anywhere, u.in_place from pg_temp.updates() u;

select pg_temp.read(52000);
select pg_temp.read(99000, 'b.example');
select is((select array_agg(distinct last_confirmed_at) from extraction_metadata), array[now()], 'what was read again says when, also what disagrees');
select ok((select u.anywhere > b.anywhere from pg_temp.updates() u, before b), 'that is an update');
select is(
  (select u.in_place - b.in_place from pg_temp.updates() u, before b), (select u.anywhere - b.anywhere from pg_temp.updates() u, before b),
  'which is written in its page, and in no index');
select is((select array_agg(distinct extracted_at) from extraction_metadata), array[now() - interval '2 days'], 'when it was read first stays');

select * from finish();
rollback;
