begin;
create extension if not exists pgtap with schema extensions;
select plan(26);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, discovery_url) select pg_temp.id(n), 'https://cars.example/' || n from generate_series(1, 4) n;
create function pg_temp.said(p_status text, p_price numeric, p_more jsonb default '{}') returns jsonb language sql as $$
  select jsonb_build_object('outcome', 'ok', 'source_url', 'https://cars.example/1', 'vehicle_id', pg_temp.id(1), 'method', 's', 'scraper_version', 'v1.0.0', 'extraction_hash', p_price::text, 'page_at', clock_timestamp(),
    'facts', jsonb_build_object('sale_status', jsonb_build_object('value', p_status, 'confidence', 0.95, 'evidence', 'e'), 'currency', '{"value": "USD", "confidence": 0.95, "evidence": "e"}'::jsonb,
      'asking_price', jsonb_build_object('value', p_price, 'confidence', 0.95, 'evidence', 'e')), 'steps', '["extract_data"]'::jsonb) || p_more
$$;
create function pg_temp.applied(p_item jsonb) returns text language sql as $$ select apply_extractions(jsonb_build_array(p_item)) -> 0 ->> 'state' $$;
create view pg_temp.c as select c.*, l.status as stands from listing_checks c join vehicle_listings l on l.id = c.listing_id where l.canonical_url = 'https://cars.example/1';
-- Moves what was seen into the past, and the next look to now.
create function pg_temp.later(p_by interval) returns void language sql as $$
  update listing_checks set known_at = known_at - p_by, requeue_at = requeue_at - p_by;
  update vehicle_listings set listed_at = listed_at - p_by, first_seen_at = first_seen_at - p_by, last_seen_at = last_seen_at - p_by, page_at = page_at - p_by;
$$;
create function pg_temp.claim() returns jsonb language sql as $$ select claim_queue('listing_checks', 20) $$;

select is_empty('select * from listing_checks', 'a listing that was never read is not looked at again');
select pg_temp.applied(pg_temp.said('for_sale', 50000));
select results_eq('select status, requeue_at between now() + interval ''41 hours'' and now() + interval ''47 hours'', vehicle_id, source_host from pg_temp.c', $$values ('complete', true, pg_temp.id(1), 'cars.example')$$,
  'a listing that is read as for sale is looked at again, at first after 44 hours, a twentieth more or less');
select is_empty('select * from listing_looks', 'the first reading says nothing of how often it changes');
select is(pg_temp.claim(), '[]', 'nothing is due before its time');

select pg_temp.later('50 hours');
create temp table one as select r ->> 'id' as id, r ->> 'lease_token' as token, r ->> 'listing_url' as url from jsonb_array_elements(pg_temp.claim()) r;
select is((select url from one), 'https://cars.example/1', 'a look whose time has come is claimed');
select is(private.is_leased(pg_temp.id(1)), true, 'nobody else reads its vehicle meanwhile');
select is(pg_temp.applied(pg_temp.said('for_sale', 45000, jsonb_build_object('request', (select jsonb_build_object('queue', 'listing_checks', 'id', id, 'lease_token', token) from one)))), 'complete', 'a look that was read is complete');
select results_eq('select status, attempts, lease_token, requeue_at > now() + interval ''1 day'', processed_at is not null from pg_temp.c', $$values ('complete', 0 + 1, null::uuid, true, true)$$, 'its row says when the next one is');
select results_eq('select round(gap_days::numeric, 1), changed, way, kind, age_band::integer from listing_looks', $$values (2.1, true, 'page', 'dealer', 0)$$, 'the look is on record with the days since the one before, and that the price changed');

select pg_temp.later('50 hours');
select pg_temp.applied(pg_temp.said('for_sale', 45000));
select is(pg_temp.claim(), '[]', 'a reading by anybody else is its look: nobody fetches it twice');
select results_eq('select count(*), count(*) filter (where changed) from listing_looks', $$values (2::bigint, 1::bigint)$$, 'it is on record too');

select pg_temp.later('50 hours');
create temp table gone as select r ->> 'id' as id, r ->> 'lease_token' as token from jsonb_array_elements(pg_temp.claim()) r;
select pg_temp.applied(jsonb_build_object('outcome', 'gone', 'error', '404', 'source_url', 'https://cars.example/1', 'vehicle_id', pg_temp.id(1), 'steps', '["extract_data"]'::jsonb, 'page_at', clock_timestamp(),
  'request', (select jsonb_build_object('queue', 'listing_checks', 'id', id, 'lease_token', token) from gone)));
select results_eq($$select status from vehicle_listings where canonical_url = 'https://cars.example/1'$$, $$values ('removed')$$, 'a page that is gone ends the listing');
select is_empty('select * from listing_checks', 'a listing that has ended is not looked at any more');
select pg_temp.applied(pg_temp.said('for_sale', 40000, jsonb_build_object('page_at', clock_timestamp())));
select is((select count(*) from pg_temp.c where status = 'complete'), 1::bigint, 'one that is listed again is');
select pg_temp.applied(pg_temp.said('sold', 40000, jsonb_build_object('page_at', clock_timestamp())));
select is_empty('select * from listing_checks', 'one that somebody else finds sold is not');

-- A person's word, and listings that are here already.
update vehicle_listings set status = 'for_sale', ended_at = null, ended_because = null where vehicle_id = pg_temp.id(1);
select is((select count(*) from listing_checks), 1::bigint, 'a listing that a person says is for sale is looked at');
update vehicle_listings set status = 'removed', ended_at = now(), ended_because = 'a person said so' where vehicle_id = pg_temp.id(1);
select is_empty('select * from listing_checks', 'one that a person ends is not');
insert into vehicle_listings (vehicle_id, listing_url, kind, status) select pg_temp.id(2), 'https://cars.example/more/' || n, 'dealer', 'for_sale' from generate_series(1, 200) n;
select results_eq('select count(*), count(*) filter (where requeue_at < now() + interval ''22 hours'') between 60 and 140, max(requeue_at) < now() + interval ''45 hours'' from listing_checks', $$values (200::bigint, true, true)$$,
  'listings that come all at once are spread over the time until the next look');

-- A join takes a listing to another vehicle.
delete from listing_checks where listing_url <> 'https://cars.example/more/1';
update listing_checks set requeue_at = now() - interval '1 minute';
select pg_temp.claim();
update vehicle_listings set vehicle_id = pg_temp.id(3) where id in (select listing_id from listing_checks);
select results_eq('select vehicle_id, status, lease_token, next_attempt_at, attempts from listing_checks', $$values (pg_temp.id(3), 'pending', null::uuid, null::timestamptz, 0)$$, 'a listing that moves while a worker reads it takes its row along, and is read again');
update vehicle_listings set vehicle_id = pg_temp.id(2) where id in (select listing_id from listing_checks);
select results_eq('select vehicle_id from listing_checks', $$values (pg_temp.id(2))$$, 'and back again');

-- An auction that is live.
select apply_extractions(jsonb_build_array(pg_temp.said('live', 7, jsonb_build_object('vehicle_id', pg_temp.id(4), 'source_url', 'https://cars.example/4', 'images', '[]'::jsonb,
  'auction', jsonb_build_object('outcome', 'live', 'high_bid', 7, 'currency', 'USD', 'ends_at', now() + interval '5 days')))));
create view pg_temp.live as select c.* from listing_checks c where c.vehicle_id = pg_temp.id(4);
select is((select requeue_at from pg_temp.live), now() + interval '5 days 10 minutes', 'an auction is looked at ten minutes after its end');
select is((select due_at from micro_scrape_state where vehicle_id = pg_temp.id(4)), (select requeue_at from pg_temp.live), 'when gap filling looks at it too, so that one fetch serves both');

-- A worker that dies.
update listing_checks set requeue_at = now() - interval '1 minute' where vehicle_id = pg_temp.id(4);
select pg_temp.claim();
update listing_checks set lease_expires_at = now() - interval '1 second' where lease_token is not null;
select pg_temp.claim();
select is((select attempts from pg_temp.live), 2, 'the row of a dead worker is claimed again');
delete from vehicle_listings where vehicle_id = pg_temp.id(4);
select is((select count(*) from pg_temp.live), 0::bigint, 'a listing that is deleted takes its row along');

-- Unchanged is seen.
insert into page_snapshots (id, canonical_url, url, final_url, sha256, fetched_at, last_seen_at, status, content_type, bytes, stored_bytes, storage_path)
values (pg_temp.id(9), 'https://cars.example/1', 'https://cars.example/1', 'https://cars.example/1', repeat('a', 64), now() - interval '9 days', now() + interval '1 minute', 200, 'text/html', 1, 1, 'x/y');
update vehicle_listings set status = 'for_sale', ended_at = null, ended_because = null, page_at = now() - interval '8 days', last_seen_at = now() - interval '8 days', first_seen_at = now() - interval '9 days' where vehicle_id = pg_temp.id(1);
insert into listing_checks (listing_id, vehicle_id, listing_url, known_at) select id, vehicle_id, listing_url, now() - interval '8 days' from vehicle_listings where vehicle_id = pg_temp.id(1)
on conflict (listing_id) do update set known_at = excluded.known_at;
delete from listing_looks;
select pg_temp.applied(pg_temp.said('for_sale', 40000, jsonb_build_object('outcome', 'not_modified', 'page_at', now() - interval '9 days', 'snapshot_id', pg_temp.id(9))));
select results_eq('select round(gap_days), changed, way from listing_looks', $$values (8::double precision, false, 'not_modified')$$, 'a page that the site calls unchanged is a look, however old it is');
select is((select last_seen_at from vehicle_listings where vehicle_id = pg_temp.id(1)), now() + interval '1 minute', 'and the listing was seen then');

select * from finish();
rollback;
