-- 40,000 readings of which is known how many are right, and 5,000 answers: most of what looked unsure, some drawn for the audit.
begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

set local vehicles.writer = 'import';
select setseed(0.15);
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
select 's' || n, 'S', 'dealer', array['s' || n || '.example'], 's', 'v1.0.0' from generate_series(1, 8) n;
insert into vehicles (id) values ('00000000-0000-4000-8000-000000000001');

-- The truth: readers believe themselves too much where there is prose, too little where they doubt; sites and fields differ.
create temp table truth as
select
  n, s.source, f.field, w.way, w.declared,
  now() - interval '20 weeks' + n * interval '20 weeks' / 40000 as at,
  least(0.99, w.rate - s.source * 0.01 + case f.field when 'color' then -0.06 when 'engine' then -0.03 else 0.02 end) as rate
from generate_series(1, 40000) n
cross join lateral (select 1 + floor(random() * 8 + 0 * n)::integer as source) s
cross join lateral (select (array['mileage', 'color', 'engine', 'transmission', 'model', 'trim'])[1 + floor(random() * 6 + 0 * n)::integer] as field) f
cross join lateral (select floor(random() * 100 + 0 * n)::integer as dice) d
join (values
  (0, 39, 'labelled', 0.95, 0.96), (40, 44, 'labelled', 0.427, 0.62), (45, 64, 'structured', 0.92, 0.88), (65, 69, 'structured', 0.782, 0.7),
  (70, 84, 'title', 0.92, 0.93), (85, 94, 'prose', 0.6, 0.45), (95, 99, 'prose', 0.51, 0.35)
) w(from_dice, to_dice, way, declared, rate) on d.dice between w.from_dice and w.to_dice;

insert into extraction_metadata (vehicle_id, field_name, field_value, extraction_method, scraper_version, confidence_score, validation_status, source_url, extracted_at, last_confirmed_at, reading_way)
select '00000000-0000-4000-8000-000000000001', field, n::text, 's', 'v1', declared, 'accepted', 'https://s' || source || '.example/' || n, at, at, way from truth order by n;
analyze truth;
analyze extraction_metadata;
create temp table reading as
select m.id, t.*, random() < t.rate as is_right from truth t join extraction_metadata m on m.field_value = t.n::text and m.field_name = t.field;
create index on reading (id);
analyze reading;
analyze extraction_metadata;

create function pg_temp.ece(p_version integer) returns numeric language sql as $$
  with kinds as materialized (
    select s.id, r.field, r.way, r.declared, sum(r.rate) as rate, count(*) as readings
    from reading r join scrape_sources s on s.slug = 's' || r.source
    group by 1, 2, 3, 4
  ),
  said as (
    select k.*, coalesce(private.calibrated_by(p_version, k.id, k.field, k.way, k.declared), k.declared) as p from kinds k
  )
  select round(sum(abs(gap)) / sum(readings), 4)
  from (select sum(p * readings - rate) as gap, sum(readings) as readings from said group by least(floor(p * 10), 9)) b
$$;
select cmp_ok(pg_temp.ece(null), '>', 0.03::numeric, 'what readers declare is not what they are worth');
select is(private.calibrate(), '{"judged": null, "made": null}', 'without labels nothing is calibrated');

-- Three thousand for the audit, 150 a week, and two thousand that persons looked at because they were unsure.
select is(sum(private.draw_audit_sample(150, now() - w * interval '7 days')), 3000::bigint, 'so many readings a week are drawn as are asked for') from generate_series(0, 19) w;
update extraction_metadata m
set reviewed_at = least(a.drawn_at + interval '1 day', now()), validation_status = case when r.is_right then 'superseded' else 'rejected' end
from audit_readings a, reading r where a.extraction_id = m.id and r.id = m.id;
update extraction_metadata m
set reviewed_at = m.extracted_at, validation_status = case when r.is_right then 'superseded' else 'rejected' end
from reading r
where r.id = m.id and m.id in (
  select id from extraction_metadata where reviewed_at is null and validation_status = 'accepted'
  order by confidence_score + 0.6 * random() limit 2000);
select is((select count(*) from extraction_metadata where reviewed_at is not null), 5000::bigint, 'five thousand readings have been looked at');
create temp table clock as select clock_timestamp() as at;
select isnt(private.calibrate() ->> 'made', null, 'a calibration is made of them');
select diag('ece declared ' || pg_temp.ece(null) || ', calibrated ' || pg_temp.ece((select max(version) from calibrations)) || ', took ' || (clock_timestamp() - (select at from clock)));
select cmp_ok(pg_temp.ece((select max(version) from calibrations)), '<', 0.02::numeric, 'after it the expected calibration error is under 0.02, on all readings');

select * from finish();
rollback;
