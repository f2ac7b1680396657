begin;
create extension if not exists pgtap with schema extensions;
select plan(1);

select throws_ok($$select sync_scrape_sources('[{"slug": "b", "name": "B", "kind": "auction", "hosts": [], "scraper_name": "b", "scraper_version": "1.0"}]')$$, '23514', null, 'a scraper whose version is not of the form v1.2.3 is refused');

select * from finish();
rollback;
