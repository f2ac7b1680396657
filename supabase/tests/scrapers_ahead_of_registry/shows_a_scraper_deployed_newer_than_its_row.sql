begin;
create extension if not exists pgtap with schema extensions;
select plan(2);

select sync_scrape_sources('[
  {"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test", "m.cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.1.0"},
  {"slug": "else_test", "name": "Else", "kind": "dealer", "hosts": ["else.test"], "scraper_name": "else_test_scraper", "scraper_version": "v1.0.0"},
  {"slug": "general", "name": "General", "kind": "general", "hosts": [], "scraper_name": "general_scraper", "scraper_version": "v1.0.0"}
]');

insert into scraper_versions (scraper_name, version, fields_affected, backfill_required) values ('ksl_test_scraper', 'v3.4.0', '{engine}', false), ('else_test_scraper', 'v1.0.0', '{vin}', false);

select results_eq($$select scraper_name, deployed_version, registered_version from scrapers_ahead_of_registry where scraper_name like '%test_scraper'$$,
  $$select null::text, null::text, null::text limit 0$$, 'a scraper whose newest version is registered is not ahead of the registry');
select sync_scrape_sources('[{"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.10.0"}]');
select results_eq($$select scraper_name, deployed_version, registered_version from scrapers_ahead_of_registry where scraper_name like '%test_scraper'$$,
  $$values ('ksl_test_scraper', 'v3.10.0', 'v3.4.0')$$, 'a scraper that is deployed newer than its newest row is ahead of the registry');

select * from finish();
rollback;
