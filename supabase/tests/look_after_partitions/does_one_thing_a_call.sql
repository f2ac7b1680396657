begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

-- As if this database had been left alone since the year 2000, and a month to come were missing.
delete from private.partitioned_tables where table_name <> 'scraping_health';
select private.drop_old_partitions('scraping_health', now() + interval '1 year');
select private.make_partition('scraping_health', month)
from unnest(array['2000-01-15', now(), now() + interval '1 month']::timestamptz[]) month;
create function pg_temp.partitions() returns bigint language sql return (select count(*) from private.partitions);
create temp table before as select pg_temp.partitions() as count;

select lives_ok('select private.look_after_partitions()', 'the first call makes what is missing');
select is(pg_temp.partitions(), (select count + 1 from before), 'and drops nothing yet');
select lives_ok('select private.look_after_partitions()', 'the second call drops what is old');
select is(pg_temp.partitions(), (select count from before), 'and only that');
select is((select count(*) from private.partitions where until_at < '2001-01-01'), 0::bigint, 'the month of the year 2000 is gone');

select * from finish();
rollback;
