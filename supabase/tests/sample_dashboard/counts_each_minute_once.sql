begin;
create extension if not exists pgtap with schema extensions;
select plan(12);

-- Its clock is now(); what came in is put where it would have been counted.
create function pg_temp.minute(p_back integer) returns timestamptz language sql as $$
  select date_trunc('minute', now()) - p_back * interval '1 minute'
$$;
create function pg_temp.value(p_series text, p_step text, p_subject text default '') returns double precision language sql as $$
  select sum(value) from dashboard_samples where series = p_series and step = p_step and subject = p_subject
$$;
-- An hour is counted in one go: from half an hour ago on.
insert into dashboard_parts (part, counted_to)
select p, pg_temp.minute(30) from unnest('{vehicles,listings,requests,files,invocations,work}'::text[]) p;

insert into scraping_health (source, host, url, outcome, status, ms, bytes, created_at)
values
  ('a', 'a.example', 'https://a.example/1', 'ok', 200, 10, 1000, pg_temp.minute(20)),
  ('a', 'a.example', 'https://a.example/2', 'blocked', 403, 10, 10, pg_temp.minute(20) + interval '59 seconds'),
  ('b', 'b.example', 'https://b.example/1', 'timeout', null, 10, 0, pg_temp.minute(10)),
  ('b', 'b.example', 'https://b.example/2', 'ok', 200, 10, 500, now());
select set_config('vehicles.writer', 'import', true); -- as a page would
insert into vehicles (discovery_url, year, make, model, created_at, field_state)
values ('https://a.example/1', 1990, 'BMW', 'M3', pg_temp.minute(20), '{"year": {"method": "page"}, "make": {"method": "page"}, "model": {"method": "page"}}');
select set_config('vehicles.writer', '', true);
select private.sample_dashboard();

select is(pg_temp.value('requests', 'minute'), 3::double precision, 'requests are counted by the minute, but for those of this minute and the last');
select is(pg_temp.value('requests', 'hour'), 3::double precision, 'and by the hour');
select is(pg_temp.value('requests', 'day', 'a.example'), 2::double precision, 'and by the day and host');
select is((select count(*) from dashboard_samples where series = 'requests' and step = 'minute'), 29::bigint, 'a minute in which nothing was asked has a row, and says 0');
select is((select count(*) from dashboard_samples where step = 'minute' and subject like '%.example'), 0::bigint, 'sites have no rows a minute');
select is(array[pg_temp.value('requests_served', 'day'), pg_temp.value('requests_refused', 'day'), pg_temp.value('requests_failed', 'day'), pg_temp.value('bytes_fetched', 'day')],
  array[1, 1, 1, 1010]::double precision[], 'how they were answered, and their bytes');
select is(pg_temp.value('vehicles_added', 'day', 'a.example'), 1::double precision, 'a vehicle is counted for the site that gave it');

update dashboard_parts set next_at = '-infinity';
select private.sample_dashboard();
select is(pg_temp.value('requests', 'day'), 3::double precision, 'a second run counts nothing twice');
select is((select count(*) from dashboard_samples where series = 'queue_due' and step = 'minute'), (select count(*) from private.queues), 'what stands somewhere has one row a queue and minute');

-- A part that breaks.
alter table fill_policy rename to fill_policy_gone;
update dashboard_parts set next_at = '-infinity', state = '{"kept": true}' where part = 'cycle';
select private.sample_dashboard();
select results_eq($$select state, error_message ~ 'fill_policy' from dashboard_parts where part = 'cycle'$$, $$values ('{"kept": true}'::jsonb, true)$$,
  'a part that cannot be measured keeps what was measured last, and says why');
select is((select error_message from dashboard_parts where part = 'queues'), null, 'and takes no other part with it');

-- Retention.
insert into dashboard_samples (series, step, at, value)
values ('requests', 'minute', date_trunc('minute', now()) - interval '3 days', 1), ('requests', 'hour', date_trunc('hour', now()) - interval '61 days', 1),
  ('requests', 'day', date_trunc('day', now(), 'UTC') - interval '400 days', 1);
select private.prune_dashboard_samples();
select results_eq($$select step, count(*) from dashboard_samples where at < now() - interval '2 days 1 hour' group by step$$, $$values ('day', 1::bigint)$$,
  'minutes are kept for two days, hours for sixty, days for ever');

select * from finish();
rollback;
