begin;
create extension if not exists pgtap with schema extensions;
select plan(7);

set local vehicles.writer = 'import';
insert into vehicles (discovery_url, year, make, model) select 'https://a.example/' || n, 2004, 'Audi', 'A4' from generate_series(1, 2) n;
update vehicle_quality_scores set overall_score = 90 where vehicle_id = (select id from vehicles where discovery_url = 'https://a.example/1');
insert into scraping_health (source, host, url, outcome, ms, bytes)
select 'a', h, 'https://' || h, 'ok', 1, 1000000 from (values ('a.example'), ('a.example'), ('a.example'), ('b.example')) x(h);
insert into worker_invocations (function_name, request_id, invoked_at) select 'a-worker', n, now() from generate_series(1, 8) n;
insert into worker_invocations (function_name, request_id, invoked_at) values ('a-worker', 9, now() - interval '2 days');
create function pg_temp.priced(p_source text) returns numeric language sql as $$ select price from today_by_source where source = p_source $$;

select results_eq($$select vehicles_added, vehicles_complete from today_by_source where source = 'a.example'$$, $$values (2::bigint, 1::bigint)$$, 'of what was added it counts what is complete');
select results_eq($$select source, invocations from today_by_source order by 1$$, $$values ('a.example', 6.0), ('b.example', 2.0)$$, 'today''s invocations are shared out by the requests');
select is(pg_temp.priced('a.example'), null, 'without a rate there is no price');
insert into cost_rates (item, price, per) values ('invocation', 2, 1000);
select is(pg_temp.priced('a.example'), 0.012000, 'with one rate it is the price of that');
insert into cost_rates (item, price) values ('request', 0.01), ('gb_fetched', 10), ('gb_stored_month', 1);
select is(pg_temp.priced('a.example'), 0.072000, 'with all it is their sum');
select is((select price_of_a_vehicle from today_by_source where source = 'a.example'), 0.036, 'and the price of a vehicle is its part of it');
select is((select price_of_a_vehicle from today_by_source where source = 'b.example'), null, 'a site that brought none has no price of one');

select * from finish();
rollback;
