begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, found_by) values ('fell_test', 'Fell', 'dealer', '{fell.test}', 'general_scraper', 'v1.0.0', 'page_link');
-- A cycle of so many days ago, with so many of 20 vehicles that hold each field.
create function pg_temp.cycle(p_days integer, p_mileage integer, p_vin integer, p_color integer default 4) returns void language plpgsql as $$
declare
  v_id text := format('%s days ago, %s', p_days, (select count(*) from fill_cycles));
begin
  insert into fill_cycles (cycle_id, slot, target, status, completed_at) values (v_id, date_trunc('day', now()) - make_interval(days => 100, hours => 2 * (select count(*)::integer from fill_cycles)), 2000, 'completed', now());
  insert into source_health (source_id, cycle_id, last_checked, fields)
  select id, v_id, now() - make_interval(days => p_days), jsonb_build_object(
    'mileage', jsonb_build_object('of', 20, 'held', p_mileage, 'unsure', 0), 'vin', jsonb_build_object('of', 20, 'held', p_vin, 'unsure', 0),
    'color', jsonb_build_object('of', 20, 'held', p_color, 'unsure', 0), 'year', '{"of": 20, "held": 20, "unsure": 0}'::jsonb, 'images', '{"of": 20, "held": 0, "unsure": 0}'::jsonb)
  from scrape_sources where slug = 'fell_test';
end
$$;

select pg_temp.cycle(0, 2, 18, 0);
select is(private.queue_coverage_jobs(), 0, 'without a history nothing has fallen');
select pg_temp.cycle(3, 18, 18);
select is(private.queue_coverage_jobs(), 0, 'nor against a single cycle');
select pg_temp.cycle(9, 18, 18);
select is(private.queue_coverage_jobs(), 1, 'a field that is held half as often as in its 14 days makes a job');
select results_eq('select source, cause, fields from extraction_map_jobs', $$values ('fell.test', 'coverage', '{mileage}'::text[])$$, 'for this field; one that was seldom stated before says nothing');
delete from extraction_map_jobs;
select pg_temp.cycle(0, 19, 18);
select is(private.queue_coverage_jobs(), 0, 'one that is held half as often, and more, does not');
update source_health set fields = jsonb_set(jsonb_set(jsonb_set(fields, '{mileage,held}', '0'), '{vin,held}', '0'), '{year,held}', '0') where last_checked > now() - interval '1 day';
select is(private.queue_coverage_jobs(), 0, 'nor does a source of which most has fallen: that is another matter');
update source_health set fields = jsonb_set(fields, '{vin,held}', '20') where last_checked > now() - interval '1 day';
insert into extraction_maps (source, hosts, template, version, status, cause, rules, fields, support, held_out, errors, serving_at)
values ('fell.test', '{fell.test}', 'template 1', 1, 'serving', 'unreadable', '{}', '{vin}', 20, 20, 0, now());
select is(private.queue_coverage_jobs(), 0, 'nor one that a map serves');

select * from finish();
rollback;
