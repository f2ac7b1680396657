begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.rest() returns void language sql as $$
  update micro_scrape_state set state = 'exhausted', no_gain_passes = 6, extraction_hash = 'h', last_scraper = 'a_scraper', last_scraper_version = 'v1.9.0', lease_token = null, lease_expires_at = null
$$;
create function pg_temp.state() returns text language sql as $$ select state || ' ' || no_gain_passes || ' ' || coalesce(extraction_hash, '-') from micro_scrape_state $$;

select is(sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.9.0"}]'), 1, 'sync_scrape_sources() counts the scraper that is new');
select pg_temp.rest();
select private.invoke_micro_scrape();
select is(pg_temp.state(), 'exhausted 6 h', 'the version that read a resting vehicle does not reopen it');
select is(sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.9.0"}]'), 0, 'sync_scrape_sources() with what it has changes nothing');
select sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.8.9"}]'), private.invoke_micro_scrape();
select is(pg_temp.state(), 'exhausted 6 h', 'an older version of the scraper does not reopen a resting vehicle');
select sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.10.0"}]'), private.invoke_micro_scrape();
select is(pg_temp.state(), 'due 0 h', 'a newer version of the scraper reopens a resting vehicle: v1.10.0 after v1.9.0');
update micro_scrape_state set state = 'exhausted', no_gain_passes = 6;
select private.invoke_micro_scrape();
select is(pg_temp.state(), 'exhausted 6 h', 'a version reopens a vehicle once, also when the page was not read since');

select * from finish();
rollback;
