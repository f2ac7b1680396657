begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

insert into fill_cycles (cycle_id, slot, target) values ('now', date_bin('2 hours', now(), 'epoch'), 2000);
insert into vehicles (id, discovery_url) select ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'https://one.example/' || n from generate_series(1, 4) n;
select apply_extractions(jsonb_build_array(jsonb_build_object(
  'vehicle_id', id, 'outcome', 'ok', 'source_url', discovery_url, 'page_at', now(), 'method', 'general', 'scraper_version', 'v1.0.0',
  'facts', '{"color": {"value": "Red", "confidence": 0.55, "evidence": "e"}, "mileage": {"value": 5, "confidence": 0.55, "evidence": "e"}}'::jsonb)))
from vehicles;
select review_extraction(id, case when vehicle_id::text like '%1' then 'reject' else 'accept' end)
from extraction_metadata where field_name = 'color' and vehicle_id::text !~ '4$';
insert into source_comparisons (vehicle_id, field_name, host, other_host, agrees)
select id, 'color', 'two.example', 'one.example', id::text !~ '4$' from vehicles;
insert into source_comparisons (vehicle_id, field_name, host, other_host, agrees, compared_at)
select id, 'color', 'three.example', 'one.example', false, now() - interval '15 days' from vehicles;

select results_eq($$select reviewed, rejected, compared, disagreed from private.audits_of_fields(now() + interval '1 second') where field = 'color'$$,
  $$values (3::bigint, 1::bigint, 4::bigint, 1::bigint)$$, 'audits are the reviews and comparisons of 14 days');
select private.finish_quality_metrics('now', now() + interval '1 second');
select results_eq($$select accuracy, accuracy_sample_size from quality_metrics where field_name = 'color'$$,
  $$values (0.8182, 11)$$, 'two of eleven readings were wrong: one rejected, and one of two that disagree');
select is((select issues from quality_metrics where field_name = 'color'),
  array['persons found 1 of 3 readings wrong', 'sources disagree on 1 of 4 cars: select * from source_agreement'], 'it says so in words');
select is((select completeness from quality_metrics where field_name = 'color'), null, 'a field of which no vehicle came in has no completeness');
select is((select count(*) from quality_metrics where field_name = 'mileage'), 0::bigint, 'a field without audits and vehicles has no row');

select * from finish();
rollback;
