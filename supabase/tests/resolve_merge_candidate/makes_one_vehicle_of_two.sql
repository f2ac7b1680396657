begin;
create extension if not exists pgtap with schema extensions;
select plan(21);

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
update vehicles set color = 'Brilliantrot' where id = pg_temp.id(2); -- by a person
create temp table pair as select * from vehicle_merge_candidates;
select is((select count(*) from pair), 1::bigint, 'two vehicles with one VIN are a pair');
create temp table said as select resolve_merge_candidate((select id from pair), 'same_vehicle', 'same car, sold on') as r;
select is((select r ->> 'kept' from said), pg_temp.id(1)::text, 'of two vehicles the older one is kept');
select is((select count(*) from vehicles where id = pg_temp.id(2)), 0::bigint, 'of two vehicles the newer one is deleted');
create function pg_temp.v() returns vehicles language sql as $$ select v from vehicles v where id = pg_temp.id(1) $$;
select is((pg_temp.v()).engine, 'S50', 'a field that the kept vehicle lacks is taken from the other');
select is((pg_temp.v()).field_state -> 'engine' ->> 'source', 'carsandbids.com', 'a field that is taken from the other vehicle keeps its source');
select is((pg_temp.v()).color, 'Brilliantrot', 'a value that a person set on the other vehicle is taken');
select is((pg_temp.v()).mileage, 90000, 'a value in which the two disagree stays the kept vehicle''s');
select is((select other_value from extraction_conflicts where vehicle_id = pg_temp.id(1) and field_name = 'mileage'), '95000', 'a value in which the two disagree is a conflict');
select is((pg_temp.v()).sale_price, 2000.00, 'the sale price is that of the later auction');
select is((select count(*) from auction_events where vehicle_id = pg_temp.id(1)), 2::bigint, 'both auctions belong to the kept vehicle');
select is((select count(*) from auction_comments), 2::bigint, 'the comments of both auctions are kept');
select is((pg_temp.v()).listing_url, 'https://carsandbids.com/listing/2', 'the kept vehicle stands on the later listing');
select is((select count(*) from vehicle_images where vehicle_id = pg_temp.id(1)), 2::bigint, 'the pictures of both belong to the kept vehicle');
select is((select count(*) from vehicle_images where vehicle_id = pg_temp.id(1) and is_primary), 1::bigint, 'one picture of the kept vehicle is primary');
select is((select string_agg(status, ' ' order by url) from image_downloads where vehicle_id = pg_temp.id(1)), 'stored stored pending pending', 'the image_downloads of both belong to the kept vehicle, each in its state');
select is((select count(*) from extraction_metadata where vehicle_id = pg_temp.id(1) and validation_status = 'accepted' and field_name = 'engine'), 1::bigint, 'the provenance of a field that was taken belongs to the kept vehicle');
select results_eq($$select merged_vehicle ->> 'make', note from vehicle_merges where kept_vehicle_id = pg_temp.id(1)$$, $$values ('BMW', 'same car, sold on')$$, 'vehicle_merges holds the deleted vehicle and the person''s note');
select is(import_listings('[{"source_url": "https://www.bringatrailer.com/listing/1/", "outcome": "gone", "error": "404"}]') -> 0 ->> 'vehicle_id', pg_temp.id(1)::text, 'an import of the earlier listing belongs to the kept vehicle');
select is_empty('select unnest(private.vehicles_to_sync(''00000000-0000-0000-0000-000000000000'', ''ffffffff-ffff-ffff-ffff-ffffffffffff''))', 'score and state of the kept vehicle are up to date');

select * from finish();
rollback;
