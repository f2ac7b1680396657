begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

create function pg_temp.id(n integer) returns uuid language sql as $$ select ('00000000-0000-4000-8000-00000000000' || n)::uuid $$;
insert into vehicles (id, origin_metadata) values (pg_temp.id(1), '{"image_urls": ["https://i.example/1.jpg"]}');
create function pg_temp.claim() returns jsonb language sql as $$
  select jsonb_build_array(to_jsonb(c)) from claim_image_downloads(1) c
$$;
create function pg_temp.tokens(p_items jsonb) returns uuid[] language sql as $$ select array[(p_items -> 0 ->> 'lease_token')::uuid] $$;

create temp table first as select pg_temp.claim() as items;
select is(heartbeat_image_downloads((select pg_temp.tokens(items) from first)), 1, 'a heartbeat extends the lease of an image');
select is(heartbeat_image_downloads(array[pg_temp.id(9)]), 0, 'under its own token only');
select is(release_image_downloads((select items from first)), 1, 'a release counts the images that were held');
select results_eq('select status, attempts, next_attempt_at, lease_token, outcome from image_downloads',
  $$values ('pending', 0, now(), null::uuid, null::text)$$, 'the image is due at once, its attempt is given back and nothing is held against it');
select is(release_image_downloads((select items from first)), 0, 'what is held no more cannot be released');

create temp table second as select pg_temp.claim() as items;
select release_image_downloads((select jsonb_set(jsonb_set(items, '{0,retry_at}', to_jsonb(now() + interval '1 hour')), '{0,error}', '"its host is busy"') from second));
select results_eq('select next_attempt_at, last_error from image_downloads', $$values (now() + interval '1 hour', 'its host is busy')$$,
  'a host that says when to come back is waited for, and the row says why');
select is(pg_temp.claim(), null, 'until then nobody is given the image');
select is(release_image_downloads('[]'), 0, 'no items: nothing is released');

-- Feeds, in the same words.
insert into listing_feeds (url) values ('https://cars.example/new');
create temp table feeds as select claim_listing_feeds(1) as items;
select is(heartbeat_listing_feeds((select pg_temp.tokens(items) from feeds)), 1, 'a heartbeat extends the lease of a feed');
select is(release_listing_feeds((select items from feeds)), 1, 'and a release gives it back');

select * from finish();
rollback;
