begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

select is(private.make_partitions('scraping_health'), 0, 'a database that was just made is missing no partition');
select set_has($$
  select from_at, until_at from private.partitions where table_name = 'scraping_health' and not is_default
$$, $$
  select date_trunc('month', now(), 'UTC') + n * interval '1 month' as from_at, date_trunc('month', now(), 'UTC') + (n + 1) * interval '1 month' as until_at
  from generate_series(1, 2) n
$$, 'the next two months have a partition each');
select ok(exists (
  select from private.partitions
  where table_name = 'scraping_health' and (from_at <= now() or from_at is null) and until_at > now()
), 'this month has a partition');
select is((select count(*) from private.partitions where table_name = 'scraping_health' and is_default), 1::bigint, 'one partition takes what no other does');

select is(private.make_partitions('scraping_health', now() + interval '1 month'), 1, 'a month later one more partition is made');
select is(private.make_partitions('scraping_health', now() + interval '1 month'), 0, 'a second call finds nothing to make');
select is(private.make_partitions('scraping_health', now() + interval '2 years'), 3, 'after two years in which nobody called, this month and the next two are made');

select * from finish();
rollback;
