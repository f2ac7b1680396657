begin;
create extension if not exists pgtap with schema extensions;
select plan(25);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.read(n integer, p_host text, p_ends timestamptz, p_facts jsonb, p_image text) returns text language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://' || p_host || '/listing/' || n, 'outcome', 'ok', 'method', p_host, 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'image_results', jsonb_build_array(jsonb_build_object('url', 'https://i.example/' || n || '.jpg', 'kind', 'stored', 'content_hash', repeat(p_image, 64), 'storage_path', repeat(p_image, 64) || '.jpg', 'mime_type', 'image/jpeg', 'bytes', 9, 'width', 300, 'height', 200)),
    'images', jsonb_build_array('https://i.example/' || n || '.jpg', 'https://i.example/more-' || n || '.jpg'),
    'auction', jsonb_build_object('outcome', 'sold', 'sale_price', 1000 * n, 'ends_at', p_ends), 'bids', '[]'::jsonb, 'comments', '[{"source_id": "c1", "body": "nice"}]'::jsonb,
    'facts', (select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f)))) -> 0 ->> 'status'
$$;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://' || case when n = 2 then 'carsandbids.com' else 'bringatrailer.com' end || '/listing/' || n, now() - make_interval(hours => 10 - n) from generate_series(1, 3) n;
select is(pg_temp.read(1, 'bringatrailer.com', '2025-01-10', '{"vin": "WBSBA91070AE84214", "make": "BMW", "mileage": 90000, "color": "Red", "sale_price": 1000, "sale_status": "sold"}', 'a'), 'applied', 'one site sold a car');
select is(pg_temp.read(2, 'carsandbids.com', '2026-01-10', '{"vin": "WBSBA91070AE84214", "make": "BMW", "mileage": 95000, "engine": "S50", "color": "Zinnoberrot", "sale_price": 2000, "sale_status": "sold"}', 'b'), 'applied', 'another site sold it again');
update vehicles set color = 'Brilliantrot' where id = pg_temp.id(2); -- by a person
create temp table pair as select * from vehicle_merge_candidates;
select is((select count(*) from pair), 1::bigint, 'a person is asked');

select throws_ok(format('select resolve_merge_candidate(%L, %L)', (select id from pair), 'merge'), '22023', null, 'who says one of two words');
select throws_ok(format('select resolve_merge_candidate(%L, %L, null, %L)', (select id from pair), 'same_vehicle', pg_temp.id(3)), '22023', null, 'and keeps one of the pair');
create temp table lease as select claim_micro_scrape(1, array[pg_temp.id(2)]);
select throws_ok(format('select resolve_merge_candidate(%L, %L)', (select id from pair), 'same_vehicle'), '55006', null, 'not while a worker has leased one');
update micro_scrape_state set lease_expires_at = now() - interval '1 second' where state = 'leased';

create temp table said as select resolve_merge_candidate((select id from pair), 'same_vehicle', 'same car, sold on') as r;
select is((select r ->> 'kept' from said), pg_temp.id(1)::text, 'the older one is kept');
select is((select count(*) from vehicles where id = pg_temp.id(2)), 0::bigint, 'the other is gone');
create function pg_temp.v() returns vehicles language sql as $$ select v from vehicles v where id = pg_temp.id(1) $$;
select is((pg_temp.v()).engine, 'S50', 'what was missing is taken over');
select is((pg_temp.v()).field_state -> 'engine' ->> 'source', 'carsandbids.com', 'with where it came from');
select is((pg_temp.v()).color, 'Brilliantrot', 'and what a person had set');
select is((pg_temp.v()).mileage, 90000, 'not what disagrees');
select is((select other_value from extraction_conflicts where vehicle_id = pg_temp.id(1) and field_name = 'mileage'), '95000', 'which is shown');
select is((pg_temp.v()).sale_price, 2000.00, 'the sale is the later one');
select is((select count(*) from auction_events where vehicle_id = pg_temp.id(1)), 2::bigint, 'both auctions are its own');
select is((select count(*) from auction_comments), 2::bigint, 'with their comments');
select is((pg_temp.v()).discovery_url, 'https://carsandbids.com/listing/2', 'it stands on the later listing');
select is((select count(*) from vehicle_images where vehicle_id = pg_temp.id(1)), 2::bigint, 'it has the pictures of both');
select is((select count(*) from vehicle_images where vehicle_id = pg_temp.id(1) and is_primary), 1::bigint, 'one of them first');
select is((select string_agg(status, ' ' order by url) from image_downloads where vehicle_id = pg_temp.id(1)), 'stored stored pending pending', 'none is downloaded again, none is forgotten');
select is((select count(*) from extraction_metadata where vehicle_id = pg_temp.id(1) and validation_status = 'accepted' and field_name = 'engine'), 1::bigint, 'provenance came along');
select results_eq($$select merged_vehicle ->> 'make', note from vehicle_merges where kept_vehicle_id = pg_temp.id(1)$$, $$values ('BMW', 'same car, sold on')$$, 'who said so, and what went, is on record');
select is(import_listings('[{"source_url": "https://www.bringatrailer.com/listing/1/", "outcome": "gone", "error": "404"}]') -> 0 ->> 'vehicle_id', pg_temp.id(1)::text, 'its earlier listing leads to it');
select is_empty('select private.vehicles_to_sync(array(select id from vehicles))', 'score and state are in sync');

update vehicles set vin = 'WBSBA91070AE84214' where id = pg_temp.id(3);
select resolve_merge_candidate(id, 'different_vehicles', 'a clone') from vehicle_merge_candidates where status = 'open';
select results_eq('select status, note from vehicle_merge_candidates', $$values ('different_vehicles', 'a clone')$$, 'two that are two stay two');

select * from finish();
rollback;
