begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) values (pg_temp.id(1), 'https://a.example/1');
create function pg_temp.rest() returns void language sql as $$
  update micro_scrape_state set state = 'exhausted', no_gain_passes = 6, extraction_hash = 'h', last_scraper = 'a_scraper', last_scraper_version = 'v1.9.0', lease_token = null, lease_expires_at = null
$$;
create function pg_temp.state() returns text language sql as $$ select state || ' ' || no_gain_passes || ' ' || coalesce(extraction_hash, '-') from micro_scrape_state $$;
create function pg_temp.other_run(p_hash text, p_outcome text default 'ok', p_request jsonb default null) returns text language sql as $$
  select 'outcome: ' || (apply_extractions(jsonb_build_array(jsonb_build_object('vehicle_id', pg_temp.id(1), 'outcome', p_outcome, 'source_url', 'https://a.example/1', 'method', 's',
    'extraction_hash', p_hash, 'request', p_request))) -> 0 ->> 'outcome')
$$;

select pg_temp.rest();

select is(pg_temp.other_run('h'), 'outcome: ok', 'a reading of a resting vehicle is applied');
select is(pg_temp.state(), 'exhausted 6 h', 'a resting vehicle that reads as before goes on resting');
select pg_temp.other_run('other', 'unreadable'), pg_temp.other_run('other', 'timeout'), pg_temp.other_run('other', 'blocked');
select is(pg_temp.state(), 'exhausted 6 h', 'a resting vehicle whose page could not be read goes on resting');
select pg_temp.other_run(null);
select is(pg_temp.state(), 'exhausted 6 h', 'a resting vehicle goes on resting after a reading without a hash');
select pg_temp.other_run('other');
select is(pg_temp.state(), 'due 0 other', 'a resting vehicle whose page reads differently is due');
select pg_temp.rest();
insert into backfill_queue (id, vehicle_id, reason) values (pg_temp.id(1), pg_temp.id(1), 'r');
select pg_temp.other_run('other', 'ok', (select jsonb_build_object('queue', 'backfill_queue', 'id', c -> 'id', 'lease_token', c -> 'lease_token') from jsonb_array_elements(claim_queue('backfill_queue', 1)) c));
select is(pg_temp.state(), 'due 0 other', 'a resting vehicle whose page a queue read differently is due');
update micro_scrape_state set state = 'waiting', no_gain_passes = 3, due_at = now() + interval '1 hour';
select pg_temp.other_run('third');
select is(pg_temp.state(), 'waiting 3 third', 'a waiting vehicle whose page reads differently goes on waiting');

select * from finish();
rollback;
