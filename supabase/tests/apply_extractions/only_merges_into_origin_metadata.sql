begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, mileage, color, engine, transmission, origin_metadata)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 1, 'Red', 'e', 't',
  '{"import": {"batch": 7}, "image_urls": ["https://i.example/1.jpg"], "image_count": 1}');
create function pg_temp.meta() returns jsonb language sql as $$ select origin_metadata from vehicles $$;

select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s",
  "facts": {"description": {"value": "It runs.", "confidence": 0.9, "evidence": "e"}}, "images": ["https://i.example/2.jpg"]}]');

select is(pg_temp.meta() -> 'image_urls', '["https://i.example/1.jpg", "https://i.example/2.jpg"]', 'new image URLs are appended to the image_urls that are held');
select is(pg_temp.meta() -> 'image_count', '2', 'new image URLs are counted in image_count');
select is(pg_temp.meta() -> 'micro_scrape_complete', 'true', 'a reading that completes its vehicle leaves micro_scrape_complete in origin_metadata');
select is(pg_temp.meta() -> 'import', '{"batch": 7}', 'a reading keeps what came with the import in origin_metadata');
select is(pg_temp.meta() -> 'source', '"a.example"', 'a reading keeps the source in origin_metadata');
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s", "images": []}]');
select is(pg_temp.meta() -> 'image_urls', '["https://i.example/1.jpg", "https://i.example/2.jpg"]', 'a reading without images keeps image_urls');
update vehicles set description = null;
select is(pg_temp.meta() - 'micro_scrape_complete' - 'micro_scrape_completed_at',
  '{"import": {"batch": 7}, "source": "a.example", "image_urls": ["https://i.example/1.jpg", "https://i.example/2.jpg"], "image_count": 2}', 'a vehicle that is no longer complete keeps the rest of its origin_metadata');

select * from finish();
rollback;
