begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

delete from vehicles;
delete from private.host_metrics;
delete from private.host_yields;
delete from private.yields_counted;
insert into vehicles (discovery_url, created_at) select 'https://cars.example/' || n, private.metrics_slot(now()) - interval '1 hour' from generate_series(1, 8) n;
insert into vehicles (discovery_url, created_at) values ('https://cars.example/just-now', now()), ('https://cars.example/long-ago', now() - interval '8 days');
insert into private.host_metrics (host, began_at, pages, new_pages) values
  ('cars.example', private.metrics_slot(now()) - interval '1 hour', 30, 20), ('cars.example', private.metrics_slot(now()), 5, 5);

select private.count_yields();
select results_eq($$select host, round(requests), round(vehicles) from private.host_yields$$, $$values ('cars.example', 20::numeric, 8::numeric)$$,
  'vehicles that came and pages of new listings that were asked for, of the last week, in whole slots');
select private.count_yields();
select results_eq($$select round(requests), round(vehicles) from private.host_yields$$, $$values (20::numeric, 8::numeric)$$, 'nothing is counted twice');
update private.yields_counted set up_to = up_to - interval '7 days';
update private.host_yields set counted_to = counted_to - interval '7 days';
delete from vehicles; delete from private.host_metrics;
insert into private.host_metrics (host, began_at, pages, new_pages) values ('cars.example', private.metrics_slot(now()) - interval '20 minutes', 10, 10);
select private.count_yields();
select results_eq($$select round(requests), round(vehicles) from private.host_yields$$, $$values (20::numeric, 4::numeric)$$, 'what is a week old counts for a half');
select is(round(private.smoothed_yield(0, 0), 2), 0.50, 'of which nothing is known stands in the middle');
select is(round(private.smoothed_yield(900, 1000), 2), 0.90, 'of which much is known stands where it stands');
select cmp_ok(private.smoothed_yield(0, 5), '>', private.smoothed_yield(0, 500), 'a little in vain says little');

select * from finish();
rollback;
