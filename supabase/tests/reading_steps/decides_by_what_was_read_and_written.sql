begin;
create extension if not exists pgtap with schema extensions;
select plan(34);

select set_config('vehicles.writer', 'apply_extractions', true); -- as earlier code left it, without provenance
insert into vehicles (id, discovery_url, vin, year, make)
values ('00000000-0000-4000-8000-000000000001', 'https://bringatrailer.com/listing/a/', 'WBSBA91070AE84214', 1990, 'BMW');

-- A reading of a whole page, of which `p_more` is different; gives its result.
create function pg_temp.read(p_more jsonb default '{}') returns jsonb language sql as $$
  delete from scrape_steps;
  select apply_extractions(jsonb_build_array('{
    "vehicle_id": "00000000-0000-4000-8000-000000000001", "outcome": "ok", "source_url": "https://bringatrailer.com/listing/a/", "duration_ms": 120,
    "steps": ["extract_data", "extract_vin", "extract_images", "extract_comments"],
    "facts": {"model": {"value": "M3", "confidence": 0.9, "evidence": "e"}, "vin": {"value": "WBSBA91070AE84214", "confidence": 0.9, "evidence": "e"}},
    "images": ["https://i.example/1.jpg"], "auction": {"outcome": "bid_to", "high_bid": 5},
    "bids": [{"source_id": "b", "amount": 5}], "comments": []}'::jsonb || p_more)) -> 0
$$;
create function pg_temp.steps(p_result jsonb) returns text language sql as $$
  select string_agg(concat_ws(' ', s ->> 'step_name', s ->> 'status', s ->> 'outcome_code'), ', ' order by n)
  from jsonb_array_elements(p_result -> 'steps') with ordinality t(s, n)
$$;
create function pg_temp.noted() returns text language sql as $$
  select string_agg(concat_ws(' ', step_name, status, outcome_code), ', ' order by step_name) from scrape_steps
$$;

-- What a page brought.
create temp table r as select pg_temp.read() as r;
select set_config('vehicles.writer', '', true);
select is(pg_temp.steps(r), 'extract_data success ok, extract_vin success ok, extract_images success ok, extract_comments success ok', 'what was asked for and was there has worked') from r;
select is(pg_temp.noted(), 'extract_comments success ok, extract_data success ok, extract_images success ok, extract_vin success ok', 'what is told is on record');
select results_eq('select distinct duration_ms, url, source from scrape_steps', $$values (120, 'https://bringatrailer.com/listing/a/', 'bringatrailer.com')$$, 'with the fetch that they share');
select results_eq($$select metadata from scrape_steps where step_name in ('extract_images', 'extract_comments') order by step_name$$, $$values ('{"bids": 1, "comments": 0}'::jsonb), ('{"count": 1}')$$, 'and how much was there');
select is(pg_temp.steps(pg_temp.read('{"outcome": "not_modified"}')), 'extract_data success not_modified, extract_vin success ok, extract_images success ok, extract_comments success ok', 'a page that has not changed was read');
select is(pg_temp.steps(pg_temp.read('{"facts": {}, "images": [], "bids": []}')), 'extract_data success ok, extract_vin skipped, extract_images skipped, extract_comments skipped', 'what was not there is skipped');
select is(pg_temp.steps(pg_temp.read('{"auction": null}')), 'extract_data success ok, extract_vin success ok, extract_images success ok', 'a page without an auction has no comments to look for');
select is(pg_temp.steps(pg_temp.read('{"steps": ["extract_comments"]}')), 'extract_comments success ok', 'what was not asked for is not told');
select is(pg_temp.steps(pg_temp.read('{"steps": []}')), null, 'nothing asked, nothing told');

-- A page that could not be read.
select is(pg_temp.steps(pg_temp.read('{"outcome": "timeout", "error": "no answer"}')), 'extract_data failed timeout', 'a page that did not come fails the step that asked, and no other was made');
select is(pg_temp.steps(pg_temp.read('{"outcome": "timeout", "steps": ["extract_comments"]}')), 'extract_comments failed timeout', 'whichever that is');
select is((select status from scrape_retry_queue where step_name = 'extract_comments'), 'pending', 'it waits to be tried again alone');
select is(pg_temp.read('{"outcome": "timeout", "error": "no answer"}') -> 'steps' -> 0 ->> 'error_message', 'no answer', 'with the reason');
select results_eq($$select pg_temp.steps(pg_temp.read('{"outcome": "gone"}')), (select count(*) from scrape_retry_queue where outcome_code = 'gone')$$, $$values ('extract_data failed gone', 0::bigint)$$, 'a listing that is gone is not tried again');
select is((pg_temp.read('{"outcome": "timeout"}') ->> 'can_heal')::boolean, true, 'a time-out may heal');
select is((pg_temp.read('{"outcome": "gone"}') ->> 'can_heal')::boolean, false, 'a removed listing does not');

-- Another car.
create temp table other as select pg_temp.read('{"facts": {"vin": {"value": "WP0ZZZ99ZTS392124", "confidence": 0.9}, "make": {"value": "Porsche", "confidence": 0.9}}}') as r;
select is((select r ->> 'outcome' || ': ' || pg_temp.steps(r) from other), 'invalid: extract_data failed invalid', 'a page of another car has given no step anything');

-- What the database does not take.
alter table auction_bids add constraint broken check (false) not valid;
create temp table half as select pg_temp.read() as r;
select is((select r ->> 'outcome' || ': ' || pg_temp.steps(r) from half), 'ok: extract_data success ok, extract_vin success ok, extract_images success ok, extract_comments failed server_error', 'one step that cannot be written takes nothing from the others');
select matches((select r -> 'step_errors' ->> 'extract_comments' from half), 'broken', 'and says why');
select is((select r ->> 'outcome' from (select pg_temp.read('{"steps": ["extract_comments"]}') as r) x), 'server_error', 'where it was all that was asked for, the attempt failed');
alter table auction_bids drop constraint broken;
select is(pg_temp.steps(pg_temp.read('{"facts": {"year": {"value": 1492, "confidence": 0.99}, "vin": {"value": "WBSBA91070AE84214", "confidence": 0.9}}}')),
  'extract_data failed server_error, extract_vin failed server_error, extract_images success ok, extract_comments success ok', 'facts that cannot be written fail each step that is after one');
select is(pg_temp.steps(pg_temp.read('{"steps": ["read_again"], "facts": {"year": {"value": 1492, "confidence": 0.99}}}')), 'read_again failed server_error', 'under the name that was asked for');
select is(pg_temp.steps(pg_temp.read('{"steps": ["extract_vin"], "facts": {"vin": {"value": "WBSBA91070AE84215", "confidence": 7}}}')), 'extract_vin failed server_error', 'also a single field');

-- The first picture and the description are made beside the page.
create function pg_temp.picture(p_results jsonb, p_message text default null) returns text language sql as $$
  select pg_temp.steps(pg_temp.read(jsonb_build_object(
    'steps', '["extract_data", "backfill_images"]'::jsonb, 'outcome', 'timeout', 'image_results', p_results,
    'cover', jsonb_build_object('known', 3, 'duration_ms', 40, 'message', p_message))))
$$;
select is(pg_temp.picture('[]', 'the host is busy'), 'extract_data failed timeout, backfill_images skipped', 'a picture whose turn did not come is skipped');
select is(pg_temp.picture('[{"url": "https://i.example/1.jpg", "kind": "failed", "code": "gone", "error": "404"}]', '404'), 'extract_data failed timeout, backfill_images failed gone', 'one that could not be had failed, with its own outcome');
select results_eq($$select error_message, duration_ms, metadata from scrape_steps where step_name = 'backfill_images'$$, $$values ('404', 40, '{"known": 3, "tried": 1}'::jsonb)$$, 'its own reason and its own time');
select is(pg_temp.picture('[{"url": "https://i.example/1.jpg", "kind": "stored", "content_hash": "0cc175b9c0f1b6a831c399e26977266192eb5ffee6ae2fec3ad71c777531578f", "storage_path": "p", "mime_type": "image/jpeg", "bytes": 1, "width": 1, "height": 1}]'),
  'extract_data failed timeout, backfill_images success ok', 'one that was stored has worked, whatever became of the page');
select is(pg_temp.steps(pg_temp.read('{"steps": ["extract_data", "generate_description"]}')), 'extract_data success ok, generate_description skipped', 'too little is known for a description');
select is(pg_temp.steps(pg_temp.read('{"steps": ["generate_description"], "facts": {"description": {"value": "A car.", "confidence": 0.5, "method": "generated_rules", "way": "generated"}}}')), 'generate_description success ok', 'or there is one');

-- Who tries a step again.
delete from scrape_retry_queue;
insert into scrape_retry_queue (id, vehicle_id, step_name, retry_count) values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'extract_vin', 2);
create temp table taken as select r -> 'lease_token' as token from jsonb_array_elements(claim_queue('scrape_retry_queue', 1)) r;
select is(pg_temp.read(jsonb_build_object('steps', '["extract_vin"]'::jsonb, 'outcome', 'timeout', 'step_metadata', '{"from": "site"}'::jsonb, 'request',
  jsonb_build_object('queue', 'scrape_retry_queue', 'id', '00000000-0000-4000-8000-00000000000a', 'lease_token', (select token from taken)))) ->> 'state', 'failed', 'a step that was tried too often is given up');
select results_eq('select status, metadata from scrape_steps', $$values ('failed', '{"from": "site", "retried_by": "scrape_retry_queue"}'::jsonb)$$, 'what is on record of it names its queue');
select is((select count(*) from scrape_retry_queue where status <> 'failed'), 0::bigint, 'and it is not queued a second time');

-- The same of an import.
create temp table i as select import_listings('[{"source_url": "https://bringatrailer.com/listing/b/", "outcome": "timeout", "error": "no answer", "steps": ["extract_data", "extract_vin"]},
  {"source_url": "https://bringatrailer.com/listing/c/", "outcome": "ok", "facts": {"year": {"value": 1492, "confidence": 1}}, "steps": ["extract_data", "extract_images"], "images": ["https://i.example/9.jpg"]}]') as r;
select is((select pg_temp.steps(r -> 0) from i), 'extract_data failed timeout', 'a listing that became no vehicle says its step');
select is((select pg_temp.steps(r -> 1) from i), 'extract_data failed server_error', 'an import of which nothing could be written has no step that worked');

select * from finish();
rollback;
