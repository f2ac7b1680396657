begin;
create extension if not exists pgtap with schema extensions;
select plan(4);
create function pg_temp.left_to_try() returns jsonb language sql as $$
  select check_fill_target((select cycle_id from fill_cycles order by slot desc limit 1)) -> 'left_to_try'
$$;
-- No feed can be looked at sooner, so that a review is worth its while for sources on probation only.
update listing_feeds set enabled = false;
select begin_fill_cycle('test');
select add_source_candidates('[{"url": "https://new.test/", "found_by": "page_link"}]');
select private.set_lifecycle(private.source_of_host('new.test'), 'probation', 'passed');
insert into vehicles (discovery_url) select 'https://new.test/cars/' || n from generate_series(1, 19) n;
update vehicle_listings set page_at = now() where source_host = 'new.test';

select is(pg_temp.left_to_try() ? 'activate_sources', false, 'a source on probation that may give one more is not reviewed again');
insert into vehicles (discovery_url) values ('https://new.test/cars/20');
update vehicle_listings set page_at = now() where source_host = 'new.test';
select is(pg_temp.left_to_try() ? 'activate_sources', true, 'one that gave all that it may is reviewed before the cycle ends');
select review_sources(null);
select is(pg_temp.left_to_try() ? 'activate_sources', false, 'then it may give more');
update scrape_sources set is_active = false, listings_allowed = 20 where slug = 'new_test';
select is(pg_temp.left_to_try() ? 'activate_sources', false, 'one that a person switched off is left alone');

select * from finish();
rollback;
