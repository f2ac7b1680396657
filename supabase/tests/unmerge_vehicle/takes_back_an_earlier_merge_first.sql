begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
create function pg_temp.make(n integer, p_facts jsonb, p_ends timestamptz) returns void language sql as $$
  insert into vehicles (id, discovery_url) values (pg_temp.id(n), 'https://a' || n || '.example/listing');
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(n), 'source_url', 'https://a' || n || '.example/listing', 'outcome', 'ok', 'method', 'a' || n, 'scraper_version', 'v1.0.0',
    'page_at', now(), 'extraction_hash', 'h', 'auction', jsonb_build_object('outcome', 'sold', 'sale_price', 1000 * n, 'ends_at', p_ends), 'bids', '[]'::jsonb, 'comments', '[]'::jsonb,
    'facts', p_facts || jsonb_build_object('sale_price', jsonb_build_object('value', 1000 * n, 'confidence', 0.9, 'evidence', 'e')))))
$$;
select pg_temp.make(1, '{"color": {"value": "Red", "confidence": 0.6, "evidence": "e"}}', '2026-01-01');
select pg_temp.make(2, '{"color": {"value": "Blue", "confidence": 0.8, "evidence": "e"}, "engine": {"value": "S50", "confidence": 0.8, "evidence": "e"}}', '2026-02-01');
select pg_temp.make(3, '{"color": {"value": "Green", "confidence": 0.95, "evidence": "e"}, "engine": {"value": "S54", "confidence": 0.8, "evidence": "e"}}', '2026-03-01');
create temp table before as select to_jsonb(v) - 'updated_at' as held from vehicles v;
create function pg_temp.kept() returns table (listing_url text, color text, engine text, sale_price numeric) language sql as $$
  select listing_url, color, engine, sale_price from vehicles where id = pg_temp.id(1)
$$;

select merge_vehicles(pg_temp.id(1), pg_temp.id(2)), merge_vehicles(pg_temp.id(1), pg_temp.id(3));
select results_eq('select * from pg_temp.kept()', $$values ('https://a3.example/listing', 'Green', 'S50', 3000.00)$$, 'a vehicle of three has the best of each, and stands on the latest offer');
select unmerge_vehicle(pg_temp.id(2));
select results_eq('select * from pg_temp.kept()', $$values ('https://a3.example/listing', 'Green', 'S54', 3000.00)$$, 'what the later merge took stays, and what the earlier one stood in the way of comes');
select results_eq($$select field_value from extraction_metadata where vehicle_id = pg_temp.id(1) and validation_status = 'accepted' and field_name in ('color', 'engine') order by 1$$, array['Green', 'S54'], 'the provenance stands for what is held');
select results_eq('select listing_url, vehicle_id from vehicle_listings order by 1', $$values ('https://a1.example/listing', pg_temp.id(1)), ('https://a2.example/listing', pg_temp.id(2)), ('https://a3.example/listing', pg_temp.id(1))$$, 'the listing of the one that came back is its own again');
select unmerge_vehicle(pg_temp.id(3));
select set_eq($$select to_jsonb(v) - 'updated_at' from vehicles v$$, 'select held from before', 'all three are as they were, the earlier merge taken back first');

select merge_vehicles(pg_temp.id(1), pg_temp.id(3)), merge_vehicles(pg_temp.id(1), pg_temp.id(2));
select unmerge_vehicle(pg_temp.id(3));
select results_eq('select * from pg_temp.kept()', $$values ('https://a2.example/listing', 'Blue', 'S50', 2000.00)$$, 'when the merge of the latest offer is taken back, the vehicle stands on the next');
update vehicles set color = 'Black' where id = pg_temp.id(1);
select unmerge_vehicle(pg_temp.id(2));
select results_eq('select * from pg_temp.kept()', $$values ('https://a1.example/listing', 'Black', null, 1000.00)$$, 'what a person said since stays');
select results_eq('select color from vehicles where id <> pg_temp.id(1) order by id', array['Blue', 'Green'], 'those that come back have their own');
select is_empty('select * from remembered_addresses', 'every address is that of its own vehicle again');

select * from finish();
rollback;
