begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

select private.make_partition('scraping_health', month) from unnest('{2131-03-01T00:00:00Z,2131-04-01T00:00:00Z,2131-05-01T00:00:00Z}'::timestamptz[]) month;
insert into scraping_health (source, url, outcome, ms, created_at)
select 's', 'u', 'ok', 1, day from generate_series('2131-03-01T00:00:00Z'::timestamptz, '2131-05-31T00:00:00Z', '1 day') day;
create function pg_temp.rows_left() returns bigint language sql return (select count(*) from public.scraping_health where created_at >= '2131-03-01');

select is(private.drop_old_partitions('scraping_health', now()), 0, 'nothing is dropped while nothing is old');
-- March is as a whole older than sixty days on 31 May.
select ok(private.drop_old_partitions('scraping_health', '2131-05-30T23:59:59Z') >= 2, 'months of years ago are dropped');
select is(pg_temp.rows_left(), 92::bigint, 'a month whose last row is younger than sixty days is kept as a whole');
select is(private.drop_old_partitions('scraping_health', '2131-05-31T00:00:00Z'), 1, 'it is dropped when its last row is sixty days old');
select is(pg_temp.rows_left(), 61::bigint, 'its rows are gone, and no others');

update private.partitioned_tables set kept = '1 day' where table_name = 'scraping_health';
select is(private.drop_old_partitions('scraping_health', '2131-05-31T00:00:00Z'), 1, 'an operator who keeps less has the next month dropped');
select ok(exists (select from private.partitions where table_name = 'scraping_health' and is_default), 'the default partition is never dropped');

select * from finish();
rollback;
