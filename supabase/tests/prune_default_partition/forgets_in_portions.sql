begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

-- As after half a year: what is written then of ninety days ago has no month any more.
select private.drop_old_partitions('scraping_health', now() + interval '6 months');
insert into scraping_health (source, url, outcome, ms, created_at)
select 's', 'u', 'ok', 1, now() - n * interval '1 day'
from generate_series(1, 100) n;

select is(private.prune_default_partition('scraping_health', now(), 30), 30, 'a call forgets as many old rows as it is told to');
select is(private.prune_default_partition('scraping_health', now(), 30), 10, 'the next call forgets the rest of the old rows');
select is(private.prune_default_partition('scraping_health', now(), 30), 0, 'a call without old rows forgets none');
select is((select count(*) from scraping_health where created_at < now()), 60::bigint, 'rows younger than the limit are kept');

select * from finish();
rollback;
