begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

select private.add_samples(jsonb_build_array(
  jsonb_build_object('series', 'requests', 'subject', '', 'at', pg_temp.day(0), 'value', 10, 'by_minute', true),
  jsonb_build_object('series', 'requests', 'subject', '', 'at', pg_temp.day(0) + interval '1 minute', 'value', 20, 'by_minute', true),
  jsonb_build_object('series', 'queue_due', 'subject', 'import_queue', 'at', pg_temp.day(0), 'value', 10, 'by_minute', true, 'is_gauge', true)));
select private.add_samples(jsonb_build_array(
  jsonb_build_object('series', 'requests', 'subject', '', 'at', pg_temp.day(0) + interval '1 hour', 'value', 5, 'by_minute', true),
  jsonb_build_object('series', 'queue_due', 'subject', 'import_queue', 'at', pg_temp.day(0) + interval '1 minute', 'value', 40, 'by_minute', true, 'is_gauge', true)));
select results_eq($$select step, value from dashboard_samples where series = 'requests' order by step, at$$,
  $$values ('day', 35::double precision), ('hour', 30), ('hour', 5), ('minute', 10), ('minute', 20), ('minute', 5)$$, 'what is counted is the sum of its minutes');
select results_eq($$select step, value, samples from dashboard_samples where series = 'queue_due' order by step, at$$,
  $$values ('day', 25::double precision, 2), ('hour', 25, 2), ('minute', 10, 1), ('minute', 40, 1)$$, 'what stands somewhere is the mean of its minutes');
select throws_ok($$insert into dashboard_samples (series, step, at, value) values ('requests', 'hour', '2026-01-01 00:30+00', 1)$$, '23514', null, 'a step begins on its full hour');
select throws_ok($$insert into dashboard_samples (series, step, at, value) values ('nope', 'hour', '2026-01-01 00:00+00', 1)$$, '23514', null, 'a series has a name that is known');

select * from finish();
rollback;
