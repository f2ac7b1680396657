begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.item(n integer, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://bringatrailer.com/listing/' || n, 'outcome', 'ok', 'method', 'bat_scraper', 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'images', '[]'::jsonb, 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', '{"make": {"value": "BMW", "confidence": 0.9, "evidence": "e"}}'::jsonb) || p_more
$$;
create function pg_temp.apply(p_item jsonb) returns jsonb language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 $$;
create function pg_temp.state(n integer) returns text language sql as $$ select state from micro_scrape_state where vehicle_id = pg_temp.id(n) $$;
create function pg_temp.queued(n integer) returns text language sql as $$ select status from bat_extraction_queue where vehicle_id = pg_temp.id(n) $$;

-- New listings are queued.
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://bringatrailer.com/listing/' || n from generate_series(1, 6) n;
insert into vehicles (id, discovery_url) values (pg_temp.id(7), 'https://cars.ksl.com/listing/7');

select is((select count(*) from bat_extraction_queue where priority = 100 and status = 'pending' and reason = 'new'), 6::bigint, 'a new vehicle on Bring a Trailer is queued with the priority of new listings');
select is(pg_temp.queued(7), null, 'a new vehicle on another site is not queued');
update vehicles set discovery_url = 'https://bringatrailer.com/listing/7' where id = pg_temp.id(7);
select is(pg_temp.queued(7), 'pending', 'a vehicle that moves to Bring a Trailer is queued');

select * from finish();
rollback;
