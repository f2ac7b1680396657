begin;
create extension if not exists pgtap with schema extensions;
select plan(17);
create temp table s as select add_source_candidate('https://a.test/') as id;
create function pg_temp.is_now() returns text language sql as $$select lifecycle from public.scrape_sources where id = (select id from s)$$;

select throws_like($$select approve_source('nowhere.test')$$, '%no source "nowhere.test"%', 'a source that is not there cannot be approved');
select throws_like($$select reject_source('a.test', ' ')$$, '%say why%', 'a refusal has a reason');

select is(reject_source('https://www.a.test/x', 'they asked us not to'), 'rejected', 'a source is rejected by any address on it');
select is(pg_temp.is_now(), 'rejected', 'it is');
select is(private.set_lifecycle((select id from s), 'probation', 'passed'), false, 'the agent does not change what was rejected');
select is(pg_temp.is_now(), 'rejected', 'nothing of the agent''s overrides it');

select is(approve_source('a_test'), 'candidate', 'approved it is probed, since it never was');
insert into listing_feeds (source, url, kind) values ('a_test', 'https://a.test/sitemap.xml', 'index');
select is(jsonb_array_length(preview_listing_feeds()), 0, 'the feeds of a candidate are not checked');
select is(approve_source((select id::text from s)), 'probation', 'one whose probe found its feeds goes into probation');
select results_eq($$select confidence_cap, listings_allowed from scrape_sources where id = (select id from s)$$, $$values (0.79, 20)$$, 'with its confidence capped and few listings at first');
select is(jsonb_array_length(preview_listing_feeds()), 1, 'and its feeds are checked');
select is(approve_source('a.test'), 'probation', 'approved twice is the same');

update scrape_sources set is_active = false where id = (select id from s);
select is(private.set_lifecycle((select id from s), 'active', 'fifty came in'), false, 'the agent does not move what a person switched off');
select is(jsonb_array_length(preview_listing_feeds()), 0, 'nor are its feeds checked');
update scrape_sources set is_active = true, next_look_at = now() + interval '1 hour' where id = (select id from s);
select is(jsonb_array_length(preview_listing_feeds()), 0, 'nor those of one that rests');

update scrape_sources set lifecycle = 'active' where id = (select id from s);
select results_eq(
  $$select from_lifecycle, to_lifecycle, reason, decided_by from source_lifecycle_events where source_id = (select id from s) order by id offset 1$$,
  $$values ('candidate', 'rejected', 'they asked us not to', 'operator'), ('rejected', 'candidate', 'approved by an operator', 'operator'),
    ('candidate', 'probation', 'approved by an operator', 'operator'), ('probation', 'active', 'set by hand', 'operator')$$,
  'each change is an event, with who made it and why; one by hand too');
select is((select count(*) from fill_decisions where lever = 'lifecycle'), 0::bigint, 'what a person does is no decision of the agent');

select * from finish();
rollback;
