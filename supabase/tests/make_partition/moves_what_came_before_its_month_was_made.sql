begin;
create extension if not exists pgtap with schema extensions;
select plan(4);

insert into scraping_health (source, url, outcome, ms, created_at)
select 's', n::text, 'ok', 1, '2131-05-15T12:00:00Z'::timestamptz + (n - 2) * interval '1 month'
from generate_series(1, 3) n;
create temp table written as select * from scraping_health;

select is((select count(*) from private.scraping_health_default), 3::bigint, 'rows of months that nobody made are taken by the default partition');
select lives_ok($$select private.make_partition('scraping_health', '2131-05-31T23:59:59Z')$$, 'the month is made though the default partition holds rows of it');
select results_eq('select url from private.scraping_health_2131_05', $$values ('2')$$, 'the rows of the month are in its partition, and no others');
select results_eq('select * from scraping_health order by id', 'select * from written order by id', 'each row is as it was');

select * from finish();
rollback;
