begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0');
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
create function pg_temp.review(p_confidence numeric, p_declared numeric, p_right integer, p_wrong integer) returns void language sql as $$
  insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, declared_confidence, validation_status, source_url, reading_way, reviewed_at)
  select '00000000-0000-4000-8000-000000000001', 'engine', gen_random_uuid()::text, 'a', p_confidence, p_declared, case when n <= p_right then 'superseded' else 'rejected' end,
    'https://a.example/1', 'labelled', now()
  from generate_series(1, p_right + p_wrong) n
$$;
select is((select count(*) from calibration_report), 0::bigint, 'without labels nothing is said');
select pg_temp.review(0.8, 0.95, 8, 2), pg_temp.review(0.55, null, 5, 5);
select results_eq($$select bin, n, mean_confidence, accepted, ece from calibration_report where confidences = 'declared'$$,
  $$values ('all', 20::bigint, 0.75, 0.65, 0.1), ('0.5 to 0.6', 10, 0.55, 0.5, 0.05), ('0.9 to 1.0', 10, 0.95, 0.8, 0.15)$$, 'what readers declare, by bin');
select results_eq($$select bin, n, mean_confidence, accepted, brier, ece from calibration_report where confidences = 'held' order by bin$$,
  $$values ('0.5 to 0.6', 10::bigint, 0.55, 0.5, 0.2525, 0.05), ('0.8 to 0.9', 10, 0.8, 0.8, 0.16, 0), ('all', 20, 0.675, 0.65, 0.2063, 0.025)$$, 'what is held');
select private.calibrate();
update calibrations set made_at = made_at - interval '1 hour';
select results_eq($$select confidences, n from calibration_report where bin = 'all' order by 1$$,
  $$values ('declared', 20::bigint), ('held', 20), ('shadow', 20)$$, 'and what a calibration says of the labels that came in since it was made');

select * from finish();
rollback;
