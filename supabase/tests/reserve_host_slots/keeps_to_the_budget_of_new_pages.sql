begin;
create extension if not exists pgtap with schema extensions;
select plan(10);

insert into source_hosts (host, min_interval_ms, robots_status, robots_fetched_at, robots_fresh_until, new_pages_budget, budget_until)
values ('cars.example', 0, 404, now(), now() + interval '1 day', 5, now() + interval '1 hour');
create function pg_temp.asked(p_kind text, p_count integer) returns jsonb language sql as $$
  select reserve_host_slots(
    gen_random_uuid(), jsonb_build_array(jsonb_build_object('host', 'cars.example', 'count', p_count, 'kind', p_kind))) -> 0
$$;

select is(pg_temp.asked('new_page', 3) ->> 'granted', '3', 'new pages get slots within the budget');
select is(pg_temp.asked('new_page', 3) ->> 'granted', '2', 'and what is left of it');
select results_eq(
  $$select a ->> 'granted', a ->> 'put_off', (a ->> 'first_in_ms')::integer between 599000 and 600000 from (select pg_temp.asked('new_page', 3) a) t$$,
  $$values ('0', 'true', true)$$, 'then none, and they ask again in ten minutes: it may have been raised');
select is(pg_temp.asked('page', 3) ->> 'granted', '3', 'pages of vehicles that are held have no budget');
select is(pg_temp.asked('gallery', 3) ->> 'granted', '3', 'nor have pictures');
update source_hosts set new_pages_budget = 6;
select is(pg_temp.asked('new_page', 3) ->> 'granted', '1', 'a budget that is raised gives the rest');
select is(
  (select reserve_host_slots(gen_random_uuid(), '[{"host": "cars.example", "count": 5, "kind": "new_page", "unused": 2}]') -> 0 ->> 'granted'),
  '2', 'slots that were given and missed are given again');
select is((select new_pages_used from source_hosts), 6, 'and count once');
update source_hosts set budget_until = now() - interval '1 second';
select is(pg_temp.asked('new_page', 30) ->> 'granted', '30', 'when the slot has ended there is no budget');
select is((select over_budget from private.host_metrics), 4, 'how often the budget was short is counted');

select * from finish();
rollback;
