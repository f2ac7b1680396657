begin;
create extension if not exists pgtap with schema extensions;
select plan(9);
create function pg_temp.is_now(p_slug text) returns text language sql as $$select lifecycle from public.scrape_sources where slug = p_slug$$;

select add_source_candidates('[{"url": "https://good.test/", "found_by": "page_link"}, {"url": "https://gone.test/", "found_by": "page_link"}, {"url": "https://off.test/", "found_by": "page_link"}]');
select private.set_lifecycle(private.source_of_host('good.test'), 'probation', 'passed');
update scrape_sources set confidence_cap = 0.79, listings_allowed = 20 where slug = 'good_test';
select private.set_lifecycle(private.source_of_host(h), 'retired', 'no vehicle') from unnest('{gone.test,off.test}'::text[]) h;
update scrape_sources set lifecycle_at = now() - interval '32 days', next_look_at = now() - interval '2 days' where slug in ('gone_test', 'off_test');
update scrape_sources set is_active = false where slug = 'off_test';

insert into vehicles (discovery_url) select 'https://good.test/cars/' || n from generate_series(1, 49) n;
update vehicle_listings set page_at = now() where source_host = 'good.test';
create temp table first as select review_sources(null) as r;
select is(pg_temp.is_now('good_test'), 'probation', 'forty-nine are not fifty');
select is((select listings_allowed from scrape_sources where slug = 'good_test'), 50, 'it may go on to fifty');
select is(pg_temp.is_now('gone_test'), 'candidate', 'a month after it was retired a source is probed again');
select is(pg_temp.is_now('off_test'), 'retired', 'not one that a person switched off');
select is((select r -> 'candidate' from first), '["gone_test"]'::jsonb, 'which is told');

insert into vehicles (discovery_url) values ('https://good.test/cars/50');
update vehicle_listings set page_at = now() where source_host = 'good.test';
select review_sources(null);
select is(pg_temp.is_now('good_test'), 'active', 'with fifty its probation is over');
select results_eq($$select confidence_cap, listings_allowed from scrape_sources where slug = 'good_test'$$, $$values (null::numeric, null::integer)$$, 'and its cap is lifted');
select is((select count(*) from fill_decisions where lever = 'lifecycle' and subject = 'good_test' and to_value = 'active'), 1::bigint, 'the decision is written down');
select is((select count(*) from source_lifecycle_events e join scrape_sources s on s.id = e.source_id where s.slug = 'good_test'), 3::bigint, 'and each change is an event');

select * from finish();
rollback;
