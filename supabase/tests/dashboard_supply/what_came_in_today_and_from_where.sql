begin;
create extension if not exists pgtap with schema extensions;
select plan(6);

insert into auth.users (id, email, raw_app_meta_data) values ('00000000-0000-4000-8000-00000000000a', 'a@example.com', '{"role": "operator"}');
select set_config('request.jwt.claims', '{"role": "authenticated", "sub": "00000000-0000-4000-8000-00000000000a", "app_metadata": {"role": "operator"}}', true);
create function pg_temp.day(p_ago integer) returns timestamptz language sql as $$ select date_trunc('day', now(), 'UTC') - p_ago * interval '1 day' $$;

insert into dashboard_samples (series, subject, step, at, value)
select s.series, h.subject, 'day', pg_temp.day(d), h.value * case when d = 0 then 1 else 2 end
from unnest('{vehicles_added,listings_found}'::text[]) s(series), (values ('', 40), ('a.example', 30), ('b.example', 10)) h(subject, value), generate_series(0, 15) d;
insert into dashboard_parts (part, counted_to) values ('listings', now());
insert into listing_feeds (url, failures, last_outcome, last_error, last_checked_at) values ('https://a.example/list', 2, 'timeout', 'no answer', now());

select is(dashboard_supply() #>> '{summary,vehicles_added_today}', '40', 'today');
select is(dashboard_supply() #>> '{summary,vehicles_added_yesterday}', '80', 'yesterday');
select results_eq($$select r ->> 'title', r #>> '{values,vehicles_today}', r #>> '{values,listings_usual}' from jsonb_array_elements(dashboard_supply() -> 'rows') r where r ->> 'key' like 'site %'$$,
  $$values ('a.example', '30', '60.0'), ('b.example', '10', '20.0')$$, 'from where, and what is usual');
select is(dashboard_supply() #>> '{rows,0,title}', 'https://a.example/list', 'a list that fails stands first');
select is((select jsonb_agg(a ->> 'rpc') from jsonb_array_elements(dashboard_supply() #> '{rows,0,actions}') a), '["operator_check_feed", "operator_switch_feed"]', 'with what may be done');
select is((select (dashboard_supply('60d') #> '{series,0,y,0,values}') -> 60), '40', 'the last step of its chart is today');

select * from finish();
rollback;
