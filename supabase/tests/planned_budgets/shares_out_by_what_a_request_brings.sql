begin;
create extension if not exists pgtap with schema extensions;
select plan(19);

delete from import_queue;
update fill_policy set requests_floor = 100, requests_ceiling = 10000, exploration_share = 0.1;
insert into fill_cycles (cycle_id, slot, target) values ('c', to_timestamp(floor(extract(epoch from now()) / 7200) * 7200), 2000);
create function pg_temp.slot_end() returns timestamptz language sql as $$ select slot + interval '2 hours' from fill_cycles $$;
insert into source_hosts (host, min_interval_ms)
select h, 0 from unnest(array['good.example', 'poor.example', 'new.example', 'off.example', 'ill.example', 'few.example']) h;
insert into scrape_sources (slug, name, kind, hosts, scraper_name, scraper_version, is_active, lifecycle)
values ('off', 'off', 'dealer', '{off.example}', 'off', 'v1.0.0', false, 'active'), ('ill', 'ill', 'dealer', '{ill.example}', 'ill', 'v1.0.0', true, 'degraded');
insert into private.host_yields (host, requests, vehicles, counted_to)
values ('good.example', 990, 895, now()), ('poor.example', 990, 95, now()), ('off.example', 990, 895, now()), ('ill.example', 990, 495, now()), ('few.example', 990, 895, now());
insert into import_queue (listing_url)
select 'https://www.' || h || '/' || n
from unnest(array['good.example', 'poor.example', 'new.example', 'off.example', 'ill.example']) h, generate_series(1, 1500) n;
insert into import_queue (listing_url) select 'https://few.example/' || n from generate_series(1, 30) n;

select results_eq($$select host, waiting from private.waiting_imports() order by host$$,
  $$values ('few.example', 30), ('good.example', 1500), ('ill.example', 1500), ('new.example', 1500), ('off.example', 1500), ('poor.example', 1500)$$,
  'what waits is counted by host, whatever its spelling');
create temp table planned as select * from private.planned_budgets(1000, pg_temp.slot_end());
select cmp_ok((select sum(budget) from planned), '<=', 1000::bigint, 'no more is shared out than there is');
select cmp_ok((select sum(budget) from planned), '>', 990::bigint, 'nor much less');
select is((select round(max(budget) / min(budget)::numeric) from planned where host in ('good.example', 'poor.example')), 9::numeric, 'nine times as much goes to whom a request brings nine times as much');
select is((select budget from planned where host = 'few.example'), 30, 'nobody gets more than waits there; the rest goes to others');
select is((select budget from planned where host = 'new.example') >= 50, true, 'of which little is known: a part of the tenth for exploration');
select is((select budget from planned where host = 'ill.example'), 50, 'a degraded source too, and no more');
select is((select budget from planned where host = 'off.example'), 0, 'what an operator switched off gets nothing, whatever it brought');
update source_hosts set min_interval_ms = 60000 where host = 'good.example';
select cmp_ok((select budget from private.planned_budgets(1000, now() + interval '1 hour') where host = 'good.example'), '<=', 60,
  'nor more than its pace lets through until the slot ends');
update source_hosts set min_interval_ms = 0;

select is(activate_sources('c') - 'feeds' - 'sources' - 'more_pages' - 'host_paces' ->> 'requests_used', '0', 'a cycle begins with nothing used');
select results_eq($$select lever, subject is null, to_value::integer between 100 and 10000 from fill_decisions where lever = 'requests'$$,
  $$values ('requests', true, true)$$, 'the requests of the cycle are a decision, between floor and ceiling');
select is((select count(*) from fill_decisions where lever = 'budget'), 6::bigint, 'and the budget of each host');
select ok((select bool_and(budget_until = pg_temp.slot_end()) from source_hosts where new_pages_budget is not null), 'they hold until the slot ends');
select activate_sources('c');
select is((select count(*) from fill_decisions where lever in ('budget', 'requests')), 7::bigint, 'what is not moved is no decision');

-- What is used is not given twice.
update source_hosts set new_pages_used = new_pages_budget where host = 'poor.example';
select activate_sources('c');
select ok((select new_pages_budget > new_pages_used from source_hosts where host = 'poor.example'), 'who used it up gets more, while requests are left');
update fill_policy set requests_ceiling = 100;
select activate_sources('c');
select ok((select sum(new_pages_budget) from source_hosts) <= greatest(100, (select sum(new_pages_used) from source_hosts)), 'and none when the ceiling is reached');
update fill_policy set requests_floor = 5000, requests_ceiling = 5000;
select is(activate_sources('c') ->> 'requests', '5000', 'the floor is kept');

update fill_cycles set status = 'completed', completed_at = now();
select is((select count(new_pages_budget) from source_hosts), 0::bigint, 'when the cycle has ended there is no budget');
select is(activate_sources('c') ->> 'why', 'the cycle has ended', 'and none is made in its name');

select * from finish();
rollback;
