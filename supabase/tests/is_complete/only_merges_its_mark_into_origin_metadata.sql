begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into vehicles (id, discovery_url, year, make, model, vin, sale_price, sale_status, mileage, color, engine, transmission)
values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1', 1990, 'BMW', 'M3', 'WBSBA91070AE84214', 28000, 'sold', 1, 'Red', 'e', 't');
create function pg_temp.mark() returns jsonb language sql as $$
  select jsonb_strip_nulls(jsonb_build_object('complete', origin_metadata -> 'micro_scrape_complete', 'at', origin_metadata -> 'micro_scrape_completed_at'))
  from vehicles
$$;
update vehicles set description = 'It runs.';
update vehicles set origin_metadata = origin_metadata || '{"import": {"batch": 7}}', model = 'M3';

select results_eq(
  $$select origin_metadata -> 'import', origin_metadata -> 'source', origin_metadata -> 'micro_scrape_complete' from vehicles$$,
  $$values ('{"batch": 7}'::jsonb, '"a.example"'::jsonb, 'true'::jsonb)$$, 'the mark of a complete vehicle stands beside what came with the import');
update vehicles set origin_metadata = '{"micro_scrape_complete": "perhaps"}', model = null;
select is(pg_temp.mark() -> 'complete', '"perhaps"', 'a mark that is nonsense is left while the vehicle is not complete');
update vehicles set model = 'M3';
select is(pg_temp.mark() -> 'complete', 'true', 'a mark that is nonsense is replaced when the vehicle is complete');

select * from finish();
rollback;
