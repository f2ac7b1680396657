begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

select is(serving_extraction_maps(), '{"version": "none", "maps": []}', 'without maps there is nothing to load');
select is(serving_extraction_maps('none'), '{"version": "none", "maps": null}', 'and who knows that gets nothing');
insert into extraction_maps (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
select 'cars.test', '{cars.test}', 'template 1', n, s, 'manual', '{"map": 1}', '{vin}', 20, 20, 0, now() from unnest(array['draft', 'shadow', 'serving']) with ordinality t(s, n);
select is(serving_extraction_maps('none') -> 'maps' -> 0 ->> 'version', '3', 'one that serves is loaded');
select is(jsonb_array_length(serving_extraction_maps('none') -> 'maps'), 1, 'drafts and shadows are not');
select is(serving_extraction_maps(serving_extraction_maps() ->> 'version') -> 'maps', 'null'::jsonb, 'and only once');

select * from finish();
rollback;
