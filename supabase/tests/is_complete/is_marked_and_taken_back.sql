begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, sale_status, mileage, color, engine, transmission)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 'sold', 1, 'Red', 'e', 't');
create function pg_temp.mark() returns jsonb language sql as $$
  select jsonb_strip_nulls(jsonb_build_object('complete', origin_metadata -> 'micro_scrape_complete', 'at', origin_metadata -> 'micro_scrape_completed_at'))
  from vehicles
$$;
create function pg_temp.state() returns text language sql as $$ select state from micro_scrape_state $$;

select is((select overall_score from vehicle_quality_scores), 70.0, 'a vehicle without description and images scores 70');
select is(pg_temp.mark(), '{}', 'a vehicle that was never complete carries no mark');
update vehicles set description = 'It runs.';
select is((select overall_score from vehicle_quality_scores), 85.0, 'a vehicle with all but images scores 85');
select is(pg_temp.mark(), jsonb_build_object('complete', true, 'at', now()), 'a vehicle of 85 points is marked complete, with the time');
select is(pg_temp.state(), 'complete', 'a vehicle of 85 points is complete for the micro-scrape');
select is(claim_micro_scrape(), '[]', 'a complete vehicle is not claimed');
select is((select count(*) from vehicles_needing_micro_scrape), 0::bigint, 'a complete vehicle is not shown in vehicles_needing_micro_scrape');
select is(jsonb_array_length(claim_micro_scrape(5, array['00000000-0000-4000-8000-000000000001']::uuid[])), 1, 'a complete vehicle is claimed when it is named');
select is(release_micro_scrape((select jsonb_build_array(jsonb_build_object('vehicle_id', vehicle_id, 'lease_token', lease_token)) from micro_scrape_state)), 1, 'a complete vehicle that was claimed can be handed back');
select is(pg_temp.state(), 'complete', 'a complete vehicle that was handed back is complete');

update vehicles set color = null;
select is((select overall_score from vehicle_quality_scores), 82.5, 'a vehicle that loses its color scores 82.5');
select is(pg_temp.mark(), '{"complete": false}', 'a vehicle that falls under 85 points is marked as not complete, without a time');
select is(pg_temp.state(), 'due', 'a vehicle that falls under 85 points is due');
update vehicles set color = 'Blue';
select is(pg_temp.state(), 'complete', 'a vehicle that reaches 85 points again is complete');

select * from finish();
rollback;
