begin;
create extension if not exists pgtap with schema extensions;
select plan(15);
select sync_scrape_sources('[{"slug": "general", "name": "Any", "kind": "general", "hosts": [], "scraper_name": "general_scraper", "scraper_version": "v1.2.0"}]');

create temp table a as select add_source_candidate('HTTPS://WWW.Good-Cars.Test') as id;
select results_eq(
  $$select slug, name, kind, hosts, scraper_name, scraper_version, lifecycle, found_by, is_active, start_url from scrape_sources where id = (select id from a)$$,
  $$values ('good_cars_test', 'good-cars.test', 'dealer', '{good-cars.test}'::text[], 'general_scraper', 'v1.2.0', 'candidate', 'operator', true, null::text)$$,
  'a site that an operator names is a candidate that the general scraper reads');
select is((select id from a), add_source_candidate('https://good-cars.test/inventory/'), 'named again it is the same one');
select is((select start_url from scrape_sources where id = (select id from a)), 'https://good-cars.test/inventory/', 'a page of it is where its probe begins');
select results_eq(
  $$select from_lifecycle, to_lifecycle, reason, decided_by from source_lifecycle_events where source_id = (select id from a)$$,
  $$values (null::text, 'candidate', 'named by an operator', 'operator')$$, 'its beginning is an event');

select is(add_source_candidates('[{"url": "https://good-cars.test/x", "found_by": "page_link"}, {"url": "https://good.cars.test/", "found_by": "page_link", "reason": "linked"}]') ->> 'known', '1', 'what is known is counted');
select is((select count(*) from scrape_sources where hosts[1] in ('good-cars.test', 'good.cars.test')), 2::bigint, 'two hosts are two sources');
select isnt((select slug from scrape_sources where hosts[1] = 'good.cars.test'), 'good_cars_test', 'with a slug each, also where they would be spelt alike');
select is(add_source_candidates('[{"url": "https://sub.good-cars.test/", "found_by": "page_link"}]') -> 'added', '[]'::jsonb, 'a subdomain of a source is no other source');
select is(add_source_candidates('[]') ->> 'known', '0', 'nothing is nothing');

select reject_source('good-cars.test', 'not wanted');
select is((select id from a), add_source_candidate('https://good-cars.test/'), 'one that was rejected is found again');
select is((select lifecycle from scrape_sources where id = (select id from a)), 'rejected', 'and stays rejected');

-- The registry follows the code, and leaves alone how far a source is trusted.
update scrape_sources set lifecycle = 'degraded' where slug = 'general';
select is(sync_scrape_sources('[{"slug": "general", "name": "Any", "kind": "general", "hosts": [], "scraper_name": "general_scraper", "scraper_version": "v1.3.0"}]'), 1, 'the row of the code changed');
select results_eq(
  $$select slug, lifecycle, scraper_version from scrape_sources where slug in ('general', 'good_cars_test') order by slug$$,
  $$values ('general', 'degraded', 'v1.3.0'), ('good_cars_test', 'rejected', 'v1.3.0')$$,
  'a source that was found follows the version of its scraper; no lifecycle changed');
select is(private.deployed_version('general_scraper'), 'v1.3.0', 'the version that is deployed is the code''s');
select is(private.scraper_of_host('good-cars.test'), 'general_scraper', 'the general scraper reads it');

select * from finish();
rollback;
