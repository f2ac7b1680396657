begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

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

select is(pg_temp.worth('{"sale_status": "sold", "sale_price": 28000}'), 15.0, 'the sale price of a sold vehicle is worth 15 points');
select is(pg_temp.worth('{"sale_status": "sold", "high_bid": 28000}'), 0.0, 'the high bid of a sold vehicle is worth no points');
select is(pg_temp.worth('{"sale_status": "bid_to", "high_bid": 28000}'), 15.0, 'the high bid of a vehicle that was bid to is worth 15 points');
select is(pg_temp.worth('{"sale_status": "bid_to", "sale_price": 28000}'), 0.0, 'a sale price of a vehicle that was bid to is worth no points');
select is(pg_temp.missing(), array['year', 'make', 'model', 'vin', 'high_bid', 'description', 'images', 'mileage', 'color', 'engine', 'transmission'],
  'a vehicle that was bid to misses its high bid and no sale price');
select is(pg_temp.worth('{"sale_status": "no_sale", "high_bid": 28000}'), 15.0, 'the high bid of a vehicle that was not sold is worth 15 points');
select is(pg_temp.worth('{"sale_status": "withdrawn", "high_bid": 28000}'), 15.0, 'the high bid of a vehicle that was withdrawn is worth 15 points');
select is(pg_temp.worth('{"sale_status": "live", "high_bid": 28000}'), 15.0, 'the high bid of a live auction is worth 15 points');
select is(pg_temp.worth('{"sale_status": "for_sale", "asking_price": 28000}'), 15.0, 'the asking price of a vehicle for sale is worth 15 points');
select is(pg_temp.worth('{"sale_status": "for_sale", "sale_price": 28000}'), 0.0, 'a sale price of a vehicle for sale is worth no points');
select is(pg_temp.worth('{"sale_price": 28000}'), 15.0, 'the sale price of a vehicle without a sale status is worth 15 points');
select is(pg_temp.worth('{"asking_price": 28000}'), 15.0, 'the asking price of a vehicle without a sale status is worth 15 points');
select is(pg_temp.worth('{"sale_status": "unknown", "high_bid": 28000}'), 0.0, 'the high bid of a vehicle of unknown sale status is worth no points');
select is(pg_temp.missing() @> array['sale_price'], true, 'a vehicle of unknown sale status misses its sale price');
select is(pg_temp.worth('{"high_bid": 1, "sale_status": "bid_to", "field_state": {"high_bid": {"confidence": 0.3}, "sale_price": {"confidence": 1}}}'), 0.0,
  'an unsure high bid is worth no points, however sure the sale price is');

select * from finish();
rollback;
