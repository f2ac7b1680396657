begin;
create extension if not exists pgtap with schema extensions;
select plan(12);
create function pg_temp.claimed(p_limit integer) returns text[] language sql as
  $$select coalesce(array_agg(p ->> 'host'), '{}') from jsonb_array_elements(public.claim_source_probes(p_limit)) p$$;

select add_source_candidates('[{"url": "https://linked.test/", "found_by": "page_link"}, {"url": "https://known.test/", "found_by": "known_list"}]');
select add_source_candidate('https://named.test/');
select add_source_candidate('https://off.test/');
update scrape_sources set is_active = false where slug = 'off_test';

select is(preview_source_probes(10), '["named.test", "linked.test", "known.test"]'::jsonb, 'an operator''s candidate goes first, then those of pages, then those of the list');
select is(pg_temp.claimed(1), '{named.test}', 'a claim takes the first');
select is(pg_temp.claimed(1), '{linked.test}', 'while one holds it, another claim takes the next');
select is((select lifecycle from scrape_sources where slug = 'named_test'), 'probing', 'it is being probed');

-- Rejected while it is probed.
select reject_source('named.test', 'no');
create temp table lost as select id, lease_token from source_probes p where source_id = private.source_of_host('named.test');
select is(
  settle_source_probes((select jsonb_agg(jsonb_build_object('id', id, 'lease_token', lease_token, 'failure', null, 'reason', 'it passed')) from lost)) -> 0 ->> 'lifecycle',
  'rejected', 'a probe that passes takes in nothing that a person refused meanwhile');
select is((select lifecycle from scrape_sources where slug = 'named_test'), 'rejected', 'it stays rejected');

-- Rejected while its probe waits.
update source_probes set lease_expires_at = now() where source_id = private.source_of_host('linked.test');
select rescue_expired_leases();
select reject_source('linked.test', 'no');
select is(pg_temp.claimed(1), '{known.test}', 'a probe of what was rejected takes no place');
select is(pg_temp.claimed(10), '{}', 'neither what was rejected nor what is off is probed');
select is(
  settle_source_probes(jsonb_build_array(jsonb_build_object('id', (select id from lost), 'lease_token', gen_random_uuid(), 'reason', 'late'))) -> 0 ->> 'lifecycle',
  null, 'a worker that lost its lease changes nothing');

-- A week of the agent changes nothing of it.
update scrape_sources set lifecycle_at = lifecycle_at - interval '7 days', next_look_at = now() - interval '1 day' where slug in ('named_test', 'linked_test', 'off_test');
select review_sources(null);
select add_source_candidates('[{"url": "https://named.test/", "found_by": "page_link"}, {"url": "https://off.test/", "found_by": "sitemap"}]');
select is(pg_temp.claimed(10), '{}', 'a week later, and found anew, they are still not probed');
select results_eq(
  $$select slug, lifecycle, is_active from scrape_sources where slug in ('named_test', 'linked_test', 'off_test') order by slug$$,
  $$values ('linked_test', 'rejected', true), ('named_test', 'rejected', true), ('off_test', 'candidate', false)$$, 'all as the person left them');
select approve_source('linked.test');
select is(pg_temp.claimed(10), '{linked.test}', 'only a person takes it back');

select * from finish();
rollback;
