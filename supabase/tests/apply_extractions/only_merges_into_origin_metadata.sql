begin;
create extension if not exists pgtap with schema extensions;
select plan(11);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, mileage, color, engine, transmission, origin_metadata)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 1, 'Red', 'e', 't',
  '{"import": {"batch": 7}, "image_urls": ["https://i.example/1.jpg"], "image_count": 1}');
create function pg_temp.meta() returns jsonb language sql as $$ select origin_metadata from vehicles $$;

select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s",
  "facts": {"description": {"value": "It runs.", "confidence": 0.9, "evidence": "e"}}, "images": ["https://i.example/2.jpg"]}]');
select is(pg_temp.meta() -> 'image_urls', '["https://i.example/1.jpg", "https://i.example/2.jpg"]', 'new image URLs stand behind the old ones');
select is(pg_temp.meta() -> 'image_count', '2', 'and are counted');
select is(pg_temp.meta() -> 'micro_scrape_complete', 'true', 'the mark stands beside them');
select is(pg_temp.meta() -> 'import', '{"batch": 7}', 'and what came with the import');
select is(pg_temp.meta() -> 'source', '"a.example"', 'and the source');
select apply_extractions('[{"vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://a.example/1", "method": "s", "images": []}]');
select is(pg_temp.meta() -> 'image_urls', '["https://i.example/1.jpg", "https://i.example/2.jpg"]', 'a page without images takes none away');
update vehicles set description = null;
select is(pg_temp.meta() - 'micro_scrape_complete' - 'micro_scrape_completed_at',
  '{"import": {"batch": 7}, "source": "a.example", "image_urls": ["https://i.example/1.jpg", "https://i.example/2.jpg"], "image_count": 2}', 'taking the mark back takes nothing else');
select throws_ok($$update vehicles set origin_metadata = '[1]'$$, '23514', null, 'it is always an object');
select throws_ok($$update vehicles set origin_metadata = null$$, '23502', null, 'and never nothing');

-- No function of the project writes the whole of it but as a merge of what is there.
create temp table writes as
select p.proname, btrim(m.written[1], E' \n') as written
from pg_proc p
cross join lateral regexp_matches(p.prosrc, '(?:set|,)\s*origin_metadata\s*=\s*(.{0,40})', 'g') as m(written)
where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace);
select cmp_ok((select count(*) from writes), '>=', 3::bigint, 'functions write it');
select is_empty($$select * from writes where written !~ '^(v\.)?origin_metadata\s*\|\|'$$, 'always as a merge in SQL');

select * from finish();
rollback;
