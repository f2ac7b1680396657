begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into public.scraping_health (source, url, outcome, ms, created_at)
select 's', 'u', 'ok', 1, now() - n * interval '1 day'
from generate_series(1, 100) as n;

select is(private.prune_scraping_health('60 days', 30), 30, 'a call forgets a portion');
select is(private.prune_scraping_health('60 days', 30), 10, 'the next one the rest');
select is(private.prune_scraping_health('60 days', 30), 0, 'then there is nothing to forget');
select is((select count(*) from public.scraping_health), 60::bigint, 'what is younger stays');

select * from finish();
rollback;
