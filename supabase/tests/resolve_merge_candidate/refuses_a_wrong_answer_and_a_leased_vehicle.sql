begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.read(n integer, p_host text, p_ends timestamptz, p_facts jsonb, p_image text) returns text language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://' || p_host || '/listing/' || n, 'outcome', 'ok', 'method', p_host, 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'image_results', jsonb_build_array(jsonb_build_object('url', 'https://i.example/' || n || '.jpg', 'kind', 'stored', 'content_hash', repeat(p_image, 64), 'storage_path', repeat(p_image, 64) || '.jpg', 'mime_type', 'image/jpeg', 'bytes', 9, 'width', 300, 'height', 200)),
    'images', jsonb_build_array('https://i.example/' || n || '.jpg', 'https://i.example/more-' || n || '.jpg'),
    'auction', jsonb_build_object('outcome', 'sold', 'sale_price', 1000 * n, 'ends_at', p_ends), 'bids', '[]'::jsonb, 'comments', '[{"source_id": "c1", "body": "nice"}]'::jsonb,
    'facts', (select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)))) -> 0 ->> 'outcome'
$$;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://' || case when n = 2 then 'carsandbids.com' else 'bringatrailer.com' end || '/listing/' || n, now() - make_interval(hours => 10 - n) from generate_series(1, 3) n;

select is(pg_temp.read(1, 'bringatrailer.com', '2025-01-10', '{"vin": "WBSBA91070AE84214", "make": "BMW", "mileage": 90000, "color": "Red", "sale_price": 1000, "sale_status": "sold"}', 'a'), 'ok', 'the reading of the first sale is applied');
select is(pg_temp.read(2, 'carsandbids.com', '2026-01-10', '{"vin": "WBSBA91070AE84214", "make": "BMW", "mileage": 95000, "engine": "S50", "color": "Zinnoberrot", "sale_price": 2000, "sale_status": "sold"}', 'b'), 'ok', 'the reading of the second sale at another site is applied');
create temp table pair as select * from vehicle_merge_candidates;
select is((select count(*) from pair), 1::bigint, 'two vehicles with one VIN are a pair');

select throws_ok(format('select resolve_merge_candidate(%L, %L)', (select id from pair), 'merge'), '22023', null, 'an answer that is neither same_vehicle nor different_vehicles is refused');
select throws_ok(format('select resolve_merge_candidate(%L, %L, null, %L)', (select id from pair), 'same_vehicle', pg_temp.id(3)), '22023', null, 'keeping a vehicle that is none of the pair is refused');
create temp table lease as select claim_micro_scrape(1, array[pg_temp.id(2)]);
select throws_ok(format('select resolve_merge_candidate(%L, %L)', (select id from pair), 'same_vehicle'), '55006', null, 'a pair of which a worker holds a vehicle is refused');
update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';

select * from finish();
rollback;
