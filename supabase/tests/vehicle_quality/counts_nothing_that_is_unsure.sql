begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

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

select is(pg_temp.worth('{"mileage": 1, "field_state": {"mileage": {"confidence": 0.6}}}'), 2.5, 'a value of confidence 0.6 is worth its points');
select is(pg_temp.worth('{"mileage": 1, "field_state": {"mileage": {"confidence": 0.599}}}'), 0.0, 'a value of confidence 0.599 is worth no points');
select results_eq(
  $$select missing_fields @> array['mileage'], low_confidence_fields, 'low confidence: mileage' = any (issues)
    from vehicle_quality_scores where vehicle_id = (select id from last_one)$$,
  $$values (false, array['mileage'], true)$$, 'an unsure field is not missing but listed as low confidence');

select * from finish();
rollback;
