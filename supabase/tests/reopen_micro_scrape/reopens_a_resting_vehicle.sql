begin;
create extension if not exists pgtap with schema extensions;
select plan(20);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.rest() returns void language sql as $$
  update micro_scrape_state set state = 'exhausted', no_gain_passes = 6, extraction_hash = 'h', last_scraper = 'a_scraper', last_scraper_version = 'v1.9.0', lease_token = null, lease_expires_at = null
$$;
create function pg_temp.state() returns text language sql as $$ select state || ' ' || no_gain_passes || ' ' || coalesce(extraction_hash, '-') from micro_scrape_state $$;
create function pg_temp.other_run(p_hash text, p_outcome text default 'ok', p_request jsonb default null) returns text language sql as $$
  select apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'outcome', p_outcome, 'source_url', 'https://a.example/1', 'method', 's',
    'extraction_hash', p_hash, 'request', p_request))) -> 0 ->> 'status'
$$;

-- By hand.
select pg_temp.rest();
select is(reopen_micro_scrape(array[pg_temp.id(1), pg_temp.id(2)]), 1, 'a person reopens it; ids that are unknown are passed over');
select is(pg_temp.state(), 'due 0 h', 'it is due, all waits before it');
select pg_temp.rest();
select is(jsonb_array_length(claim_micro_scrape(5, array[pg_temp.id(1)])), 1, 'asked for by name it is read at once');
select is(reopen_micro_scrape(array[pg_temp.id(1)]), 0, 'what a run holds is open already');
update micro_scrape_state set lease_expires_at = now() + interval '1 minute';
select is(claim_micro_scrape(5, array[pg_temp.id(1)]), '[]', 'and held by one run only');
select is(find_unknown_vehicles(array[pg_temp.id(1), pg_temp.id(2)]), jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(2), 'exists', false, 'reason', 'no such vehicle')), 'an unknown id is told');

-- By another run that reads something else.
select pg_temp.rest();
select is(pg_temp.other_run('h'), 'applied', 'another run reads the same');
select is(pg_temp.state(), 'exhausted 6 h', 'nothing new, nothing to do');
select pg_temp.other_run('other', 'unreadable'), pg_temp.other_run('other', 'timeout'), pg_temp.other_run('other', 'blocked');
select is(pg_temp.state(), 'exhausted 6 h', 'a page that was not read says nothing');
select pg_temp.other_run(null);
select is(pg_temp.state(), 'exhausted 6 h', 'nor one without a hash');
select pg_temp.other_run('other');
select is(pg_temp.state(), 'due 0 other', 'a page that reads differently reopens it');
select pg_temp.rest();
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(1), pg_temp.id(1), 'r');
select pg_temp.other_run('other', 'ok', (select jsonb_build_object('queue', 'backfill_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token') from jsonb_array_elements(claim_queue('backfill_queue', 1)) c));
select is(pg_temp.state(), 'due 0 other', 'also when a queue asked for it');
update micro_scrape_state set state = 'waiting', no_gain_passes = 3, due_at = now() + interval '1 hour';
select pg_temp.other_run('third');
select is(pg_temp.state(), 'waiting 3 third', 'a vehicle that waits goes on waiting');

-- By a new version of its scraper.
select is(sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.9.0"}]'), 1, 'the scraper as it is');
select pg_temp.rest();
select private.invoke_micro_scrape();
select is(pg_temp.state(), 'exhausted 6 h', 'the version that read it reopens nothing');
select is(sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.9.0"}]'), 0, 'synchronising the same changes nothing');
select sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.8.9"}]'), private.invoke_micro_scrape();
select is(pg_temp.state(), 'exhausted 6 h', 'nor does an older one');
select sync_scrape_sources('[{"slug": "a", "name": "A", "kind": "auction", "hosts": ["a.example"], "scraper_name": "a_scraper", "scraper_version": "v1.10.0"}]'), private.invoke_micro_scrape();
select is(pg_temp.state(), 'due 0 h', 'a newer one does: v1.10.0 after v1.9.0');
update micro_scrape_state set state = 'exhausted', no_gain_passes = 6;
select private.invoke_micro_scrape();
select is(pg_temp.state(), 'exhausted 6 h', 'once a version, also when the page was not read since');
select throws_ok($$select sync_scrape_sources('[{"slug": "b", "name": "B", "kind": "auction", "hosts": [], "scraper_name": "b", "scraper_version": "1.0"}]')$$, '23514', null, 'a version is v1.2.3');

select * from finish();
rollback;
