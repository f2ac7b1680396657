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
create temp table rounds (anywhere bigint, in_place bigint);
do $$
declare
  v_before record;
begin
  for v_round in 1 .. 3 loop
    update extraction_metadata set last_confirmed_at = now() - interval '2 days', extracted_at = now() - interval '2 days';
    select * into v_before from pg_temp.updates();
    perform pg_temp.read(52000), pg_temp.read(99000, 'b.example');
    insert into rounds
    select u.anywhere - v_before.anywhere, u.in_place - v_before.in_place
    from pg_temp.updates() u;
  end loop;
end
$$;

select is((select array_agg(distinct last_confirmed_at) from extraction_metadata), array[now()], 'what was read again says when, also what disagrees');
select ok((select min(anywhere) > 0 from rounds), 'that is an update');
-- A row whose page is full goes to the next one, once.
select ok((select sum(in_place) * 2 > sum(anywhere) from rounds), 'which is written in its page, and in no index');
select is((select array_agg(distinct extracted_at) from extraction_metadata), array[now() - interval '2 days'], 'when it was read first stays');

select * from finish();
rollback;
