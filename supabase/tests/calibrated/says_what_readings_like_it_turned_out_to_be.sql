begin;
create extension if not exists pgtap with schema extensions;
select plan(14);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
select 's' || n, 'S', 'dealer', array['s' || n || '.example'], 's', 'v1.0.0' from generate_series(1, 3) n;
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
create function pg_temp.review(p_source text, p_field text, p_way text, p_declared numeric, p_right integer, p_wrong integer, p_at timestamptz default now()) returns void language sql as $$
  insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status, source_url, reading_way, reviewed_at)
  select '00000000-0000-4000-8000-000000000001', p_field, gen_random_uuid()::text, 's', p_declared, case when n <= p_right then 'superseded' else 'rejected' end,
    'https://' || p_source || '.example/1', p_way, p_at
  from generate_series(1, p_right + p_wrong) n
$$;
create function pg_temp.now(p_source text, p_field text, p_way text, p_declared numeric) returns numeric language sql as $$
  select private.calibrated_by((select max(version) from calibrations), (select id from scrape_sources where slug = p_source), p_field, p_way, p_declared)
$$;
create function pg_temp.again() returns void language sql as $$
  delete from calibrations;
  select private.calibrate();
$$;

select is(private.calibrated((select id from scrape_sources where slug = 's1'), 'mileage', 'labelled', 0.95), 0.95, 'without a calibration a reading is as sure as its reader');
select pg_temp.review('s1', 'mileage', 'labelled', 0.9, 30, 10);
select pg_temp.again();
select is(pg_temp.now('s1', 'mileage', 'labelled', 0.9), 0.8, '(20 * 0.9 + 30) / (20 + 40): what was declared, and what was right');
select is(pg_temp.now('s2', 'mileage', 'labelled', 0.9), 0.8, 'of a source without reviews, what is known of the field and way');
select is(pg_temp.now('s1', 'mileage', 'structured', 0.9), 0.9, 'what is read in another way is as sure as ever');
select is(pg_temp.now('s1', 'mileage', 'labelled', 0.43), 0.43, 'and what was read with a doubt');
select is(private.calibrated((select id from scrape_sources where slug = 's1'), 'mileage', 'labelled', 0.9), 0.9, 'none of it holds while the calibration is in shadow');

delete from extraction_metadata;
select pg_temp.review('s1', 'mileage', 'labelled', 0.9, 30, 10, now() - interval '90 days');
select pg_temp.again();
select is(pg_temp.now('s1', 'mileage', 'labelled', 0.9), round((20 * 0.9 + 15) / (20 + 20), 3), 'after 90 days a review counts half');

delete from extraction_metadata;
select pg_temp.review('s1', 'color', 'prose', 0.5, 9, 1);
select pg_temp.again();
select is(pg_temp.now('s1', 'color', 'prose', 0.5), 0.599, 'few reviews make nothing count that did not');
select pg_temp.review('s1', 'color', 'prose', 0.5, 90, 10);
select pg_temp.again();
select cmp_ok(pg_temp.now('s1', 'color', 'prose', 0.5), '>', 0.8, 'many do: the lower bound is above it as well');

delete from extraction_metadata;
select pg_temp.review('s2', f, 'labelled', 0.95, 100, 4) from unnest(array['mileage', 'color', 'engine', 'model', 'trim']) f;
select pg_temp.review('s1', 'mileage', 'labelled', 0.95, 0, 50);
select pg_temp.again();
select cmp_ok(pg_temp.now('s1', 'mileage', 'labelled', 0.95), '<', 0.6, 'a source that lies at 0.95 falls under 0.6 within 50 audits');
select cmp_ok(pg_temp.now('s2', 'mileage', 'labelled', 0.95), '>', 0.85, 'and an honest one beside it does not');
select cmp_ok(pg_temp.now('s1', 'color', 'labelled', 0.95), '>', 0.75, 'one field alone does not condemn the others');

delete from extraction_metadata;
select pg_temp.review('s2', f, 'labelled', 0.95, 100, 4) from unnest(array['mileage', 'color', 'engine', 'model', 'trim']) f;
select pg_temp.review('s1', f, 'labelled', 0.95, 1, 9) from unnest(array['mileage', 'color', 'engine', 'model', 'trim']) f;
select pg_temp.again();
select results_eq(
  $$select count(*) filter (where pg_temp.now('s1', f, 'labelled', 0.95) < 0.6) from unnest(array['mileage', 'color', 'engine', 'model', 'trim', 'transmission']) f$$,
  'values (6::bigint)', 'fifty audits spread over its fields are enough too, also for a field that was not among them');
select cmp_ok(pg_temp.now('s3', 'mileage', 'labelled', 0.95), '>', 0.85, 'of a source that is new as much is believed as of the others');

select * from finish();
rollback;
