begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into public.scraping_health (source, url, outcome, ms, created_at)
select 's', 'u', 'ok', 1, now() - n * interval '1 day'
from generate_series(1, 100) as n;

select is(private.prune_scraping_health('60 days', 30), 30, 'a call forgets as many old attempts as it is told to');
select is(private.prune_scraping_health('60 days', 30), 10, 'the next call forgets the rest of the old attempts');
select is(private.prune_scraping_health('60 days', 30), 0, 'a call without old attempts forgets none');
select is((select count(*) from public.scraping_health), 60::bigint, 'attempts younger than the limit are kept');

select * from finish();
rollback;
