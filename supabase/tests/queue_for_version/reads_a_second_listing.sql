-- A car that was found on one site and is offered on another, too.
begin;
create extension if not exists pgtap with schema extensions;
select plan(3);

select sync_scrape_sources('[
  {"slug": "ksl_test", "name": "KSL", "kind": "classified", "hosts": ["cars.test"], "scraper_name": "ksl_test_scraper", "scraper_version": "v3.1.0"},
  {"slug": "else_test", "name": "Else", "kind": "dealer", "hosts": ["else.test"], "scraper_name": "else_test_scraper", "scraper_version": "v1.0.0"}
]');
insert into vehicles (id, discovery_url) values ('00000000-0000-4000-8000-000000000001', 'https://else.test/1'), ('00000000-0000-4000-8000-000000000002', 'https://else.test/2');
insert into vehicle_listings (vehicle_id, listing_url, kind) values ('00000000-0000-4000-8000-000000000001', 'https://cars.test/9', 'classified');
insert into scraper_versions (scraper_name, version, fields_affected, backfill_required) values ('ksl_test_scraper', 'v3.4.0', '{engine}', false);
update scraper_versions set scan_finished_at = null, backfill_required = true where version = 'v3.4.0';

select is(private.queue_for_version((select id from scraper_versions where version = 'v3.4.0'), 10), 1, 'a version of the reader of its second site looks at it');
select results_eq('select vehicle_id, source_url from backfill_queue', $$values ('00000000-0000-4000-8000-000000000001'::uuid, 'https://cars.test/9')$$, 'and reads its listing there');
select is((select vehicles_of_scraper('ksl_test_scraper') #>> '{vehicles,0,url}'), 'https://cars.test/9', 'a replay, too');

select * from finish();
rollback;
