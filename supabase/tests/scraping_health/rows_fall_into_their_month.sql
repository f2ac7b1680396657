begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

insert into scraping_health (source, url, outcome, ms) values ('s', 'now', 'ok', 1);
insert into scraping_health (source, url, outcome, ms, created_at)
select 's', 'next', 'ok', 1, date_trunc('month', now(), 'UTC') + interval '1 month';
insert into scraping_health (source, url, outcome, ms, created_at) values ('s', 'in ten years', 'ok', 1, now() + interval '10 years');

select ok((
  select coalesce(p.from_at, '-infinity') <= now() and p.until_at > now()
  from scraping_health h join private.partitions p on format('private.%I', p.partition_name)::regclass = h.tableoid
  where h.url = 'now'
), 'an attempt of now is in the partition of this month');
select is(
  (select tableoid::regclass::text from scraping_health where url = 'next'),
  'private.scraping_health_' || to_char(date_trunc('month', now() at time zone 'UTC') + interval '1 month', 'YYYY_MM'),
  'an attempt of next month is in the partition of that month');
select is((select tableoid::regclass::text from scraping_health where url = 'in ten years'), 'private.scraping_health_default', 'an attempt of a month that was not made is not refused');

select * from finish();
rollback;
