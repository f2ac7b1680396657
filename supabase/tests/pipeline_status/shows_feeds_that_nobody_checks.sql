begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

insert into listing_feeds (id, url, check_interval)
values ('00000000-0000-4000-8000-000000000001', 'https://www.cars.example/new/?utm_source=x', '30 minutes');
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version)
values ('cars_example', 'Cars', 'auction', '{cars.example}', 'cars_scraper', 'v1.0.0');
update listing_feeds set source = 'cars_example', next_check_at = now() - interval '2 hours';

select is((select state from pipeline_status where part = 'listing_feeds'), 'stuck', 'pipeline_status calls listing_feeds stuck when a feed is two hours overdue');
update scrape_sources set is_active = false where slug = 'cars_example';
select is((select state from pipeline_status where part = 'listing_feeds'), 'off', 'pipeline_status calls listing_feeds off when the site of the only feed is switched off');

select * from finish();
rollback;
