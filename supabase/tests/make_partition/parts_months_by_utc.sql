begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

set local timezone = 'Pacific/Auckland';
select private.make_partition('scraping_health', '2131-03-31T23:59:59Z');
insert into scraping_health (source, url, outcome, ms, created_at) values
  ('s', 'first', 'ok', 1, '2131-03-01T00:00:00Z'), ('s', 'last', 'ok', 1, '2131-03-31T23:59:59.999Z'), ('s', 'after', 'ok', 1, '2131-04-01T00:00:00Z');
select results_eq('select url from private.scraping_health_2131_03 order by created_at', $$values ('first'), ('last')$$, 'a month is one of UTC, whatever the time zone of the session');
set local timezone = 'UTC';
select results_eq(
  $$select from_at, until_at from private.partitions where partition_name = 'scraping_health_2131_03'$$,
  $$values ('2131-03-01T00:00:00Z'::timestamptz, '2131-04-01T00:00:00Z'::timestamptz)$$,
  'its bounds are read in any time zone');

select * from finish();
rollback;
