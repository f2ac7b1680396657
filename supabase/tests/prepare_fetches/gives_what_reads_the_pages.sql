begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.prepared(p_known_maps text) returns jsonb language sql as $$
  select prepare_fetches('00000000-0000-4000-8000-000000000001', '[{"host": "cars.test", "count": 1}]', 3000, '{https://cars.test/1}', p_known_maps)
$$;
insert into extraction_maps (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
values ('cars.test', '{cars.test}', 'template 1', 1, 'serving', 'manual', '{"map": 1}', '{vin}', 20, 20, 0, now());

select is(
  pg_temp.prepared('') -> 'maps', serving_extraction_maps(''),
  'who knows no maps gets those that serve with snapshots and slots');
select is(
  pg_temp.prepared(serving_extraction_maps('') ->> 'version') -> 'maps' -> 'maps', 'null'::jsonb,
  'who knows those that serve is told so, and no more');
select ok(
  jsonb_array_length(pg_temp.prepared('') -> 'snapshots') = 1 and jsonb_array_length(pg_temp.prepared('') -> 'slots') = 1,
  'snapshots and slots come as ever');
select ok(not pg_temp.prepared(null) ? 'maps', 'who does not ask gets none');
select is(
  (select jsonb_agg(k order by k) from jsonb_object_keys(
    prepare_fetches('00000000-0000-4000-8000-000000000001', '[]', 3000, '{}')) k),
  '["slots", "snapshots"]', 'the call of the last release gives what it gave');

select * from finish();
rollback;
