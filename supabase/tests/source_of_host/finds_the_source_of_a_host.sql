begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version) values
  ('cars_test', 'Cars', 'classified', '{cars.test}', 'cars_scraper', 'v1.0.0'),
  ('b_cars_test', 'B', 'dealer', '{b.cars.test}', 'b_scraper', 'v1.0.0');
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, found_by) values
  ('found', 'Found', 'dealer', '{cars.test,other.test}', 'general_scraper', 'v1.0.0', 'page_link');
create function pg_temp.slug_of(p_host text) returns text language sql as
  $$select slug from public.scrape_sources where id = private.source_of_host(p_host)$$;

select is(pg_temp.slug_of('cars.test'), 'cars_test', 'the one with an adapter, where two name a host');
select is(pg_temp.slug_of('a.cars.test'), 'cars_test', 'a subdomain belongs to its domain');
select is(pg_temp.slug_of('b.cars.test'), 'b_cars_test', 'the longest name that fits');
select is(pg_temp.slug_of('other.test'), 'found', 'one that was found');
select is(pg_temp.slug_of('notcars.test'), null, 'a name that only ends alike is another host');
select is(pg_temp.slug_of(null), null, 'no host, no source');

select * from finish();
rollback;
