begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, mileage, color, engine, transmission, origin_metadata)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 1, 'Red', 'e', 't',
  '{"import": {"batch": 7}, "image_urls": ["https://i.example/1.jpg"], "image_count": 1}');

select throws_ok($$update vehicles set origin_metadata = '[1]'$$, '23514', null, 'origin_metadata that is no object is refused');
select throws_ok($$update vehicles set origin_metadata = null$$, '23502', null, 'origin_metadata that is null is refused');

select * from finish();
rollback;
