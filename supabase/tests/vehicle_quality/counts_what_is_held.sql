-- The score of docs/architecture.md, row by row.
begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

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

select is(pg_temp.worth('{"year": 1990}'), 10.0, 'a year is worth 10 points');
select is(pg_temp.worth('{"make": "BMW"}'), 10.0, 'a make is worth 10 points');
select is(pg_temp.worth('{"model": "M3"}'), 10.0, 'a model is worth 10 points');
select is(pg_temp.worth('{"vin": "WBSBA91070AE84214"}'), 15.0, 'a VIN is worth 15 points');
select is(pg_temp.worth('{"description": "It runs."}'), 15.0, 'a description is worth 15 points');
select is(pg_temp.worth('{"mileage": 0}'), 2.5, 'a mileage is worth 2.5 points, also one of 0');
select is(pg_temp.worth('{"color": "Red"}'), 2.5, 'a color is worth 2.5 points');
select is(pg_temp.worth('{"engine": "2.3 l"}'), 2.5, 'an engine is worth 2.5 points');
select is(pg_temp.worth('{"transmission": "manual"}'), 2.5, 'a transmission is worth 2.5 points');
select is(pg_temp.worth('{"trim": "Sport", "interior_color": "Black", "drivetrain": "RWD", "body_style": "coupe", "seller_name": "lesly",
  "location": "Reno", "currency": "USD", "sale_date": "2026-01-01"}'), 0.0, 'trim, interior color, drivetrain, body style, seller, location, currency and sale date are worth no points');

-- Images.
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
create function pg_temp.add_image(p_vehicle uuid, n integer) returns void language sql as $$
  insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
  values (p_vehicle, lpad(n::text, 64, '0'), 'https://i.example/' || n, lpad(n::text, 64, '0') || '.jpg', 'image/jpeg', 1, 1, 1, n)
$$;
select pg_temp.add_image('00000000-0000-4000-8000-000000000001', 1);
select is((select overall_score from vehicle_quality_scores where vehicle_id = '00000000-0000-4000-8000-000000000001'), 15.0, 'one image is worth 15 points');
select pg_temp.add_image('00000000-0000-4000-8000-000000000001', 2);
select is((select overall_score from vehicle_quality_scores where vehicle_id = '00000000-0000-4000-8000-000000000001'), 15.0, 'two images are worth no more than one');
select is(pg_temp.worth('{"origin_metadata": {"image_urls": ["https://i.example/1"], "image_count": 1}}'), 0.0, 'the URL of an image is worth no points');
select is(pg_temp.worth('{"year": 1990, "make": "BMW", "model": "M3", "vin": "WBSBA91070AE84214", "sale_price": 1, "description": "d",
  "mileage": 1, "color": "c", "engine": "e", "transmission": "t"}'), 85.0, 'a vehicle with all fields and no images scores 85');

select * from finish();
rollback;
