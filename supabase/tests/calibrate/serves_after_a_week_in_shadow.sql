begin;
create extension if not exists pgtap with schema extensions;
select plan(15);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values ('a', 'A', 'dealer', '{a.example}', 'a', 'v1.0.0');
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://a.example/1'), ('00000000-0000-4000-8000-000000000002', 'https://a.example/2');
create function pg_temp.review(p_right integer, p_wrong integer) returns void language sql as $$
  insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status, source_url, reading_way, reviewed_at)
  select '00000000-0000-4000-8000-000000000001', 'engine', gen_random_uuid()::text, 'a', 0.95, case when n <= p_right then 'superseded' else 'rejected' end,
    'https://a.example/1', 'labelled', now()
  from generate_series(1, p_right + p_wrong) n
$$;
create function pg_temp.a_week_later() returns void language sql as $$
  update calibrations set made_at = made_at - interval '7 days';
  update extraction_metadata set reviewed_at = reviewed_at - interval '7 days' where reviewed_at is not null;
$$;
create function pg_temp.read(n integer, p_field text, p_value text, p_way text default 'labelled') returns text language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', ('00000000-0000-4000-8000-00000000000' || n)::uuid, 'outcome', 'ok',
    'source_url', 'https://a.example/' || n, 'method', 'a', 'scraper_version', 'v1.0.0',
    'facts', jsonb_build_object(p_field, jsonb_build_object('value', p_value, 'confidence', 0.95, 'evidence', 'e', 'way', p_way))))) -> 0 ->> 'outcome'
$$;

select is(pg_temp.read(1, 'engine', 'V6'), 'ok', 'a reading says in which way it was read');
select results_eq($$select reading_way, confidence_score, declared_confidence from extraction_metadata$$, $$values ('labelled', 0.950, null::numeric)$$, 'and so does its provenance');
select is(private.calibrate(), '{"judged": null, "made": null}', 'without labels no calibration is made');
select pg_temp.review(10, 30);
select isnt(private.calibrate() ->> 'made', null, 'with labels one is');
select results_eq('select status, labels_count from calibrations', $$values ('shadow', 40)$$, 'in shadow');
select is(private.calibrate(), '{"judged": null, "made": null}', 'where it stays for a week');
select pg_temp.a_week_later();
select is(private.calibrate() ->> 'judged', 'serving', 'and then serves');

select is(pg_temp.read(2, 'engine', 'V6'), 'ok', 'a new reading');
select results_eq($$select confidence_score, declared_confidence, calibration_version is not null from extraction_metadata where vehicle_id = '00000000-0000-4000-8000-000000000002'$$,
  $$values (0.483, 0.950, true)$$, 'is held as sure as those like it were right, with what its reader declared beside it');
select is((select field_state -> 'engine' ->> 'confidence' from vehicles where id = '00000000-0000-4000-8000-000000000001'), '0.95', 'what was held before is as it was');
select is(pg_temp.read(2, 'color', 'red', 'structured'), 'ok', 'a reading in a way of which nothing is known');
select is((select field_state -> 'color' ->> 'confidence' from vehicles where id = '00000000-0000-4000-8000-000000000002'), '0.95', 'is as sure as its reader');

-- The next one learned from labels that were chance.
update calibrations set made_at = made_at - interval '1 day';
select pg_temp.review(0, 1);
select is((private.calibrate() ->> 'made') is not null, true, 'new labels make the next one');
update calibration_rates r set n = 1000, accepted = 1000 from calibrations c where c.version = r.version and c.status = 'shadow' and r.field_name is not null;
select pg_temp.a_week_later();
select pg_temp.review(8, 22);
select is(private.calibrate() ->> 'judged', 'retired', 'one that is further from the labels of its week than what serves, never serves');
select matches((select why from calibrations where status = 'retired'), '^worse than version \d+ on the 30 labels', 'and says why');

select * from finish();
rollback;
