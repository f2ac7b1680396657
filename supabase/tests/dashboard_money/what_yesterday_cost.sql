begin;
create extension if not exists pgtap with schema extensions;
select plan(8);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

insert into dashboard_samples (series, subject, step, at, value) values
  ('requests', '', 'day', pg_temp.day(1), 1000), ('requests', 'a.example', 'day', pg_temp.day(1), 750), ('requests', 'b.example', 'day', pg_temp.day(1), 250),
  ('bytes_fetched', '', 'day', pg_temp.day(1), 2e9), ('bytes_fetched', 'a.example', 'day', pg_temp.day(1), 2e9),
  ('invocations', '', 'day', pg_temp.day(1), 400), ('vehicles_added', 'a.example', 'day', pg_temp.day(1), 10),
  ('requests', '', 'day', pg_temp.day(0), 100), ('requests', 'a.example', 'day', pg_temp.day(0), 100);
select is(dashboard_money() #>> '{summary,yesterday}', null, 'without a rate there is no price');
select matches(dashboard_money() ->> 'says', '^1,000 requests yesterday, 100 today; no price', 'but what was used');
insert into cost_rates (item, price, per) values ('request', 1, 1000), ('gb_fetched', 0.5, 1), ('invocation', 1, 400);
select is((dashboard_money() #>> '{summary,yesterday}')::numeric, 1 + 1 + 1::numeric, 'requests, gigabytes and invocations, by their rates');
insert into dashboard_samples (series, step, at, value) values ('bytes_stored', 'day', pg_temp.day(1), 1e9);
select matches(dashboard_money() ->> 'says', 'without storage, for which there is no rate$', 'what has no rate is named');
select is((dashboard_money() #>> '{summary,today}')::numeric, 0.1, 'today so far');
select results_eq($$select r ->> 'title', round((r #>> '{values,price_yesterday}')::numeric, 2) from jsonb_array_elements(dashboard_money() -> 'rows') r order by 1$$,
  $$values ('a.example', 2.50), ('b.example', 0.50)$$, 'by site: invocations are shared out by requests');
select is((select (r #>> '{values,price_per_vehicle}')::numeric from jsonb_array_elements(dashboard_money() -> 'rows') r where r ->> 'title' = 'a.example'), 0.25, 'and what a vehicle cost');
select is(jsonb_path_query_array(dashboard_money(), '$.series[*].name'), '["requests", "bytes_fetched", "invocations", "price"]', 'its charts');

select * from finish();
rollback;
