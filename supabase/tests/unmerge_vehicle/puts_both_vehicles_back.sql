begin;
create extension if not exists pgtap with schema extensions;
select plan(19);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.read(n integer, p_host text, p_ends timestamptz, p_facts jsonb, p_image text) returns void language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://' || p_host || '/listing/' || n, 'outcome', 'ok', 'method', p_host, 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'image_results', jsonb_build_array(jsonb_build_object('url', 'https://i.example/' || n || '.jpg', 'kind', 'stored', 'content_hash', repeat(p_image, 64), 'storage_path', repeat(p_image, 64) || '.jpg', 'mime_type', 'image/jpeg', 'bytes', 9, 'width', 300, 'height', 200)),
    'images', jsonb_build_array('https://i.example/' || n || '.jpg', 'https://i.example/more-' || n || '.jpg'),
    'auction', jsonb_build_object('outcome', 'sold', 'sale_price', 1000 * n, 'ends_at', p_ends), 'bids', '[]'::jsonb, 'comments', '[{"source_id": "c1", "body": "nice"}]'::jsonb,
    'facts', (select jsonb_object_agg(f.key, jsonb_build_object('value', f.value, 'confidence', 0.9, 'evidence', 'e')) from jsonb_each(p_facts) f))))
$$;
insert into vehicles (id, discovery_url, created_at) select pg_temp.id(n), 'https://' || case when n = 2 then 'carsandbids.com' else 'bringatrailer.com' end || '/listing/' || n, now() - make_interval(hours => 10 - n) from generate_series(1, 3) n;

select pg_temp.read(1, 'bringatrailer.com', '2025-01-10', '{"vin": "WBSBA91070AE84214", "make": "BMW", "mileage": 90000, "color": "Red", "sale_price": 1000, "sale_status": "sold"}', 'a');
select pg_temp.read(2, 'carsandbids.com', '2026-01-10', '{"vin": "WBSBA91070AE84214", "make": "BMW", "mileage": 95000, "engine": "S50", "color": "Zinnoberrot", "sale_price": 2000, "sale_status": "sold"}', 'b');
update vehicles set color = 'Brilliantrot' where id = pg_temp.id(2); -- by a person
create function pg_temp.state() returns table (what text, held jsonb) language sql as $$
  select 'vehicle', to_jsonb(v) - 'updated_at' from vehicles v where v.id in (pg_temp.id(1), pg_temp.id(2))
  union all select 'provenance', to_jsonb(m) - 'id' from extraction_metadata m
  union all select 'auction', to_jsonb(e) - 'updated_at' from auction_events e
  union all select 'image', to_jsonb(i) from vehicle_images i
  union all select 'download', to_jsonb(d) - 'created_at' from image_downloads d
  union all select 'step', to_jsonb(s) from scrape_steps s
  union all select 'score', to_jsonb(q) - array['created_at', 'updated_at'] from vehicle_quality_scores q
$$;
create temp table before as select * from pg_temp.state();
create function pg_temp.merge() returns jsonb language sql as $$ select merge_vehicles(pg_temp.id(1), pg_temp.id(2), 'same car') $$;

select pg_temp.merge();
select results_eq($$select canonical_url, vehicle_id from vehicle_listings where canonical_url ~ '[12]$' order by 1$$, $$values
  ('https://bringatrailer.com/listing/1', pg_temp.id(1)), ('https://carsandbids.com/listing/2', pg_temp.id(1))$$, 'the listings of both vehicles are the kept one''s');
select throws_ok($$insert into vehicles (discovery_url) values ('https://www.carsandbids.com/listing/2/?utm_source=x')$$, '23505', null, 'the address of a merged vehicle makes no second one, in whatever spelling');
select throws_ok($$insert into vehicles (discovery_url) values ('https://bringatrailer.com/listing/1')$$, '23505', null, 'the earlier address of the kept vehicle makes no second one');
select is(import_listings('[{"source_url": "https://bringatrailer.com/listing/1/", "outcome": "gone", "error": "404"}]') -> 0 ->> 'vehicle_id', pg_temp.id(1)::text, 'a reading of a merged address belongs to the kept vehicle');
select is(enqueue_listings('[{"url": "https://carsandbids.com/listing/2"}]') ->> 'queued', '0', 'a merged address is not queued');
select throws_ok($$select bring_back_address('https://carsandbids.com/listing/2')$$, '22023', null, 'a merged address comes back by taking the merge back');

select is(unmerge_vehicle(pg_temp.id(2), 'a clone'), jsonb_build_object('kept', pg_temp.id(1), 'unmerged', pg_temp.id(2)), 'a merge is taken back');
select set_eq('select what, held from pg_temp.state() where what <> $$step$$', 'select what, held from before where what <> $$step$$', 'both vehicles are as they were: facts, provenance, auctions, images, downloads, scores');
select is((select count(*) from scrape_steps where vehicle_id = pg_temp.id(2)), (select count(*) from before where what = 'step' and held ->> 'vehicle_id' = pg_temp.id(2)::text), 'the steps of the vehicle that came back are its own');
select is_empty('select * from remembered_addresses', 'the addresses are those of two vehicles again');
select results_eq('select status, note from vehicle_merge_candidates', $$values ('different_vehicles', 'a clone')$$, 'a pair that was unmerged is answered');
select is_empty('select unnest(private.vehicles_to_sync(''00000000-0000-0000-0000-000000000000'', ''ffffffff-ffff-ffff-ffff-ffffffffffff''))', 'score and state of both are up to date');
select throws_ok($$select unmerge_vehicle(pg_temp.id(2))$$, 'P0002', null, 'a merge is taken back once');

select pg_temp.merge();
update vehicles set engine = 'S54' where id = pg_temp.id(1); -- it had taken S50
select unmerge_vehicle(pg_temp.id(2));
select is((select engine from vehicles where id = pg_temp.id(1)), 'S54', 'what a person changed since the merge stays');
select is((select engine from vehicles where id = pg_temp.id(2)), 'S50', 'the vehicle that comes back has its own value');
select throws_ok($$select merge_vehicles(pg_temp.id(1), pg_temp.id(1))$$, '22023', null, 'a vehicle is not merged with itself');

select pg_temp.merge();
update vehicle_merges set before = null where unmerged_at is null;
select throws_ok($$select unmerge_vehicle(pg_temp.id(2))$$, '55000', null, 'a merge of which too little is kept is not taken back by halves');
delete from vehicles where id = pg_temp.id(1);
select results_eq('select distinct kind from remembered_addresses', array['forgotten'], 'when the kept vehicle is deleted the addresses of both are forgotten');
select lives_ok($$insert into vehicles (discovery_url) values ('https://carsandbids.com/listing/2')$$, 'a person may then bring one back');

select * from finish();
rollback;
