begin;
create extension if not exists pgtap with schema extensions;
select plan(9);

insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');
create function pg_temp.add(n integer, p_site text, p_way text, p_confidence numeric, p_at timestamptz default now()) returns void language sql as $$
  insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, confidence_score, validation_status, source_url, reading_way, extracted_at)
  select '00000000-0000-4000-8000-000000000001', 'mileage', gen_random_uuid()::text, 'a', p_confidence, 'accepted', 'https://' || p_site || '.example/1', p_way, p_at
  from generate_series(1, n)
$$;
select pg_temp.add(2500, 'large', 'labelled', 0.95), pg_temp.add(400, 'large', 'prose', 0.5), pg_temp.add(100, 'small', 'labelled', 0.95);
select pg_temp.add(100, 'before', 'labelled', 0.95, now() - interval '8 days');
select pg_temp.add(100, 'silent', null, 0.95);

select is(private.draw_audit_sample(), 50, 'fifty readings are drawn');
select is(private.draw_audit_sample(), 0, 'once a week');
select results_eq($$select split_part(private.url_host(source_url), '.', 1), reading_way, count(*) > 0, min(probability) = max(probability)
    from audit_readings a join extraction_metadata m on m.id = a.extraction_id group by 1, 2 order by 1, 2$$,
  $$values ('large', 'labelled', true, true), ('large', 'prose', true, true), ('small', 'labelled', true, true)$$,
  'of each site and way, of this week, where the way is known');
select cmp_ok(abs((select sum(1 / probability) from audit_readings) - 3000), '<', 150::numeric, 'each stands for so many that together they are nearly all');
select cmp_ok((select count(*) from audit_readings a join extraction_metadata m on m.id = a.extraction_id where m.source_url like '%small%'), '>', 3::bigint,
  'a small site is drawn more often than by its size');
select is((select count(*) from audit_sample), 50::bigint, 'audit_sample shows them');
select matches((select what_to_do from audit_sample limit 1), $$^select review_extraction\(\d+, 'accept'\);$$, 'with what to type');
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000002');
update extraction_metadata set vehicle_id = '00000000-0000-4000-8000-000000000002' where id = (select id from audit_sample limit 1);
select review_extraction((select id from audit_sample where vehicle_id = '00000000-0000-4000-8000-000000000002'), 'reject', 'the page says otherwise');
select is((select count(*) from audit_sample), 49::bigint, 'and no longer once it was answered');
select is((select round(stands_for) from private.calibration_labels(now())), (select round(1 / probability) from audit_readings a join extraction_metadata m on m.id = a.extraction_id where m.reviewed_at is not null),
  'an answer counts for all for which it stands');

select * from finish();
rollback;
