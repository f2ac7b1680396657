begin;
create extension if not exists pgtap with schema extensions;
select plan(5);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.rest() returns void language sql as $$
  update micro_scrape_state set state = 'exhausted', no_gain_passes = 6, extraction_hash = 'h', last_scraper = 'a_scraper', last_scraper_version = 'v1.9.0', lease_token = null, lease_expires_at = null
$$;
create function pg_temp.state() returns text language sql as $$ select state || ' ' || no_gain_passes || ' ' || coalesce(extraction_hash, '-') from micro_scrape_state $$;
-- By hand.
select pg_temp.rest();

select is(reopen_micro_scrape(array[pg_temp.id(1), pg_temp.id(2)]), 1, 'reopen_micro_scrape() reopens the vehicles that there are, and passes over unknown ids');
select is(pg_temp.state(), 'due 0 h', 'a vehicle that is reopened is due with no passes counted');
select pg_temp.rest();
select is(jsonb_array_length(claim_micro_scrape(5, array[pg_temp.id(1)])), 1, 'a resting vehicle is claimed when it is named');
select is(reopen_micro_scrape(array[pg_temp.id(1)]), 0, 'a vehicle that a run holds is not reopened');
update micro_scrape_state set lease_expires_at = now() + interval '1 minute';
select is(claim_micro_scrape(5, array[pg_temp.id(1)]), '[]', 'a vehicle that a run holds is not claimed by another one that names it');

select * from finish();
rollback;
