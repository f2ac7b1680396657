-- The score of docs/architecture.md, row by row.
begin;
create extension if not exists pgtap with schema extensions;
select plan(40);

-- What these columns alone are worth.
create temp table last_one (id uuid);
create function pg_temp.worth(p_values jsonb) returns numeric language plpgsql as $$
declare
  v_id uuid;
begin
  execute format(
    'insert into vehicles (%s) select %s from jsonb_populate_record(null::vehicles, $1) returning id',
    (select string_agg(quote_ident(k), ', ') from jsonb_object_keys(p_values) k),
    (select string_agg(quote_ident(k), ', ') from jsonb_object_keys(p_values) k))
  into v_id
  using p_values;
  delete from last_one;
  insert into last_one values (v_id);
  return (select overall_score from vehicle_quality_scores where vehicle_id = v_id);
end
$$;

create function pg_temp.missing() returns text[] language sql as $$
  select missing_fields from vehicle_quality_scores where vehicle_id = (select id from last_one)
$$;

select is(pg_temp.worth('{"year": 1990}'), 10.0, 'year: 10');
select is(pg_temp.worth('{"make": "BMW"}'), 10.0, 'make: 10');
select is(pg_temp.worth('{"model": "M3"}'), 10.0, 'model: 10');
select is(pg_temp.worth('{"vin": "WBSBA91070AE84214"}'), 15.0, 'vin: 15');
select is(pg_temp.worth('{"description": "It runs."}'), 15.0, 'description: 15');
select is(pg_temp.worth('{"mileage": 0}'), 2.5, 'mileage: 2.5, also when it is new');
select is(pg_temp.worth('{"color": "Red"}'), 2.5, 'color: 2.5');
select is(pg_temp.worth('{"engine": "2.3 l"}'), 2.5, 'engine: 2.5');
select is(pg_temp.worth('{"transmission": "manual"}'), 2.5, 'transmission: 2.5');
select is(pg_temp.worth('{"trim": "Sport", "interior_color": "Black", "drivetrain": "RWD", "body_style": "coupe", "seller_name": "lesly",
  "location": "Reno", "currency": "USD", "sale_date": "2026-01-01"}'), 0.0, 'the rest is worth keeping, not points');

-- Images.
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
create function pg_temp.add_image(p_vehicle uuid, n integer) returns void language sql as $$
  insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
  values (p_vehicle, lpad(n::text, 64, '0'), 'https://i.example/' || n, lpad(n::text, 64, '0') || '.jpg', 'image/jpeg', 1, 1, 1, n)
$$;
select pg_temp.add_image('00000000-0000-4000-8000-000000000001', 1);
select is((select overall_score from vehicle_quality_scores where vehicle_id = '00000000-0000-4000-8000-000000000001'), 15.0, 'one image: 15');
select pg_temp.add_image('00000000-0000-4000-8000-000000000001', 2);
select is((select overall_score from vehicle_quality_scores where vehicle_id = '00000000-0000-4000-8000-000000000001'), 15.0, 'two are worth no more');
select is(pg_temp.worth('{"origin_metadata": {"image_urls": ["https://i.example/1"], "image_count": 1}}'), 0.0, 'a URL is no image');

-- The price, by how the vehicle is offered.
select is(pg_temp.worth('{"sale_status": "sold", "sale_price": 28000}'), 15.0, 'sold: the sale price');
select is(pg_temp.worth('{"sale_status": "sold", "high_bid": 28000}'), 0.0, 'not the high bid');
select is(pg_temp.worth('{"sale_status": "bid_to", "high_bid": 28000}'), 15.0, 'bid to: the high bid');
select is(pg_temp.worth('{"sale_status": "bid_to", "sale_price": 28000}'), 0.0, 'not a sale price');
select is(pg_temp.missing(), array['year', 'make', 'model', 'vin', 'high_bid', 'description', 'images', 'mileage', 'color', 'engine', 'transmission'],
  'an unsold car misses no sale price');
select is(pg_temp.worth('{"sale_status": "no_sale", "high_bid": 28000}'), 15.0, 'no sale: the high bid');
select is(pg_temp.worth('{"sale_status": "withdrawn", "high_bid": 28000}'), 15.0, 'withdrawn: the high bid');
select is(pg_temp.worth('{"sale_status": "live", "high_bid": 28000}'), 15.0, 'live: the high bid');
select is(pg_temp.worth('{"sale_status": "for_sale", "asking_price": 28000}'), 15.0, 'for sale: the asking price');
select is(pg_temp.worth('{"sale_status": "for_sale", "sale_price": 28000}'), 0.0, 'not a sale price');
select is(pg_temp.worth('{"sale_price": 28000}'), 15.0, 'when it is not known how: a sale price');
select is(pg_temp.worth('{"asking_price": 28000}'), 15.0, 'or an asking price');
select is(pg_temp.worth('{"sale_status": "unknown", "high_bid": 28000}'), 0.0, 'not a bid');
select is(pg_temp.missing() @> array['sale_price'], true, 'and then the sale price is what is missing');

-- VIN and chassis number.
select is(pg_temp.worth('{"vin": "113042-10"}'), 0.0, 'sixteen characters are no VIN');
select is(pg_temp.worth('{"vin": "113042-10", "year": 1980}'), 25.0, 'but a chassis number before 1981');
select is(pg_temp.worth('{"vin": "113042-10", "year": 1981}'), 10.0, 'not from 1981 on');
select is(pg_temp.worth('{"vin": "WBSBA91070AEO4214", "year": 1990}'), 10.0, 'a VIN has no letter O');
select is(pg_temp.worth('{"vin": "wbs ba91070ae-84214", "year": 1990}'), 25.0, 'typed with small letters, spaces and dashes it is one');
select is((select vin from vehicles where year = 1990 and vin like 'WBS%4214' and vin not like '%O%'), 'WBSBA91070AE84214', 'and kept in one spelling');

-- Confidence.
select is(pg_temp.worth('{"mileage": 1, "field_state": {"mileage": {"confidence": 0.5}}}'), 2.5, 'confidence of 0.5 counts');
select is(pg_temp.worth('{"mileage": 1, "field_state": {"mileage": {"confidence": 0.499}}}'), 0.0, 'less earns nothing');
select results_eq(
  $$select missing_fields @> array['mileage'], low_confidence_fields, 'low confidence: mileage' = any (issues)
    from vehicle_quality_scores where vehicle_id = (select id from last_one)$$,
  $$values (false, array['mileage'], true)$$, 'it is not missing, but to be looked at');
select is(pg_temp.worth('{"high_bid": 1, "sale_status": "bid_to", "field_state": {"high_bid": {"confidence": 0.3}, "sale_price": {"confidence": 1}}}'), 0.0,
  'the confidence of a price is that of the price that counts');

-- All, and no more than 100.
select is(pg_temp.worth('{"year": 1990, "make": "BMW", "model": "M3", "vin": "WBSBA91070AE84214", "sale_price": 1, "description": "d",
  "mileage": 1, "color": "c", "engine": "e", "transmission": "t"}'), 85.0, 'all but the images: 85');
select throws_ok($$update vehicle_quality_scores set overall_score = 100.1$$, '23514', null, 'there is no score above 100');
select throws_ok($$update vehicle_quality_scores set overall_score = -0.1$$, '23514', null, 'nor under 0');

select * from finish();
rollback;
