begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

select sync_scrape_sources('[
  {"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test", "m.cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.1.0"},
  {"slug": "else_test", "name": "Else", "kind": "dealer", "hosts": ["else.test"], "scraper_name": "else_test_scraper", "scraper_version": "v1.0.0"},
  {"slug": "general", "name": "General", "kind": "general", "hosts": [], "scraper_name": "general_scraper", "scraper_version": "v1.0.0"}
]');

select throws_ok($$select register_scraper_version('ksl_test_scraper', '3.2', '{vin}')$$, '22023', 'not a semantic version: "3.2"', 'a version with two numbers is refused as no semantic version');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1-beta', '{vin}')$$, '22023', null, 'a version with something behind its three numbers is refused');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vni}')$$, '22023', 'unknown field: "vni"', 'a field that there is not is refused by name');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{}')$$, '22023', null, 'a version without affected fields is refused');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 0)$$, '22023', 'priority must be from 1 (first) to 10 (last), not 0', 'a priority of 0 is refused');
select throws_ok($$select register_scraper_version('ksl_test_scraper', 'v3.2.1', '{vin}', 11)$$, '22023', null, 'a priority of 11 is refused');
select throws_ok($$select register_scraper_version('kls_scraper', 'v3.2.1', '{vin}')$$, '22023', 'unknown scraper: "kls_scraper"', 'an unknown scraper is refused by name, and does not stand for every vehicle');
select is((select count(*) from scraper_versions) + (select count(*) from backfill_queue), 0::bigint, 'a version that is refused leaves no row and queues nothing');

select * from finish();
rollback;
