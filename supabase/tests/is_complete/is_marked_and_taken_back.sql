begin;
create extension if not exists pgtap with schema extensions;
select plan(25);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, sale_status, mileage, color, engine, transmission)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 'sold', 1, 'Red', 'e', 't');
create function pg_temp.mark() returns jsonb language sql as $$
  select jsonb_strip_nulls(jsonb_build_object('complete', origin_metadata -> 'micro_scrape_complete', 'at', origin_metadata -> 'micro_scrape_completed_at'))
  from vehicles
$$;
create function pg_temp.state() returns text language sql as $$ select state from micro_scrape_state $$;

select is((select overall_score from vehicle_quality_scores), 70.0, 'without description and images: 70');
select is(pg_temp.mark(), '{}', 'a vehicle that was never complete carries no mark');
update vehicles set description = 'It runs.';
select is((select overall_score from vehicle_quality_scores), 85.0, '85 points');
select is(pg_temp.mark(), jsonb_build_object('complete', true, 'at', now()), 'are complete: marked, with the time');
select is(pg_temp.state(), 'complete', 'and not checked any more');
select is(claim_micro_scrape(), '[]', 'not by a claim');
select is((select count(*) from vehicles_needing_micro_scrape), 0::bigint, 'nor listed as needing it');
select is(jsonb_array_length(claim_micro_scrape(5, array['00000000-0000-4000-8000-000000000001']::uuid[])), 1, 'unless it is asked for by name');
select is(release_micro_scrape((select jsonb_build_array(jsonb_build_object('vehicle_id', vehicle_id, 'lease_token', lease_token)) from micro_scrape_state)), 1, 'handed back');
select is(pg_temp.state(), 'complete', 'it is complete as before');

update vehicles set color = null;
select is((select overall_score from vehicle_quality_scores), 82.5, '82.5 points');
select is(pg_temp.mark(), '{"complete": false}', 'take the mark back, and its time');
select is(pg_temp.state(), 'due', 'and the vehicle is due');
update vehicles set color = 'Blue';
select is(pg_temp.state(), 'complete', 'until the gap is closed');

-- Present, and not live.
update vehicles set sale_status = 'live', high_bid = 28000;
select is((select overall_score from vehicle_quality_scores), 85.0, 'a live auction may have all points');
select is(pg_temp.mark(), '{"complete": false}', 'and is not complete');
update vehicles set sale_status = 'sold';
select is(pg_temp.mark() -> 'complete', 'true', 'before it is over');
insert into vehicle_images (vehicle_id, content_hash, image_url, storage_path, mime_type, bytes, width, height, position)
values ('00000000-0000-4000-8000-000000000001', md5('a') || md5('b'), 'https://i.example/1', md5('a') || md5('b'), 'image/jpeg', 1, 1, 1, 0);
select is((select overall_score from vehicle_quality_scores), 100.0, 'everything: 100');
update vehicles set model = null;
select is((select overall_score from vehicle_quality_scores), 90.0, '90 points without a model');
select is(pg_temp.mark(), '{"complete": false}', 'are not complete: year, make and model must be there');
select is(pg_temp.state(), 'due', 'the vehicle is due');

-- The boundary itself, which no sum of points can reach from below.
select results_eq(
  $$select private.is_complete(v, 84.9), private.is_complete(v, 85) from (select (jsonb_populate_record(v, '{"model": "M3"}')).* from vehicles v) v$$,
  $$values (false, true)$$, '84.9 is not complete, 85 is');

-- The mark is only ever merged into what is there.
update vehicles set origin_metadata = origin_metadata || '{"import": {"batch": 7}}', model = 'M3';
select results_eq(
  $$select origin_metadata -> 'import', origin_metadata -> 'source', origin_metadata -> 'micro_scrape_complete' from vehicles$$,
  $$values ('{"batch": 7}'::jsonb, '"a.example"'::jsonb, 'true'::jsonb)$$, 'the mark and what came with the import stand side by side');
update vehicles set origin_metadata = '{"micro_scrape_complete": "perhaps"}', model = null;
select is(pg_temp.mark() -> 'complete', '"perhaps"', 'nonsense in its place is no mark');
update vehicles set model = 'M3';
select is(pg_temp.mark() -> 'complete', 'true', 'and is replaced by one');

select * from finish();
rollback;
